"""Late start, extension and early end: one side proposes, the other agrees, and cover follows.

An extension is held to what acceptance asks, through the new end. Where the supporter doesn't meet it any more, a care
under way ends as it was agreed: the agreed end stays, cover and its grace with it, and the family is told to collect
the child by then. An early end is always possible.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.care.alarms import answer_overdue
from sharecare.care.bookings import booking_by_id, booking_with_supporter, record_booking, side_of, window_facts
from sharecare.care.models import Booking, BookingChange, BookingChild
from sharecare.care.moves import move
from sharecare.care.people import may_last
from sharecare.care.rules import (
    CHANGE_MOVES,
    LIVE,
    BookingState,
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
from sharecare.messages.service import tell, tell_all


class SameEnd(Refusal):
    """The proposal changes nothing."""

    status = 400
    ja = "終わりの時刻が変わっていません。"
    en = "That is already the agreed end."


class EndIsPast(Refusal):
    """An end can't be agreed for a time that is over."""

    ja = "過ぎた時刻を終わりにすることはできません。"
    en = "An end can't be set in the past."


class StartIsPast(Refusal):
    """A start can't be agreed for a time that is over; who comes late just starts late."""

    ja = "過ぎた時刻を開始にすることはできません。予定の時間内なら、そのまま開始できます。"
    en = "A start can't be set in the past. Within the agreed time, care can simply begin."


class StartsNoLater(Refusal):
    """A start can only be put off, to a time before the end."""

    status = 400
    ja = "新しい開始は、いまの開始より後、終わりより前にしてください。"
    en = "The new start must lie after the present one and before the end."


class CannotProlong(Refusal):
    """The supporter doesn't meet what a longer care asks; that the proposal came to nothing stays on record."""

    keeps_writes = True
    ja = "いまは延長できません。終わりの時刻は変わりません。お子さんのお迎えは、その時刻までにお願いします。"
    en = "This care can't be made longer now. The agreed end stays: please have the child collected by then."


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
        CannotProlong: the supporter doesn't meet what the longer care asks.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    if booking.state not in LIVE:
        raise NotNow(state=booking.state)
    await _check_end(session, booking, new_end_at, now=now)
    if not await may_last(session, booking, new_end_at, now=now):
        raise CannotProlong
    return await _propose(session, booking, by=by, new_start_at=None, new_end_at=new_end_at, now=now)


