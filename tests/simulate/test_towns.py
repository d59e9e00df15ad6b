from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sharecare.matching import Kind, Level
from sharecare.matching.files import Files
from sharecare.simulate import WAVES, Behaviour, Closure, FiledTown, GeneratedTown, Rules, TownSpec, plan, simulate
from sharecare.simulate.model import World
from sharecare.simulate.people import AS_ASSUMED
from sharecare.simulate.run import live
from sharecare.simulate.shape import SATURDAY, SUNDAY, WEEKDAY, Hours, shape_of
from sharecare.simulate.spec import FIRST_DAY
from sharecare.simulate.town import _levels
from simulate.hamlets import EAGER, HAMLET, SILENT

SUPPORTERS = """supporter_id,lat,lon,travel_radius_m,capacity,min_age_months,max_age_months,kinds,level,timezone,booked_minutes_28d
ann,35.8920,139.7332,3000,2,6,144,pickup;own_home,certified,Asia/Tokyo,0
ben,35.8960,139.7298,3000,2,6,144,pickup,identified,Asia/Tokyo,
"""  # noqa: E501  -- a line of a file
AVAILABILITY = """supporter_id,weekday,start,end,from_date,until_date
ann,0,16:00,20:00,,
ben,0,16:00,20:00,,
"""
LINKS = "a,b,strength\nann,cho,0.6\n"
COMMUNITIES = "person_id,community_id,weight\nben,nursery,0.2\ncho,nursery,0.2\n"
BOOKINGS = "supporter_id,start_at,end_at\nann,2026-06-08T17:00+09:00,2026-06-08T18:00+09:00\n"
REQUESTS = """request_id,requester_id,lat,lon,start_at,end_at,kind,children,youngest_months,oldest_months,max_distance_m,min_level,circle
r1,cho,35.8931,139.7321,2026-06-01T17:00+09:00,2026-06-01T18:00+09:00,pickup,1,40,40,3000,registered,friends
r2,cho,35.8931,139.7321,2026-06-08T17:00+09:00,2026-06-08T18:00+09:00,pickup,1,40,40,3000,registered,open
r3,cho,35.8931,139.7321,2026-06-08T18:00+09:00,2026-06-08T19:00+09:00,own_home,1,40,40,3000,registered,open
"""  # noqa: E501  -- a line of a file


