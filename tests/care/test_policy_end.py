"""A policy that ends early leaves no booking without cover."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from care.steps import (
    HOUR,
    MINUTE,
    ask,
    begin,
    book,
    cancel,
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
from incidents.scene import Scene
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import CareKind, Level
from sharecare.care.models import Booking, CareRequest
from sharecare.care.offers import accept_offer
from sharecare.care.policy_end import CareUnderPolicy, PolicyEnding, end_policy_early, reach_of
from sharecare.incidents.service import report_incident
from sharecare.insurance.ending import WrongPolicyEnd
from sharecare.insurance.models import Cover, CoverEntry, Policy, PolicyUsage
from sharecare.insurance.queries import cover_view, validity
from sharecare.insurance.service import NoPolicy
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.verify import verify
from world import NOW, TERMS, Family, World

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


async def test_what_has_begun_under_a_policy_stays_insured_by_it_grace_included(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await begin(world, family, helper)
    covered_until = booking.end_at + TERMS.grace_minutes * MINUTE

    for at in (booking.end_at - HOUR / 2, covered_until - MINUTE):
        with pytest.raises(CareUnderPolicy):
            await end(world, at)

    assert await end(world, covered_until) == PolicyEnding(moved=0, cancelled=0)
    assert await whole(world)


async def test_what_should_have_begun_counts_as_begun_though_nobody_recorded_it(
    world: World, family: Family, helper: Actor
) -> None:
    # Its new cover was bound after the care began, and `verify` found a care without cover once staff put it down.
    booking = await book(world, family, helper)
    await insure_anew(world)
    world.now = booking.start_at + 20 * MINUTE

    with pytest.raises(CareUnderPolicy):
        await end(world, world.now)


async def test_what_has_an_incident_on_record_keeps_its_policy(world: World, family: Family, helper: Actor) -> None:
    # A claim stayed with the old policy while its booking's cover was the new one's; withdrawn, it could come back.
    booking = await book(world, family, helper, start_at=NOW + 40 * DAY, end_at=NOW + 40 * DAY + HOUR)
    scene = Scene(world, family, helper, booking)
    draft = scene.draft(occurred_at=NOW)  # when they met before it
    incident = await world.do(partial(report_incident, by=helper, booking_id=booking.id, draft=draft, now=world.now))
    await scene.move(await scene.claim(incident), state="withdrawn")
    await insure_anew(world)

    with pytest.raises(CareUnderPolicy):
        await end(world, world.now)

    assert (await row(world, Booking, booking.id)).cover_id == booking.cover_id
    assert await whole(world)


async def test_a_policy_ends_neither_in_the_past_nor_later_than_it_would(world: World) -> None:
    until = (await row(world, Policy, 1)).valid_until

    for at in (world.now - HOUR, until, until + HOUR):
        with pytest.raises(WrongPolicyEnd):
            await end(world, at)

    await end(world, until - HOUR)
    with pytest.raises(WrongPolicyEnd):
        await end(world, until - HOUR)


@pytest.fixture
async def group(world: World) -> list[tuple[Family, Booking]]:
    """Let two families' children be with one supporter, under the area's second policy."""
    await cover_several_families(world)
    helper = await world.supporter("Bob", level=Level.REGISTERED, capacity=3)
    found = []
    for name in ("Alice", "Carol"):
        family = await world.family(name)
        await world.befriend(family.actor, helper)
        request = await ask(
            world, family, kind=CareKind.OWN_HOME, with_others=True, named_supporter_id=helper.person_id
        )
        await offer(world, helper, request)
        async with world.database.read() as session:
            found.append((family, (await session.exec(select(Booking).where(Booking.request_id == request.id))).one()))
    return found


async def test_a_group_that_the_other_policy_does_not_cover_goes_on_with_one_family(
    world: World, group: Sequence[tuple[Family, Booking]]
) -> None:
    # What is left is the first policy, for one family at a time.
    assert await end(world, world.now, policy_id=2) == PolicyEnding(moved=1, cancelled=1)

    assert [(await row(world, Booking, one.id)).state for _, one in group] == ["cancelled", "confirmed"]
    assert await whole(world)


async def test_a_group_moves_to_a_policy_with_room_for_the_children_who_come(
    world: World, group: Sequence[tuple[Family, Booking]]
) -> None:
    await insure_anew(world, number="SK-3", several_families=True, max_children=2)

    assert await end(world, world.now, policy_id=2) == PolicyEnding(moved=2, cancelled=0)

    assert [(await row(world, Booking, one.id)).group_capacity for _, one in group] == [2, 2]
    assert await whole(world)


async def test_whoever_was_left_alone_by_a_group_moves_like_anybody(
    world: World, group: Sequence[tuple[Family, Booking]]
) -> None:
    (_, one), (family, other) = group
    await cancel(world, family.actor, other)

    assert await end(world, world.now, policy_id=2) == PolicyEnding(moved=1, cancelled=0)
    assert (await row(world, Booking, one.id)).state == "confirmed"
    assert await whole(world)


async def test_a_cover_moves_on_the_level_that_the_supporter_holds_now(world: World, family: Family) -> None:
    helper = await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await world.certify(helper, Level.IDENTIFIED)
    await insure_anew(world, kinds=dict.fromkeys(CareKind, Level.IDENTIFIED))

    assert await end(world, world.now) == PolicyEnding(moved=1, cancelled=0)

    assert (await row(world, Booking, booking.id)).required_level == Level.IDENTIFIED
    assert await whole(world)


async def test_the_certificate_of_a_voided_cover_says_when_it_was_for(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await end(world, world.now)

    async with world.database.read() as session:
        cover = await cover_view(session, cover_id=booking.cover_id)
        shown = await validity(session, code=cover.code, now=booking.start_at)

    assert (shown.is_valid, shown.valid_from, shown.valid_until) == (False, booking.start_at, booking.end_at)


async def test_staff_see_how_many_bookings_an_end_concerns(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    async def reach(at: datetime) -> tuple[int, datetime | None]:
        async with world.database.read() as session:
            found = await reach_of(session, policy_id=1, ends_at=at, now=world.now)
            return len(found.covers), found.held_until

    assert [await reach(at) for at in (booking.end_at - HOUR / 2, booking.end_at)] == [(1, None), (0, None)]
    world.now = booking.start_at
    assert await reach(world.now) == (0, booking.end_at)