async def propose_late_start(
    session: AsyncSession, *, by: Actor, booking_id: int, new_start_at: datetime, now: datetime
) -> BookingChange:
    """Propose a later start of a care that has not begun; an earlier proposal that still waits is replaced.

    Raises:
        NotNow: the care has begun, or the booking is not live.
        StartsNoLater, StartIsPast, NotWholeMinutes: the start makes no sense.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    _check_start(booking, new_start_at, now=now)
    return await _propose(session, booking, by=by, new_start_at=new_start_at, new_end_at=booking.end_at, now=now)


async def agree_change(session: AsyncSession, *, by: Actor, change_id: int, now: datetime) -> Booking:
    """Agree: the booking's window, the children's time and the cover move together.

    Raises:
        NotNow: the proposal was answered, or the booking is no longer live (for a late start: has begun).
        OtherSideDecides: the proposer's own side can't agree.
        CannotProlong: the supporter no longer meets what the longer care asks; the family is told to collect.
        SlotTaken, ChildElsewhere: the longer time meets another booking.
        CoverRanOut, OutsideTerms: cover can't follow.

    """
    change, booking = await _decided_by_other_side(session, by, change_id)
    if booking.state not in LIVE:
        raise NotNow(state=booking.state)
    if change.new_start_at is not None:
        _check_start(booking, change.new_start_at, now=now)
    elif change.new_end_at < now:
        raise EndIsPast
    elif not await may_last(session, booking, change.new_end_at, now=now):
        await _end_as_agreed(session, booking, change, by=by, now=now)
        raise CannotProlong
    await move(session, change, CHANGE_MOVES, "agree_change", by=side_of(booking, by), decided_at=now)
    start_before, end_before = booking.start_at, booking.end_at
    await _move_window(session, booking, change)
    await amend_cover(
        session,
        cover_id=booking.cover_id,
        new_start_at=change.new_start_at,
        new_end_at=change.new_end_at,
        now=now,
    )
    data: dict[str, object] = {"end_before": end_before.isoformat()}
    if change.new_start_at is not None or booking.state == BookingState.IN_CARE:
        await answer_overdue(session, booking_id=booking.id, by=by, now=now)
    if change.new_start_at is not None:
        data["start_before"] = start_before.isoformat()
    record_booking(session, FactKind.BOOKING_CHANGED, booking, by=by.person_id, now=now, data=data)
    kind = MessageKind.LATE_START_AGREED if change.new_start_at else MessageKind.CHANGE_AGREED
    await _tell_other(session, booking, by, kind, change, now=now)
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
    kind = MessageKind.LATE_START_REFUSED if change.new_start_at else MessageKind.CHANGE_REFUSED
    await _tell_other(session, booking, by, kind, change, now=now)
    return change


async def _end_as_agreed(
    session: AsyncSession, booking: Booking, change: BookingChange, *, by: Actor, now: datetime
) -> None:
    """Let an extension come to nothing, and have the family collect at the agreed end."""
    await move(session, change, CHANGE_MOVES, "refuse_change", by=side_of(booking, by), decided_at=now)
    record_booking(session, FactKind.CHANGE_REFUSED, booking, by=by.person_id, now=now)
    facts = window_facts(booking) | {"name": (await person_by_id(session, booking.supporter_id)).name}
    family = await guardian_ids_of(session, booking.household_id)
    await tell_all(session, to=dict.fromkeys(family, facts), kind=MessageKind.CANNOT_PROLONG, now=now)


async def _propose(
    session: AsyncSession,
    booking: Booking,
    *,
    by: Actor,
    new_start_at: datetime | None,
    new_end_at: datetime,
    now: datetime,
) -> BookingChange:
    replaced = update(BookingChange).where(
        col(BookingChange.booking_id) == booking.id, col(BookingChange.state) == ChangeState.OPEN
    )
    await session.exec(replaced.values(state=ChangeState.REFUSED, decided_at=now))
    change = BookingChange(
        booking_id=booking.id,
        proposed_by=by.person_id,
        new_start_at=new_start_at,
        new_end_at=new_end_at,
        state=ChangeState.OPEN,
        proposed_at=now,
    )
    session.add(change)
    await session.flush()  # the answer names the proposal
    new: dict[str, object]
    new = {"new_start_at": new_start_at.isoformat()} if new_start_at else {"new_end_at": new_end_at.isoformat()}
    record_booking(session, FactKind.CHANGE_PROPOSED, booking, by=by.person_id, now=now, data=new)
    kind = MessageKind.LATE_START_PROPOSED if new_start_at else MessageKind.CHANGE_PROPOSED
    await _tell_other(session, booking, by, kind, change, now=now)
    return change


async def _move_window(session: AsyncSession, booking: Booking, change: BookingChange) -> None:
    """Move a live booking and its children's time, if its window is still the one that was agreed on to change.

    Raises:
        NotNow: it is not.

    """
    start_at, end_at = change.new_start_at or booking.start_at, change.new_end_at
    states = (BookingState.CONFIRMED,) if change.new_start_at else LIVE
    awaited_anew = {"overdue_told_at": None} if change.new_start_at else {}
    as_agreed = (col(Booking.start_at) == booking.start_at, col(Booking.end_at) == booking.end_at)
    moved = await session.exec(
        update(Booking)
        .where(col(Booking.id) == booking.id, col(Booking.state).in_(states), *as_agreed)
        .values(start_at=start_at, end_at=end_at, end_prompted_at=None, late_told_at=None, **awaited_anew)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise NotNow(state=booking.state)
    await session.refresh(booking)
    of_booking = update(BookingChild).where(col(BookingChild.booking_id) == booking.id)
    await session.exec(of_booking.values(start_at=start_at, end_at=end_at))


def _check_start(booking: Booking, new_start_at: datetime, *, now: datetime) -> None:
    if booking.state != BookingState.CONFIRMED:
        raise NotNow(state=booking.state)
    if new_start_at.second or new_start_at.microsecond:
        raise NotWholeMinutes
    if not booking.start_at < new_start_at < booking.end_at:
        raise StartsNoLater
    if new_start_at < now:
        raise StartIsPast


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
    booking = await booking_with_supporter(session, change.booking_id)
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
    if change.new_start_at is not None:
        facts["new_start_at"] = change.new_start_at.isoformat()
    await tell(session, person_id=other, kind=kind, facts=facts, now=now)
