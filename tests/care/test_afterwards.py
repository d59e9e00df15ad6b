"""What is decided when a booking's agreed time is over: what really was, or that it never began."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from care.steps import (
    HOUR,
    MINUTE,
    begin,
    book,
    cancel,
    close_unstarted,
    facts_after,
    last_ids,
    messages_after,
    pin_of,
    record_afterwards,
    row,
)
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.care.afterwards import (
    NotOverYet,
    StartNeeded,
    StartOutsideAgreed,
    bookings_left_over,
    close_if_left_over,
    record_care,
)
from sharecare.care.at_risk import Risk, bookings_in_question
from sharecare.care.bookings import TooLateToCancel
from sharecare.care.care_day import EndInFuture, StillCovered, finish_care
from sharecare.care.day_models import CoverGap
from sharecare.care.models import Booking, CareRequest, Handover
from sharecare.care.queries import booking_view
from sharecare.care.rules import CareEnd, EndsBeforeItStarts, NotNow
from sharecare.insurance.models import Cover, CoverEntry
from sharecare.messages.rules import MessageKind
from sharecare.metrics.service import close_days, roll_up
from sharecare.registration.service import suspend
from sharecare.verify import verify
from world import KEY, Family, World

DAY = timedelta(days=1)


async def ledger_of(world: World, booking: Booking) -> list[str]:
    async with world.database.read() as session:
        lines = select(CoverEntry.kind).where(CoverEntry.cover_id == booking.cover_id).order_by(col(CoverEntry.seq))
        return list(await session.exec(lines))


async def breaches(world: World) -> list[object]:
    await world.do(lambda s: close_days(s, now=world.now))
    await world.do(lambda s: roll_up(s, now=world.now))
    async with world.database.read() as session:
        return list(await verify(session))


async def test_a_care_without_network_is_put_down_afterwards(world: World, family: Family, helper: Actor) -> None:
    # The start was refused once the agreed time was over, and the support never counted.
    booking = await book(world, family, helper)
    world.now = booking.end_at + DAY
    fact, told = await last_ids(world)

    await record_afterwards(world, booking, booking.end_at + 40 * MINUTE, started_at=booking.start_at + 5 * MINUTE)

    done = await row(world, Booking, booking.id)
    assert (done.state, done.started_at, done.finished_at) == (
        "completed",
        booking.start_at + 5 * MINUTE,
        booking.end_at + 40 * MINUTE,
    )
    assert (await row(world, CareRequest, booking.request_id)).state == "done"
    assert await ledger_of(world, booking) == ["quoted", "bound", "in_force", "ended"]
    gap = await row(world, CoverGap, booking.id)
    assert (gap.start_at, gap.end_at, gap.minutes) == (booking.end_at + 30 * MINUTE, done.finished_at, 10)
    assert [(await row(world, Handover, (booking.id, end))).by for end in CareEnd] == ["staff", "staff"]
    assert await facts_after(world, fact) == ["care_started", "care_completed"]
    assert await messages_after(world, told) == {
        (family.actor.person_id, MessageKind.CARE_RECORDED): 1,
        (helper.person_id, MessageKind.CARE_RECORDED): 1,
        (world.staff.person_id, MessageKind.COVER_GAP_OPEN): 1,
    }
    assert await breaches(world) == []


async def test_a_care_whose_supporter_was_suspended_is_ended_by_staff(
    world: World, family: Family, helper: Actor
) -> None:
    # Nobody could finish it: it stayed in care with its cover in force for good.
    booking = await begin(world, family, helper)
    await world.do(lambda s: suspend(s, person_id=helper.person_id, by=world.staff, reason="確認中", now=world.now))
    world.now += HOUR

    await record_afterwards(world, booking, world.now - MINUTE)

    done = await row(world, Booking, booking.id)
    assert (done.state, done.started_at, done.finished_at) == ("completed", booking.start_at, world.now - MINUTE)
    assert (await row(world, Cover, booking.cover_id)).state == "ended"
    assert await breaches(world) == []


async def test_what_staff_put_down_must_be_possible(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    at, until = booking.start_at, booking.end_at
    unsaid = partial(record_care, by=world.staff, booking_id=booking.id, started_at=None, ended_at=until, reason="x")

    world.now = until - MINUTE
    with pytest.raises(NotOverYet):
        await record_afterwards(world, booking, world.now)
    with pytest.raises(NotOverYet):
        await close_unstarted(world, booking.id)
    world.now = until + HOUR
    with pytest.raises(StartNeeded):
        await world.do(lambda s: unsaid(s, now=world.now))
    for wrong in (at - MINUTE, until):
        with pytest.raises(StartOutsideAgreed):
            await record_afterwards(world, booking, until + MINUTE, started_at=wrong)
    with pytest.raises(EndsBeforeItStarts):
        await record_afterwards(world, booking, at)
    with pytest.raises(EndInFuture):
        await record_afterwards(world, booking, world.now + MINUTE)
    await record_afterwards(world, booking, until)
    with pytest.raises(NotNow):
        await record_afterwards(world, booking, until)
    with pytest.raises(NotNow):
        await close_unstarted(world, booking.id)


async def test_a_booking_that_never_started_is_closed_by_staff(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    world.now = booking.end_at
    _, told = await last_ids(world)

    await close_unstarted(world, booking.id)

    closed = await row(world, Booking, booking.id)
    assert (closed.state, closed.cancelled_by, closed.close_reason) == ("cancelled", "staff", "双方に確認")
    assert (await row(world, Cover, booking.cover_id)).state == "voided"
    assert (await row(world, CareRequest, booking.request_id)).state == "cancelled"
    assert await messages_after(world, told) == {
        (family.actor.person_id, MessageKind.NEVER_STARTED): 1,
        (helper.person_id, MessageKind.NEVER_STARTED): 1,
    }
    assert await breaches(world) == []


async def test_after_the_agreed_end_staff_decide_and_after_a_week_time_does(
    world: World, family: Family, helper: Actor
) -> None:
    # It stayed confirmed for ever, and either side could cancel it weeks later.
    booking = await book(world, family, helper)
    world.now = booking.end_at
    for side in (family.actor, helper):
        with pytest.raises(TooLateToCancel):
            await cancel(world, side, booking)

    async def left_over() -> tuple[list[int], list[Risk]]:
        async with world.database.read() as session:
            area = await area_by_id(session, world.area_id)
            risks = (await bookings_in_question(session, area=area, now=world.now)).at_risk
            return list(await bookings_left_over(session, now=world.now)), [one.risk for one in risks]

    world.now = booking.end_at + 7 * DAY - MINUTE
    assert await left_over() == ([], [Risk.NOT_STARTED])
    world.now += MINUTE
    assert await left_over() == ([booking.id], [Risk.NOT_STARTED])
    for _ in range(2):
        await world.do(partial(close_if_left_over, booking_id=booking.id, now=world.now))

    assert await left_over() == ([], [])
    assert (await row(world, Booking, booking.id)).cancelled_by == "time"
    assert (await row(world, Cover, booking.cover_id)).state == "voided"
    assert await breaches(world) == []


async def test_who_records_an_end_late_says_when_it_was(world: World, family: Family, helper: Actor) -> None:
    # The moment of recording counted: a day without network became a day without cover.
    booking = await begin(world, family, helper)
    finishing = partial(finish_care, by=helper, booking_id=booking.id, pin=pin_of(booking, CareEnd.FINISH), key=KEY)

    world.now = booking.end_at + 30 * MINUTE
    with pytest.raises(StillCovered):
        await world.do(lambda s: finishing(s, ended_at=booking.end_at, now=world.now))
    world.now = booking.end_at + DAY
    with pytest.raises(EndInFuture):
        await world.do(lambda s: finishing(s, ended_at=world.now + MINUTE, now=world.now))
    with pytest.raises(EndsBeforeItStarts):
        await world.do(lambda s: finishing(s, ended_at=booking.start_at, now=world.now))
    _, message_id = await last_ids(world)
    await world.do(lambda s: finishing(s, ended_at=booking.end_at + MINUTE, now=world.now))

    assert (await row(world, Booking, booking.id)).finished_at == booking.end_at + MINUTE
    # Nobody was told: three hours without cover could be put down as none.
    parent, staff = family.actor.person_id, world.staff.person_id
    kinds = {
        (parent, MessageKind.CARE_COMPLETED),
        (parent, MessageKind.END_SAID_LATER),
        (staff, MessageKind.END_TO_CHECK),
    }
    assert await messages_after(world, message_id) == dict.fromkeys(kinds, 1)
    async with world.database.read() as session:
        assert (await booking_view(session, booking.id, by=family.actor, now=world.now)).end_said_at == world.now
    assert await row(world, CoverGap, booking.id) is None
    assert await breaches(world) == []
