"""Waves, cancellation, handover, and who sees what when."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlmodel import select

from care.steps import (
    HOUR,
    MINUTE,
    accept,
    ask,
    asks_of,
    begin,
    book,
    cancel,
    facts_after,
    finish,
    get_ready,
    last_ids,
    messages_after,
    offer,
    pin_of,
    row,
    start,
)
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.care.booking_schemas import CostLineDraft, OpenDetails, Settlement
from sharecare.care.care_day import TooLateToStart, record_thanks
from sharecare.care.handovers import PinLocked, PinNeeded, WrongPin
from sharecare.care.models import Booking, BookingChild, CareRequest, Offer
from sharecare.care.queries import booking_view, handover_pins
from sharecare.care.rules import CareEnd, CostKind, HandoverBy, NotNow, TooEarly
from sharecare.care.waves import expire_if_run_out
from sharecare.insurance.models import Cover
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.registration.service import invite_guardian, join_family
from sharecare.trust.blocks import block
from world import KEY, Family, World, a_person

M = MessageKind


async def details(world: World, booking: Booking, actor: Actor) -> OpenDetails | None:
    async with world.database.read() as session:
        return (await booking_view(session, booking.id, by=actor, now=world.now)).details


async def test_a_supporter_who_cannot_come_tells_the_family_and_the_next_circle_is_asked_at_once(
    world: World, family: Family, helper: Actor
) -> None:
    passed_over = await world.supporter("Carol", level=Level.REGISTERED)
    stranger = await world.supporter("Dave")
    await world.befriend(family.actor, passed_over)
    request = await ask(world, family)
    await offer(world, passed_over, request)
    booking = await accept(world, family, await offer(world, helper, request))
    fact_id, message_id = await last_ids(world)

    await cancel(world, helper, booking)

    assert await messages_after(world, message_id) == Counter(
        {
            (family.actor.person_id, M.SUPPORTER_CANNOT_COME): 1,
            (passed_over.person_id, M.REQUEST_REOPENED): 1,
            (stranger.person_id, M.ASKED): 1,
        }
    )
    assert await facts_after(world, fact_id) == [FactKind.BOOKING_CANCELLED, *[FactKind.WAVE_OPENED] * 2]
    assert await asks_of(world, request) == [
        (helper.person_id, "declined", True),
        (passed_over.person_id, "open", True),
        (stranger.person_id, "open", True),
    ]
    assert (await row(world, CareRequest, request.id)).state == "open"
    assert (await row(world, Offer, booking.offer_id)).state == "ended"
    assert (await row(world, Cover, booking.cover_id)).state == "voided"
    assert not (await row(world, BookingChild, (booking.id, family.child_ids[0]))).live
    again = await accept(world, family, await offer(world, passed_over, request))
    assert again.state == "confirmed"


async def test_a_family_that_cancels_closes_the_request(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    await cancel(world, family.actor, booking)

    assert (await row(world, Booking, booking.id)).cancelled_by == "family"
    assert (await row(world, CareRequest, booking.request_id)).state == "cancelled"
    assert (await row(world, Cover, booking.cover_id)).state == "voided"
    again = await book(world, family, helper)
    assert again.state == "confirmed"
    with pytest.raises(NotNow):
        await cancel(world, helper, booking)


async def test_a_named_supporters_yes_books_at_once_and_nobody_else_is_asked(
    world: World, family: Family, helper: Actor
) -> None:
    stranger = await world.supporter("Dave")
    request = await ask(world, family, named_supporter_id=stranger.person_id)

    await offer(world, stranger, request)

    assert await asks_of(world, request) == [(stranger.person_id, "offered", True)]
    assert (await row(world, CareRequest, request.id)).state == "booked"
    assert helper.person_id != stranger.person_id


async def test_a_direct_ask_across_a_block_is_taken_kept_back_and_expires(world: World, family: Family) -> None:

    blocker = await world.supporter("Dave")
    await world.do(lambda s: block(s, by=blocker, person_id=family.actor.person_id, now=world.now))
    _, message_id = await last_ids(world)

    request = await ask(world, family, named_supporter_id=blocker.person_id)
    world.now = request.start_at
    await world.do(lambda s: expire_if_run_out(s, request_id=request.id, now=world.now))

    assert await asks_of(world, request) == [(blocker.person_id, "closed", False)]
    assert await messages_after(world, message_id) == {(family.actor.person_id, M.REQUEST_EXPIRED): 1}


async def test_each_end_has_its_own_digits(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    world.now = booking.start_at

    with pytest.raises(WrongPin):
        await start(world, helper, booking, pin=pin_of(booking, CareEnd.FINISH))
    with pytest.raises(PinNeeded):
        await start(world, helper, booking, digits=False)
    started = await start(world, helper, booking)

    assert (started.state, started.pin_failures) == ("in_care", 1)


async def test_five_wrong_digits_lock_even_the_right_ones_out(world: World, family: Family, helper: Actor) -> None:
    # Without `keeps_writes` on WrongPin the count was rolled back with each refusal, and guessing had no end.
    booking = await book(world, family, helper)
    world.now = booking.start_at

    left = []
    for _ in range(4):
        with pytest.raises(WrongPin) as refused:
            await start(world, helper, booking, pin="wrong!")
        left.append(refused.value.facts["left"])

    assert left == [4, 3, 2, 1]
    for pin in ("wrong!", None):
        with pytest.raises(PinLocked):
            await start(world, helper, booking, pin=pin)


async def test_a_care_starts_inside_its_window_only(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    world.now = booking.start_at - timedelta(seconds=1)
    with pytest.raises(TooEarly):
        await start(world, helper, booking)
    world.now = booking.end_at
    with pytest.raises(TooLateToStart):
        await start(world, helper, booking)


async def test_a_nursery_needs_no_digits_and_every_guardian_is_told_at_once(
    world: World, family: Family, helper: Actor
) -> None:
    other = await world.do(lambda s: a_person(s, "Aaron"))
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
    await world.do(lambda s: join_family(s, by=other, token=token, now=world.now))
    by = {"handover_start": HandoverBy.INSTITUTION, "handover_finish": HandoverBy.INSTITUTION}
    booking = await book(world, family, helper, **by)
    async with world.database.read() as session:
        pins = await handover_pins(session, booking.id, key=KEY)
    world.now = booking.start_at
    await get_ready(world, helper, booking)
    _, message_id = await last_ids(world)

    await start(world, helper, booking, digits=False)

    assert (pins.start, pins.finish) == (None, None)
    told = {(guardian, M.HANDED_OVER): 1 for guardian in (family.actor.person_id, other.person_id)}
    assert await messages_after(world, message_id) == told


async def test_thanks_are_recorded_once(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    lines = Settlement(
        lines=[CostLineDraft(kind=CostKind.THANKS, yen=1000), CostLineDraft(kind=CostKind.FOOD, yen=200)]
    )

    async def thank() -> Booking:
        return await world.do(
            lambda s: record_thanks(s, by=family.actor, booking_id=booking.id, settlement=lines, now=world.now)
        )

    with pytest.raises(NotNow):
        await thank()
    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at
    await finish(world, helper, booking)
    await thank()
    with pytest.raises(NotNow):
        await thank()

    async with world.database.read() as session:
        view = await booking_view(session, booking.id, by=family.actor, now=world.now)
    assert [(line.kind, line.yen) for line in view.costs] == [(CostKind.THANKS, 1000), (CostKind.FOOD, 200)]


async def test_details_are_for_the_two_sides_until_a_day_after_the_care(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    alice, bob = family.actor, helper
    assert [await details(world, booking, who) is None for who in (alice, bob, world.staff)] == [False, False, True]

    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at
    await finish(world, helper, booking)

    world.now = booking.end_at + timedelta(hours=24) - timedelta(seconds=1)
    assert [await details(world, booking, who) is None for who in (alice, bob, world.staff)] == [False, False, True]
    world.now = booking.end_at + timedelta(hours=24)
    assert [await details(world, booking, who) is None for who in (alice, bob)] == [True, True]


async def test_details_of_a_care_that_never_began_close_a_day_after_its_window(
    world: World, family: Family, helper: Actor
) -> None:
    # They stayed open for ever: address, phone and the child's name of every no-show.
    booking = await book(world, family, helper)

    world.now = booking.end_at + timedelta(hours=24)

    assert await details(world, booking, helper) is None


async def test_details_close_at_once_on_cancellation(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    await cancel(world, family.actor, booking)

    assert [await details(world, booking, who) for who in (family.actor, helper)] == [None, None]


async def test_a_care_that_runs_over_keeps_its_details(world: World, family: Family, helper: Actor) -> None:
    booking = await begin(world, family, helper)

    world.now = booking.end_at + timedelta(hours=30)

    assert await details(world, booking, helper) is not None
    world.now = booking.end_at + timedelta(days=7)
    assert await details(world, booking, helper) is None  # they stayed for ever where nobody recorded the end


async def test_a_block_closes_no_details(world: World, family: Family, helper: Actor) -> None:
    # They vanished from a booking that looked as before, which nothing but a block does.
    over = await book(world, family, helper)
    ahead = await book(world, family, helper, start_at=over.start_at + 24 * HOUR, end_at=over.end_at + 24 * HOUR)
    world.now = over.start_at
    await start(world, helper, over)
    world.now = over.end_at
    await finish(world, helper, over)
    await world.do(lambda s: block(s, by=helper, person_id=family.actor.person_id, now=world.now))

    assert [await details(world, one, family.actor) is None for one in (over, ahead)] == [False, False]

    await cancel(world, helper, ahead)
    assert await details(world, ahead, family.actor) is None


async def test_an_open_gap_reaches_the_areas_staff(world: World, family: Family, helper: Actor) -> None:
    booking = await begin(world, family, helper)
    _, message_id = await last_ids(world)

    world.now = booking.end_at + 31 * MINUTE  # one more than the policy's grace
    await finish(world, helper, booking)

    told = await messages_after(world, message_id)
    assert told == {(family.actor.person_id, M.CARE_COMPLETED): 1, (world.staff.person_id, M.COVER_GAP_OPEN): 1}
    async with world.database.read() as session:
        [state] = await session.exec(select(Cover.state).where(Cover.id == booking.cover_id))
    assert state == "ended"
