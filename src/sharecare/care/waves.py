"""What time does to requests and bookings: waves open, requests expire, ends and missed handovers are pointed out.

Each verb looks again under a lock whether the step is still due, so several workers may try the same one.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.areas.queries import all_areas, settings_of
from sharecare.care.alarms import raise_alarm
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.day_rules import AlarmKind
from sharecare.care.models import Booking, CareRequest
from sharecare.care.pre_meeting import SHEET_AHEAD, is_ready, not_ready
from sharecare.care.requests import expire_request, open_next_wave
from sharecare.care.rules import BookingState, RequestState
from sharecare.journal.rules import FactKind
from sharecare.matching.feed import LiveIndex
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


async def requests_with_due_wave(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return open requests whose next circle should be asked by now."""
    return (await session.exec(select(CareRequest.id).where(*_wave_due(now)).order_by(col(CareRequest.id)))).all()


async def requests_run_out(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return open requests whose time has come."""
    return (await session.exec(select(CareRequest.id).where(*_run_out(now)).order_by(col(CareRequest.id)))).all()


async def bookings_at_their_end(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return cares that go on at their agreed end and whose families were not asked yet."""
    return (await session.exec(select(Booking.id).where(*_end_due(now)).order_by(col(Booking.id)))).all()


async def bookings_not_started(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return bookings whose handover is overdue by their area's limit and not told yet."""
    return await _beyond_limit(session, _not_started, now=now)


async def bookings_not_finished(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return cares that should be over by their area's limit and whose families were not told yet."""
    return await _beyond_limit(session, _not_finished, now=now)


async def bookings_without_sheet(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return bookings of the next 24 hours that can't start as their sheet stands, and whose sides were not told."""
    return await not_ready(session, *_sheet_due(now))


async def _beyond_limit(
    session: AsyncSession, due: Callable[[datetime], tuple[ColumnElement[bool], ...]], *, now: datetime
) -> Sequence[int]:
    overdue: list[int] = []
    for area in await all_areas(session):
        limit = now - timedelta(minutes=settings_of(area).handover_overdue_minutes)
        overdue += (await session.exec(select(Booking.id).where(Booking.area_id == area.id, *due(limit)))).all()
    return sorted(overdue)


async def open_due_wave(session: AsyncSession, *, index: LiveIndex, request_id: int, now: datetime) -> None:
    """Ask the next circle, if that is still due."""
    request = await _held(session, request_id, *_wave_due(now))
    if request is not None:
        await open_next_wave(session, index, request=request, now=now)


async def expire_if_run_out(session: AsyncSession, *, request_id: int, now: datetime) -> None:
    """Close a request whose time came without anyone, if it is still open."""
    request = await _held(session, request_id, *_run_out(now))
    if request is not None:
        await expire_request(session, request=request, now=now)


async def prompt_end(session: AsyncSession, *, booking_id: int, now: datetime) -> None:
    """Ask both sides to extend or end a care that has reached its agreed end."""
    if not await _claim(session, booking_id, *_end_due(now), end_prompted_at=now):
        return
    booking = await booking_by_id(session, booking_id)
    record_booking(session, FactKind.END_PROMPTED, booking, by=None, now=now)
    for person_id in (booking.requester_id, booking.supporter_id):
        await tell(session, person_id=person_id, kind=MessageKind.END_PROMPT, facts=window_facts(booking), now=now)


async def alarm_not_started(session: AsyncSession, *, booking_id: int, now: datetime) -> None:
    """Raise an alarm that nobody has taken over the child; once, whatever the area's limit is now."""
    if await _claim(session, booking_id, *_not_started(now), overdue_told_at=now):
        booking = await booking_by_id(session, booking_id)
        await raise_alarm(session, booking, AlarmKind.START_OVERDUE, by=None, now=now)


async def alarm_not_finished(session: AsyncSession, *, booking_id: int, now: datetime) -> None:
    """Raise an alarm that the child has not been handed back; once for each agreed end."""
    if await _claim(session, booking_id, *_not_finished(now), late_told_at=now):
        booking = await booking_by_id(session, booking_id)
        await raise_alarm(session, booking, AlarmKind.FINISH_OVERDUE, by=None, now=now)


async def remind_of_sheet(session: AsyncSession, *, booking_id: int, now: datetime) -> None:
    """Tell both sides that a care can't start as long as they have not agreed on a sheet; once until they have."""
    booking = await booking_by_id(session, booking_id)
    if await is_ready(session, booking) or not await _claim(session, booking_id, *_sheet_due(now), sheet_told_at=now):
        return
    for person_id, about in (
        (booking.requester_id, booking.supporter_id),
        (booking.supporter_id, booking.requester_id),
    ):
        facts = window_facts(booking) | {"name": (await person_by_id(session, about)).name}
        await tell(session, person_id=person_id, kind=MessageKind.PRE_MEETING_MISSING, facts=facts, now=now)


def _wave_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    open_now = col(CareRequest.state) == RequestState.OPEN
    return open_now, col(CareRequest.next_wave_at) <= now, col(CareRequest.start_at) > now


def _run_out(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(CareRequest.state) == RequestState.OPEN, col(CareRequest.start_at) <= now


def _end_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    in_care = col(Booking.state) == BookingState.IN_CARE
    return in_care, col(Booking.end_at) <= now, col(Booking.end_prompted_at).is_(None)


def _not_started(limit: datetime) -> tuple[ColumnElement[bool], ...]:
    confirmed = col(Booking.state) == BookingState.CONFIRMED
    return confirmed, col(Booking.start_at) <= limit, col(Booking.overdue_told_at).is_(None)


def _not_finished(limit: datetime) -> tuple[ColumnElement[bool], ...]:
    in_care = col(Booking.state) == BookingState.IN_CARE
    return in_care, col(Booking.end_at) <= limit, col(Booking.late_told_at).is_(None)


def _sheet_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    confirmed = col(Booking.state) == BookingState.CONFIRMED
    soon = col(Booking.start_at).between(now, now + SHEET_AHEAD)
    return confirmed, soon, col(Booking.sheet_told_at).is_(None)


async def _held(session: AsyncSession, request_id: int, *due: ColumnElement[bool]) -> CareRequest | None:
    held = select(CareRequest).where(CareRequest.id == request_id, *due).with_for_update(skip_locked=True)
    return (await session.exec(held)).first()


async def _claim(session: AsyncSession, booking_id: int, *due: ColumnElement[bool], **marks: datetime) -> bool:
    claimed = await session.exec(update(Booking).where(col(Booking.id) == booking_id, *due).values(**marks))
    return claimed.rowcount == 1
