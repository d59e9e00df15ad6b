"""Aggregates: counted with every move of a cover, told at 80%, refused at 100%."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from insurance.desk import DRAFT, END, HOUR, NOW, START, SUPPORT, Desk
from sharecare.accounts.service import appoint_staff
from sharecare.db import Database
from sharecare.insurance.queries import policy_by_id, policy_standing
from sharecare.insurance.schedule import (
    Aggregate,
    Crossing,
    Exclusion,
    Loss,
    Peril,
    Point,
    Schedule,
    Tariff,
    crossings,
    exhausted,
    points_of,
)
from sharecare.insurance.usage import AggregateReached, usage_of, use
from sharecare.messages.models import Message

NOTHING = dict.fromkeys(Aggregate, 0)
TARIFF = Tariff(per_support_yen=30, per_hour_yen=40)  # the support of 90 minutes: 30 + 60


async def desk_with(database: Database, **schedule: Any) -> Desk:
    draft = DRAFT.model_copy(update={"schedule": Schedule.model_validate({"tariff": TARIFF} | schedule)})
    desk = await Desk.opened(database, draft)
    await database.write(lambda session: appoint_staff(session, email=desk.person.email, area_id=desk.area.id, now=NOW))
    return desk


async def used(desk: Desk) -> dict[str, tuple[int, bool, bool]]:
    async with desk.database.read() as session:
        standing = await policy_standing(session, await policy_by_id(session, desk.policy.id))
    return {one.aggregate: (one.used, one.is_near, one.is_reached) for one in standing.aggregates}


async def told(desk: Desk) -> list[tuple[str, str, int]]:
    async with desk.database.read() as session:
        messages = await session.exec(select(Message).order_by(col(Message.id)))
        return [(one.kind, one.facts["aggregate"], one.facts["percent"]) for one in messages]


@pytest.mark.parametrize(("minutes", "expected"), [(0, 30), (60, 70), (90, 90), (61, 71), (1, 31)])
def test_premium_is_rounded_up_to_the_yen(minutes: int, expected: int) -> None:
    assert TARIFF.premium_yen(minutes) == expected


@pytest.mark.parametrize(
    ("limits", "used_up", "expected"),
    [
        ({}, {Aggregate.SUPPORTS: 10**6}, None),
        ({"supports_limit": 5}, {Aggregate.SUPPORTS: 4}, None),
        ({"supports_limit": 5}, {Aggregate.SUPPORTS: 5}, Aggregate.SUPPORTS),
        ({"premium_limit_yen": 100}, {Aggregate.PREMIUM: 10}, None),
        ({"premium_limit_yen": 100}, {Aggregate.PREMIUM: 11}, Aggregate.PREMIUM),
        ({"claims_limit_yen": 100}, {Aggregate.CLAIMS: 99}, None),
        ({"claims_limit_yen": 100}, {Aggregate.CLAIMS: 100}, Aggregate.CLAIMS),
    ],
)
def test_one_more_support_needs_room_in_every_aggregate(
    limits: dict[str, int], used_up: dict[Aggregate, int], expected: Aggregate | None
) -> None:
    assert exhausted(Schedule.model_validate(limits), NOTHING | used_up, premium_yen=90) == expected


@pytest.mark.parametrize(
    ("before", "after", "reached"),
    [(0, 79, []), (79, 80, [False]), (80, 99, []), (79, 100, [True]), (99, 100, [True]), (100, 120, []), (90, 70, [])],
)
def test_a_mark_is_told_when_it_is_passed_and_not_again(before: int, after: int, reached: list[bool]) -> None:
    schedule = Schedule(supports_limit=100)

    found = crossings(schedule, NOTHING | {Aggregate.SUPPORTS: before}, NOTHING | {Aggregate.SUPPORTS: after})

    assert found == [Crossing(Aggregate.SUPPORTS, after, 100)] * len(reached)
    assert [one.is_reached for one in found] == reached


LOSS = Loss(Peril.PROPERTY, inside_window=True, in_force=True, circumstances=frozenset(), amount_yen=20_000)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"inside_window": False}, [Point.OUTSIDE_WINDOW]),
        ({"in_force": False}, [Point.NEVER_IN_FORCE]),
        ({"circumstances": frozenset({Exclusion.DRIVING, Exclusion.ILLNESS})}, [Point.EXCLUDED]),
        ({"circumstances": frozenset({Exclusion.INTENT})}, []),
        ({"amount_yen": 5_000}, [Point.BELOW_DEDUCTIBLE]),
        ({"amount_yen": 0}, []),
        ({"amount_yen": 30_001}, [Point.ABOVE_LIMIT]),
    ],
)
def test_a_claim_is_held_against_the_policy_as_data(change: dict[str, Any], expected: list[Point]) -> None:
    schedule = Schedule(deductibles_yen={Peril.PROPERTY: 5_000}, exclusions=(Exclusion.DRIVING,))

    assert points_of(30_000, schedule, replace(LOSS, **change)) == expected


def test_a_peril_that_the_policy_does_not_insure_is_pointed_out() -> None:
    assert points_of(0, Schedule(), replace(LOSS, peril=Peril.INJURY)) == [Point.NOT_INSURED]


async def test_covers_use_up_supports_and_premium_and_give_back_what_was_voided(database: Database) -> None:
    desk = await desk_with(database)
    one, two, three = [await desk.bind() for _ in range(3)]
    await desk.amend(one, END + HOUR)
    await desk.amend(two, END - HOUR)
    await desk.void(three)

    assert await used(desk) == {
        "supports": (2, False, False),
        "premium": (90 + 40 + 90 - 40, False, False),
        "claims": (0, False, False),
    }
    premiums = [(line.kind, line.data.get("premium_yen")) for line in await desk.lines()]
    assert premiums[-3:] == [("amended", 130), ("amended", 50), ("voided", 0)]


async def test_staff_hear_at_80_percent_and_at_the_end_and_then_nothing_is_bound(database: Database) -> None:
    desk = await desk_with(database, supports_limit=5)
    for _ in range(5):
        await desk.bind()

    with pytest.raises(AggregateReached) as refused:
        await desk.bind()

    assert await told(desk) == [("aggregate_near", "supports", 80), ("aggregate_reached", "supports", 100)]
    assert (await used(desk))["supports"] == (5, True, True)
    assert refused.value.facts["aggregate"] == "supports"
    assert len(await desk.lines()) == 10


async def test_parallel_bindings_never_pass_the_limit(database: Database) -> None:
    # With the room looked at before the policy's row is held, PostgreSQL bound 11 where there was room for 7.
    desk = await desk_with(database, supports_limit=7)

    outcomes = await asyncio.gather(*(desk.bind() for _ in range(20)), return_exceptions=True)

    assert sum(isinstance(one, AggregateReached) for one in outcomes) == 13
    assert (await used(desk))["supports"] == (7, True, True)


async def test_an_extension_of_what_has_not_begun_is_held_to_the_limit(database: Database) -> None:
    # Every extension went beyond the limit, also one that was agreed on days before.
    desk = await desk_with(database, premium_limit_yen=100, supports_limit=1)
    cover = await desk.bind()

    with pytest.raises(AggregateReached):
        await desk.amend(cover, END + HOUR)
    await desk.amend(cover, END - HOUR / 2)
    await desk.amend(cover, END)

    assert (await used(desk))["premium"] == (90, True, False)


async def test_an_extension_of_a_care_under_way_is_never_refused_over_a_premium(database: Database) -> None:
    desk = await desk_with(database, premium_limit_yen=90)
    cover = await desk.bind()
    await desk.start(cover)

    await desk.amend(cover, END + HOUR, now=START)

    assert (await used(desk))["premium"] == (130, True, True)


async def test_claims_that_reach_their_limit_leave_no_room(database: Database) -> None:
    desk = await desk_with(database, claims_limit_yen=1_000)

    async def work(session: AsyncSession) -> None:
        policy = await policy_by_id(session, desk.policy.id)
        await use(session, policy, await usage_of(session, policy.id), claims_yen=1_000, now=NOW)

    await database.write(work)

    with pytest.raises(AggregateReached):
        await desk.bind(SUPPORT)
    assert await told(desk) == [("aggregate_reached", "claims", 100)]
