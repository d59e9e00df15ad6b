"""Extension and early end: one side proposes, the other agrees, and cover follows."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.care.bookings import booking_by_id, record_booking, side_of, window_facts
from sharecare.care.models import Booking, BookingChange, BookingChild
from sharecare.care.moves import move
from sharecare.care.rules import (
    CHANGE_MOVES,
    LIVE,
    ChangeState,
    EndsBeforeItStarts,
    NotNow,
    NotWholeMinutes,
    Side,
    check_area_hours,
)
from sharecare.errors import Refusal
from sharecare.insurance.service import amend_cover
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


class SameEnd(Refusal):
    """The proposal changes nothing."""

    status = 400
    ja = "終わりの時刻が変わっていません。"
    en = "That is already the agreed end."


class EndIsPast(Refusal):
    """An end can't be agreed for a time that is over."""

    ja = "過ぎた時刻を終わりにすることはできません。"
    en = "An end can't be set in the past."


class OtherSideDecides(Refusal):
    """Who proposes can't agree for the other."""

    ja = "相手の方の返事をお待ちください。"
    en = "The other side decides on this."


async def propose_change(
    session: AsyncSession, *, by: Actor, booking_id: int, new_end_at: datetime, now: datetime
) -> BookingChange:
    """Propose another end; an earlier proposal that still waits is replaced.

    Raises:
        NotNow: the booking is not live.
        SameEnd, EndIsPast, EndsBeforeItStarts, NotWholeMinutes, OutsideHours: the end makes no sense.

    """
    booking = await booking_by_id(session, booking_id)
    if booking.state not in LIVE:
        raise NotNow(state=booking.state)
    await _check_end(session, booking, new_end_at, now=now)
    replaced = update(BookingChange).where(
        col(BookingChange.booking_id) == booking_id, col(BookingChange.state) == ChangeState.OPEN
    )
    await session.exec(replaced.values(state=ChangeState.REFUSED, decided_at=now))
    change = BookingChange(
        booking_id=booking_id, proposed_by=by.person_id, new_end_at=new_end_at, state=ChangeState.OPEN, proposed_at=now
    )
    session.add(change)
    await session.flush()  # the answer names the proposal
    record_booking(
        session,
        FactKind.CHANGE_PROPOSED,
        booking,
        by=by.person_id,
        now=now,
        data={"new_end_at": new_end_at.isoformat()},
    )
    await _tell_other(session, booking, by, MessageKind.CHANGE_PROPOSED, change, now=now)
    return change


async def agree_change(session: AsyncSession, *, by: Actor, change_id: int, now: datetime) -> Booking:
    """Agree: the booking's end, the children's time and the cover move together.

    Raises:
        NotNow: the proposal was answered, or the booking is no longer live.
        OtherSideDecides: the proposer's own side can't agree.
        SlotTaken, ChildElsewhere: the longer time meets another booking.
        CoverRanOut, OutsideTerms: cover can't follow.

    """
    change, booking = await _decided_by_other_side(session, by, change_id)
    if booking.state not in LIVE:
        raise NotNow(state=booking.state)
    if change.new_end_at < now:
        raise EndIsPast
    await move(session, change, CHANGE_MOVES, "agree_change", by=side_of(booking, by), decided_at=now)
    before = booking.end_at
    moved = await session.exec(
        update(Booking)
        .where(col(Booking.id) == booking.id, col(Booking.state).in_(LIVE), col(Booking.end_at) == before)
        .values(end_at=change.new_end_at, end_prompted_at=None)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise NotNow(state=booking.state)
    await session.refresh(booking)
    of_booking = update(BookingChild).where(col(BookingChild.booking_id) == booking.id)
    await session.exec(of_booking.values(end_at=change.new_end_at))
    await amend_cover(session, cover_id=booking.cover_id, new_end_at=change.new_end_at, now=now)
    record_booking(
        session, FactKind.BOOKING_CHANGED, booking, by=by.person_id, now=now, data={"end_before": before.isoformat()}
    )
    await _tell_other(session, booking, by, MessageKind.CHANGE_AGREED, change, now=now)
    return booking


async def refuse_change(session: AsyncSession, *, by: Actor, change_id: int, now: datetime) -> BookingChange:
    """Say no; the agreed end stays.

    Raises:
        NotNow: the proposal was answered.
        OtherSideDecides: the proposer's own side can't refuse.

    """
    change, booking = await _decided_by_other_side(session, by, change_id)
    await move(session, change, CHANGE_MOVES, "refuse_change", by=side_of(booking, by), decided_at=now)
    record_booking(session, FactKind.CHANGE_REFUSED, booking, by=by.person_id, now=now)
    await _tell_other(session, booking, by, MessageKind.CHANGE_REFUSED, change, now=now)
    return change


async def _check_end(session: AsyncSession, booking: Booking, new_end_at: datetime, *, now: datetime) -> None:
    if new_end_at.second or new_end_at.microsecond:
        raise NotWholeMinutes
    if new_end_at <= booking.start_at:
        raise EndsBeforeItStarts
    if new_end_at < now:
        raise EndIsPast
    if new_end_at == booking.end_at:
        raise SameEnd
    area = await area_by_id(session, booking.area_id)
    check_area_hours(booking.start_at, new_end_at, settings_of(area), ZoneInfo(area.timezone))


async def _decided_by_other_side(session: AsyncSession, by: Actor, change_id: int) -> tuple[BookingChange, Booking]:
    change = (await session.exec(select(BookingChange).where(BookingChange.id == change_id))).one()
    booking = await booking_by_id(session, change.booking_id)
    proposer = Side.SUPPORTER if change.proposed_by == booking.supporter_id else Side.FAMILY
    if proposer is side_of(booking, by):
        raise OtherSideDecides
    return change, booking


async def _tell_other(
    session: AsyncSession, booking: Booking, by: Actor, kind: MessageKind, change: BookingChange, *, now: datetime
) -> None:
    other = booking.requester_id if by.person_id == booking.supporter_id else booking.supporter_id
    name = (await person_by_id(session, by.person_id)).name
    facts = window_facts(booking) | {"name": name, "new_end_at": change.new_end_at.isoformat()}
    await tell(session, person_id=other, kind=kind, facts=facts, now=now)
