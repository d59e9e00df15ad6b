"""A policy that ends early leaves no booking without cover."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from care.steps import (
    HOUR,
    ask,
    begin,
    book,
    cover_several_families,
    facts_after,
    finish,
    insure_anew,
    last_ids,
    messages_after,
    offer,
    row,
    start,
)
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import CareKind, Level
from sharecare.care.models import Booking, CareRequest
from sharecare.care.offers import accept_offer
from sharecare.care.policy_end import PolicyEnding, count_reaching, end_policy_early
from sharecare.insurance.ending import CareUnderPolicy, WrongPolicyEnd
from sharecare.insurance.models import Cover, CoverEntry, Policy, PolicyUsage
from sharecare.insurance.service import NoPolicy
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.verify import verify
from world import NOW, Family, World

M = MessageKind
DAY = timedelta(days=1)


async def end(world: World, at: datetime, policy_id: int = 1) -> PolicyEnding:
    """End the area's first policy."""
    return await world.do(lambda s: end_policy_early(s, by=world.staff, policy_id=policy_id, ends_at=at, now=world.now))


async def policies_used(world: World) -> Sequence[tuple[int, int]]:
    """Return each policy's supports and premium."""
    async with world.database.read() as session:
        usage = await session.exec(select(PolicyUsage).order_by(col(PolicyUsage.policy_id)))
        return [(one.supports, one.premium_yen) for one in usage]


async def whole(world: World) -> bool:
    async with world.database.read() as session:
        return await verify(session) == []


async def test_a_booking_moves_to_a_policy_that_takes_it_and_both_sides_hear(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await insure_anew(world)
    fact_id, message_id = await last_ids(world)

    ending = await end(world, world.now)

    assert (ending.moved, ending.cancelled) == (1, 0)
    moved = await row(world, Booking, booking.id)
    cover, before = await row(world, Cover, moved.cover_id), await row(world, Cover, booking.cover_id)
    assert (moved.state, cover.policy_id, cover.state, before.state) == ("confirmed", 2, "bound", "voided")
    assert (cover.start_at, cover.end_at) == (booking.start_at, booking.end_at)
    async with world.database.read() as session:
        lines = await session.exec(select(CoverEntry).where(CoverEntry.cover_id == before.id))
        assert [line.data.get("reason") for line in lines][-1] == "policy_ended"
    assert [supports for supports, _ in await policies_used(world)] == [0, 1]
    assert await facts_after(world, fact_id) == [FactKind.POLICY_ENDED, FactKind.COVER_MOVED]
    told = {(who.person_id, M.COVER_MOVED): 1 for who in (family.actor, helper)}
    assert await messages_after(world, message_id) == told
    assert await whole(world)
    world.now = booking.start_at
    await start(world, helper, moved)
    world.now = booking.end_at
    assert (await finish(world, helper, moved)).state == "completed"
    assert await whole(world)


async def test_a_booking_that_no_policy_takes_is_cancelled_and_nothing_more_is_booked(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    later = await offer(world, helper, await ask(world, family, start_at=NOW + 5 * DAY, end_at=NOW + 5 * DAY + HOUR))
    fact_id, message_id = await last_ids(world)

    ending = await end(world, booking.end_at - HOUR / 2)

    assert (ending.moved, ending.cancelled) == (0, 1)
    cancelled = await row(world, Booking, booking.id)
    assert (cancelled.state, cancelled.cancelled_by) == ("cancelled", "staff")
    assert (await row(world, Cover, booking.cover_id)).state == "voided"
    assert (await row(world, CareRequest, booking.request_id)).state == "cancelled"
    assert await facts_after(world, fact_id) == [FactKind.POLICY_ENDED, FactKind.BOOKING_CANCELLED]
    told = {(who.person_id, M.COVER_LOST): 1 for who in (family.actor, helper)}
    assert await messages_after(world, message_id) == told
    with pytest.raises(NoPolicy):
        await world.do(partial(accept_offer, by=family.actor, offer_id=later.id, now=world.now))
    assert await whole(world)


async def test_a_booking_before_the_end_stays_as_it_is(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    assert await end(world, booking.end_at) == PolicyEnding(moved=0, cancelled=0)

    assert (await row(world, Booking, booking.id)).cover_id == booking.cover_id
    assert await whole(world)


async def test_what_has_begun_under_a_policy_stays_insured_by_it(world: World, family: Family, helper: Actor) -> None:
    booking = await begin(world, family, helper)

    with pytest.raises(CareUnderPolicy):
        await end(world, booking.end_at - HOUR / 2)

    assert (await end(world, booking.end_at)) == PolicyEnding(moved=0, cancelled=0)
    assert await whole(world)


async def test_a_policy_ends_neither_in_the_past_nor_later_than_it_would(world: World) -> None:
    until = (await row(world, Policy, 1)).valid_until

    for at in (world.now - HOUR, until, until + HOUR):
        with pytest.raises(WrongPolicyEnd):
            await end(world, at)

    await end(world, until - HOUR)
    with pytest.raises(WrongPolicyEnd):
        await end(world, until - HOUR)


async def test_a_group_moves_only_to_a_policy_that_covers_several_families(world: World) -> None:
    await cover_several_families(world)
    helper = await world.supporter("Bob", level=Level.REGISTERED, capacity=3)
    bookings = []
    for name in ("Alice", "Carol"):
        family = await world.family(name)
        await world.befriend(family.actor, helper)
        request = await ask(
            world, family, kind=CareKind.OWN_HOME, with_others=True, named_supporter_id=helper.person_id
        )
        await offer(world, helper, request)
        async with world.database.read() as session:
            bookings.append((await session.exec(select(Booking).where(Booking.request_id == request.id))).one())

    # What is left is the first policy, for one family at a time.
    assert await end(world, world.now, policy_id=2) == PolicyEnding(moved=0, cancelled=2)
    assert {(await row(world, Booking, one.id)).state for one in bookings} == {"cancelled"}
    assert await whole(world)


async def test_staff_see_how_many_bookings_an_end_concerns(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    async with world.database.read() as session:
        counts = [
            await count_reaching(session, policy_id=1, ends_at=at) for at in (booking.end_at - HOUR / 2, booking.end_at)
        ]

    assert counts == [1, 0]
