"""What must hold for every policy on every world: nothing lost, nobody in two places."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sharecare.simulate import PACED_WAVES, POLICIES, Behaviour, Policy, Rules
from sharecare.simulate.model import Course
from sharecare.simulate.run import live
from simulate.hamlets import EAGER, HAMLET, SILENT

ALL = (*POLICIES, PACED_WAVES)
DAYS = 10


def _courses(policy: Policy, behaviour: Behaviour | None = None) -> list[Course]:
    return [live(HAMLET.world(seed, DAYS), policy, behaviour or Behaviour(), Rules()) for seed in (1, 2)]


@pytest.mark.parametrize("policy", ALL, ids=lambda policy: policy.name)
def test_every_request_ends_once_and_in_time(policy: Policy) -> None:
    needs = HAMLET.world(1, DAYS).needs

    outcomes = _courses(policy)[0].outcomes

    assert [outcome.need.number for outcome in outcomes] == [need.number for need in needs]
    assert all(outcome.filled == (outcome.booked_at is not None) for outcome in outcomes)
    booked = [outcome for outcome in outcomes if outcome.booked_at is not None]
    assert booked
    last = Rules().give_up_before_min
    assert all(one.need.opened_at <= (one.booked_at or 0) <= one.need.query.start - last for one in booked)


@pytest.mark.parametrize("behaviour", [Behaviour(), EAGER], ids=["as assumed", "eager"])
@pytest.mark.parametrize("policy", ALL, ids=lambda policy: policy.name)
def test_nobody_is_booked_twice_within_the_buffer(policy: Policy, behaviour: Behaviour) -> None:
    # Without `set_busy` after a booking the eager town fails this.
    for course in _courses(policy, behaviour):
        windows: dict[int, list[tuple[int, int]]] = {}
        for outcome in course.outcomes:
            if outcome.supporter_id is not None:
                query = outcome.need.query
                windows.setdefault(outcome.supporter_id, []).append((query.start, query.end + query.buffer_min))
        for mine in windows.values():
            mine.sort()
            assert all(end <= start for (_, end), (start, _) in pairwise(mine))


def test_nobody_exceeds_the_days_limit() -> None:
    course = live(HAMLET.world(1, DAYS), POLICIES[0], EAGER, Rules(bookings_a_day=1))

    days = [(one.supporter_id, (one.need.query.start + 540) // 1440) for one in course.outcomes if one.filled]

    assert len(days) == len(set(days))


@pytest.mark.parametrize("policy", ALL, ids=lambda policy: policy.name)
def test_a_town_that_never_answers_fills_nothing(policy: Policy) -> None:
    course = _courses(policy, SILENT)[0]

    assert not any(outcome.filled for outcome in course.outcomes)
    assert sum(outcome.asked for outcome in course.outcomes) > 0


def test_a_town_that_answers_at_once_fills_all_that_anyone_could_do() -> None:
    for course in _courses(POLICIES[0], EAGER):
        assert [outcome.filled for outcome in course.outcomes] == [outcome.reachable for outcome in course.outcomes]
        assert any(outcome.filled for outcome in course.outcomes)


@pytest.mark.parametrize("policy", ALL, ids=lambda policy: policy.name)
def test_messages_count_each_person_once_a_request(policy: Policy) -> None:
    course = _courses(policy)[0]

    counted = [outcome for outcome in course.outcomes if outcome.need.counted]
    assert sum(course.messages.values()) == sum(outcome.asked for outcome in counted)
    supporters = set(HAMLET.world(1, DAYS).supporters)
    assert set(course.messages) <= supporters
    assert max(outcome.asked for outcome in counted) <= len(supporters)


def test_living_changes_nothing_in_the_world() -> None:
    world = HAMLET.world(3, DAYS)
    before = [world.index.rank(need.query) for need in world.needs]

    live(world, POLICIES[0], EAGER, Rules())

    for earlier, need in zip(before, world.needs, strict=True):
        assert np.array_equal(earlier.person_ids, world.index.rank(need.query).person_ids)


def test_friends_are_asked_before_others_unless_urgent() -> None:
    # Friends who offer within half an hour spare the town the other two waves.
    waves = {one.name: live(HAMLET.world(1, DAYS), one, Behaviour(), Rules()) for one in POLICIES}

    calm = [number for number, one in enumerate(waves["waves"].outcomes) if not Rules().urgent(one.need)]

    asked = {name: sum(course.outcomes[number].asked for number in calm) for name, course in waves.items()}
    assert asked["waves"] < asked["broadcast"]


def test_waves_go_on_as_soon_as_all_have_said_no_and_rest_where_nobody_answers() -> None:
    # An urgent request was left to the best few, and friends who refused at once held the others up for half an hour.
    rules, refusing = Rules(most_asked=2), replace(SILENT, declines=1.0, delay_median_min=0.0)
    broadcast, waves = POLICIES[0], POLICIES[2]

    def asked(policy: Policy, behaviour: Behaviour) -> list[int]:
        return [one.asked for one in live(HAMLET.world(1, DAYS), policy, behaviour, rules).outcomes]

    everyone = asked(broadcast, refusing)
    assert asked(waves, refusing) == everyone
    assert sum(asked(waves, SILENT)) < sum(everyone)
