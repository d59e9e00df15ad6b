"""What staff, or time, decide when a booking's agreed time is over: what really was, or that it never began."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.bookings import (
    booking_by_id,
    booking_with_supporter,
    end_unbegun,
    incident_told,
    record_booking,
    reinstate_booking,
    tell_both,
    window_facts,
)
from sharecare.care.care_day import check_actual_end, complete
from sharecare.care.handovers import hand_over
from sharecare.care.models import Booking
from sharecare.care.moves import move
from sharecare.care.requests import request_by_id
from sharecare.care.rules import (
    BOOKING_MOVES,
    REQUEST_MOVES,
    BookingState,
    CareEnd,
    HandoverBy,
    Side,
    legal,
)
from sharecare.errors import Refusal
from sharecare.insurance.rules import VoidReason
from sharecare.insurance.service import put_in_force
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind

LEFT_FOR = timedelta(days=7)


class NotOverYet(Refusal):
    """Until the agreed end the two sides can still begin, or say what happened."""

    ja = "予定の時間が終わるまでは、この記録はできません。"
    en = "This can't be put down before the agreed time is over."


class StartNeeded(Refusal):
    """Nobody recorded a start, so staff say when it was."""

    status = 400
    ja = "始まりの記録がありません。実際に始まった時刻を入れてください。"
    en = "No start was recorded. Say when it really began."


class StartOutsideAgreed(Refusal):
    """A care begins while its cover lasts, whoever puts it down."""

    status = 400
    ja = "始まりの時刻は、予定の時間のうちにしてください。それより早く始まったときは、そのことを理由に書いてください。"
    en = "The start must lie in the agreed time. If care began earlier, say so in the reason."


async def record_care(
    session: AsyncSession,
    *,
    by: Actor,
    booking_id: int,
    started_at: datetime | None,
    ended_at: datetime,
    reason: str,
    now: datetime,
) -> Booking:
    """Put down a care that really was, as staff who have asked both sides; both are told.

    A start that was recorded stays, and so does everything that lies outside cover: it becomes a gap. What its
    supporter held at the time isn't asked: this tells what happened, and allows nothing. Where a no-show was reported
    the booking stands again first.

    Raises:
        NotNow: the booking is not live.
        NotOverYet: it has not begun, and its agreed time is not over.
        SlotTaken, ChildElsewhere, GroupFull, GroupNotCovered, NoPolicy: a no-show was reported, and can't be undone.
        StartNeeded, StartOutsideAgreed, EndsBeforeItStarts, EndInFuture: it can't have been then.

    """
    booking = await booking_with_supporter(session, booking_id)
    if booking.no_show:
        if now < booking.end_at:
            raise NotOverYet
        await reinstate_booking(session, booking, by=by, side=Side.STAFF, now=now)
    begun = booking.state == BookingState.IN_CARE
    legal(BOOKING_MOVES, "finish_care" if begun else "start_care", booking.state, Side.STAFF)
    started_at = booking.started_at if begun else _start(booking, started_at, now=now)
    check_actual_end(started_at or booking.start_at, ended_at, now=now)
    if not begun:
        hand_over(session, booking, CareEnd.START, who=HandoverBy.STAFF, by=by, now=started_at or booking.start_at)
        await move(session, booking, BOOKING_MOVES, "start_care", by=Side.STAFF, started_at=started_at)
        await put_in_force(session, cover_id=booking.cover_id, now=now)
        record_booking(session, FactKind.CARE_STARTED, booking, by=by.person_id, now=now, data={"recorded": True})
    request = await request_by_id(session, booking.request_id)
    who = HandoverBy.STAFF
    await complete(session, booking, request, side=Side.STAFF, who=who, by=by, ended_at=ended_at, now=now)
    booking.close_reason = reason
    session.add(booking)
    real = {"start_at": booking.started_at, "end_at": ended_at}
    facts = window_facts(booking) | {name: at.isoformat() for name, at in real.items() if at} | {"reason": reason}
    await tell_both(session, booking, MessageKind.CARE_RECORDED, facts, now=now)
    return booking


async def close_never_started(
    session: AsyncSession, *, by: Actor, booking_id: int, reason: str, now: datetime
) -> Booking:
    """Close a booking that never took place, as staff who have asked both sides: its cover is voided, both are told.

    Raises:
        NotNow: the booking has begun, ended or was cancelled.
        NotOverYet: its agreed time is not over.
        ClaimStands: a claim names its cover.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    legal(BOOKING_MOVES, "close_never_started", booking.state, Side.STAFF)
    if now < booking.end_at:
        raise NotOverYet
    await _close(session, booking, side=Side.STAFF, by=by.person_id, reason=reason, now=now)
    return booking


async def bookings_left_over(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return bookings that never began, and that nobody has decided on for a week.

    Where an incident was reported, care did begin: that is for staff to put down, however long it takes.
    """
    return (await session.exec(select(Booking.id).where(*_left_over(now)).order_by(col(Booking.id)))).all()


async def close_if_left_over(session: AsyncSession, *, booking_id: int, now: datetime) -> None:
    """Close one of them, if it still is one."""
    held = select(Booking).where(Booking.id == booking_id, *_left_over(now)).with_for_update(skip_locked=True)
    booking = (await session.exec(held)).first()
    if booking is not None:
        await _close(session, booking, side=Side.TIME, by=None, reason="", now=now)


def _left_over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    never_began = (col(Booking.state) == BookingState.CONFIRMED) & ~incident_told(col(Booking.id))
    return never_began, col(Booking.end_at) <= now - LEFT_FOR


def _start(booking: Booking, started_at: datetime | None, *, now: datetime) -> datetime:
    if now < booking.end_at:
        raise NotOverYet
    if started_at is None:
        raise StartNeeded
    if not booking.start_at <= started_at < booking.end_at:
        raise StartOutsideAgreed
    return started_at


async def _close(
    session: AsyncSession, booking: Booking, *, side: Side, by: int | None, reason: str, now: datetime
) -> None:
    why = VoidReason.NEVER_STARTED
    await end_unbegun(session, booking, "close_never_started", side=side, why=why, reason=reason, now=now)
    await close_for_both(session, booking, MessageKind.NEVER_STARTED, side=side, by=by, now=now)


async def close_for_both(
    session: AsyncSession, booking: Booking, kind: MessageKind, *, side: Side, by: int | None, now: datetime
) -> None:
    """Close the request of a booking that has ended without care, by neither side's doing; both are told."""
    request = await request_by_id(session, booking.request_id)
    await move(session, request, REQUEST_MOVES, "close_request", by=side, closed_at=now)
    data = {"cancelled_by": side, "kind": booking.kind, kind.value: True}
    record_booking(session, FactKind.BOOKING_CANCELLED, booking, by=by, now=now, data=data)
    await tell_both(session, booking, kind, window_facts(booking), now=now)