def _filed(folder: Path, **more: str) -> FiledTown:
    texts = {
        "supporters": SUPPORTERS,
        "availability": AVAILABILITY,
        "links": LINKS,
        "requests": REQUESTS,
        "communities": COMMUNITIES,
        "bookings": BOOKINGS,
        **more,
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return FiledTown(Files(**{name: folder / f"{name}.csv" for name in texts}))


def test_a_town_on_files_is_lived_through_with_its_ties_and_bookings(tmp_path: Path) -> None:
    town = _filed(tmp_path)

    outcomes = live(town.world(1, 30), WAVES, EAGER, Rules()).outcomes

    # By opening: r1 finds a friend; r2 only Ben, for Ann is booked; r3 nobody, for her buffer runs on.
    by_start = sorted(outcomes, key=lambda one: one.need.query.start)
    ann, ben = town.world(1, 30).supporters
    assert [one.supporter_id for one in by_start] == [ann, ben, None]
    assert [one.acquainted for one in by_start] == [True, False, False]


def test_only_the_requests_of_the_simulated_days_are_lived_through(tmp_path: Path) -> None:
    town = _filed(tmp_path)

    assert len(town.world(1, 7).needs) == 1
    assert simulate(town, seeds=(1, 2), days=30).requests == 3


def test_bookings_on_file_count_towards_the_day_s_limit(tmp_path: Path) -> None:
    # Simulated people had none at first: with three bookings by noon Ben took a fourth in the evening.
    morning = "".join(f"ben,2026-06-08T{hour:02}:00+09:00,2026-06-08T{hour:02}:30+09:00\n" for hour in (6, 8, 10))
    town = _filed(tmp_path, bookings=BOOKINGS + morning)

    outcomes = live(town.world(1, 30), WAVES, EAGER, Rules()).outcomes

    ben = town.world(1, 30).supporters[1]
    assert ben not in [one.supporter_id for one in outcomes]


def test_bookings_that_overlap_count_one_by_one(tmp_path: Path) -> None:
    # They counted as one, where an acceptance counts each family of a group care.
    together = "".join(f"ben,2026-06-08T06:{minute}+09:00,2026-06-08T07:00+09:00\n" for minute in (10, 20, 30))
    town = _filed(tmp_path, bookings=BOOKINGS + together)

    outcomes = live(town.world(1, 30), WAVES, EAGER, Rules()).outcomes

    assert town.world(1, 30).supporters[1] not in [one.supporter_id for one in outcomes]


def test_a_filed_town_can_be_planned_for(tmp_path: Path) -> None:
    found = plan(_filed(tmp_path), 1.0, seeds=(1,), days=30, behaviour=EAGER)

    assert found.supporters == 2
    assert found.newcomers >= 1


def test_the_pilot_has_its_members_supporters_and_levels() -> None:
    world = GeneratedTown().world(1, 30)
    # Four a day for thirty days, within four standard deviations.
    assert len(world.supporters) == 40
    assert 80 < world.counted < 165
    assert Counter(_levels(TownSpec(), 40)) == {
        Level.CERTIFIED: 22,
        Level.TRAINED: 8,
        Level.IDENTIFIED: 7,
        Level.REGISTERED: 3,
    }


def test_needs_lie_in_the_hours_of_their_days() -> None:
    for need in GeneratedTown(TownSpec(warm_up_days=0)).world(2, 28).needs:
        wall = need.query.start + 540
        weekend = (wall // 1440 + 3) % 7 >= 5
        assert (9 if weekend else 7) * 60 <= wall % 1440 <= 17 * 60 + 30
        assert 7 * 60 <= (need.opened_at + 540) % 1440 < 22 * 60
        assert need.opened_at <= need.query.start - 60


def test_holidays_bring_more_needs_by_day() -> None:
    spec = TownSpec(members=600)
    school = GeneratedTown(spec).world(1, 20)
    holiday = GeneratedTown(replace(spec, holidays=((FIRST_DAY, FIRST_DAY + 30),))).world(1, 20)

    assert holiday.counted > school.counted
    assert shape_of(Hours(), FIRST_DAY + 5, holiday=True) is SATURDAY
    assert shape_of(Hours(), FIRST_DAY + 6, holiday=False) is SUNDAY
    assert shape_of(Hours(), FIRST_DAY, holiday=False) is WEEKDAY


def test_a_closure_makes_many_ask_on_the_evening_before() -> None:
    town = GeneratedTown(replace(HAMLET.spec, closures=(Closure(FIRST_DAY + 2, 9),)))

    plain, shut = HAMLET.world(1, 5), town.world(1, 5)

    assert shut.counted == plain.counted + 9
    evening = (FIRST_DAY + 1) * 1440 - 540 + 18 * 60
    asked = [need for need in shut.needs if evening <= need.opened_at < evening + 120]
    assert sum(need.query.kind in (Kind.OWN_HOME, Kind.CHILD_HOME) for need in asked) >= 9


@pytest.mark.parametrize("day", [FIRST_DAY - 3, FIRST_DAY + 5])
def test_a_closure_outside_the_period_changes_nothing(day: int) -> None:
    # One half a year later was lived through, and counted, in a simulation of a few days.
    town = GeneratedTown(replace(HAMLET.spec, closures=(Closure(day, 9),)))

    assert town.world(1, 5).needs == HAMLET.world(1, 5).needs


def test_families_ask_while_they_are_awake(tmp_path: Path) -> None:
    # They asked by 22:00 whenever the description let people sleep.
    asleep_by_six = replace(Behaviour(), wakes_min=10 * 60, sleeps_min=18 * 60)
    shut = GeneratedTown(replace(HAMLET.spec, closures=(Closure(FIRST_DAY + 2, 9),)))
    for town in (shut, _filed(tmp_path)):
        asked = {(need.opened_at + 540) % 1440 for need in town.world(1, 30, asleep_by_six).needs}
        assert asked
        assert all(10 * 60 <= minute < 18 * 60 for minute in asked)


def test_a_simulation_hands_its_behaviour_to_the_families() -> None:
    brief = replace(SILENT, wakes_min=12 * 60, sleeps_min=13 * 60)
    asked: list[int] = []

    class Noted(GeneratedTown):
        def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
            world = super().world(seed, days, behaviour)
            asked.extend((need.opened_at + 540) // 60 % 24 for need in world.needs)
            return world

    simulate(Noted(HAMLET.spec), [WAVES], seeds=(1,), days=2, behaviour=brief)
    plan(Noted(HAMLET.spec), 0.5, seeds=(1,), days=2, behaviour=brief)
    assert set(asked) == {12}


def test_the_same_people_live_in_every_month_of_a_fixed_town() -> None:
    town = GeneratedTown(replace(HAMLET.spec, people_seed=7))

    one, other = town.world(1, 5), town.world(2, 5)

    assert one.links == other.links
    assert one.needs != other.needs
