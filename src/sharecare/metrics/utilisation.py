"""Closing a day: hours offered and booked are frozen as a fact, so that editing hours later changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person, SupporterProfile
from sharecare.accounts.rules import PersonState
from sharecare.availability.queries import dated_of, weekly_of
from sharecare.availability.rules import Dated, ExceptionKind, Period, Weekly, offered_periods, unite
from sharecare.care.models import Booking
from sharecare.care.rules import BookingState
from sharecare.clock import minutes_between
from sharecare.metrics.days import bounds
from sharecare.metrics.figures import Offered
from sharecare.metrics.gather import Place

_HOLDING = (BookingState.CONFIRMED, BookingState.IN_CARE, BookingState.COMPLETED)
_TWO_DAYS = timedelta(days=2)  # hours of the day before reach into this one, in a zone that may still be on it


@dataclass(slots=True)
class _Hours:
    """What one supporter has said of when they offer care."""

    zone: ZoneInfo
    weekly: list[Weekly]
    dated: list[Dated]


async def offered_on(session: AsyncSession, place: Place, day: date) -> Offered:
    """Return what the area's supporters offer on a local day, as their hours and bookings stand now.

    Those who can't be matched, having paused or being suspended, offer nothing.
    """
    start, end = window = bounds(day, place.zone)
    hours = await _hours(session, place.area_id, day)
    booked = await _bookings(session, place.area_id, window)
    minutes = booked_minutes = supporters = 0
    for person_id, said in hours.items():
        offered = offered_periods(said.weekly, said.dated, said.zone, start_at=start, end_at=end)
        minutes += sum(minutes_between(*period) for period in offered)
        booked_minutes += shared_minutes(offered, unite(booked[person_id]))
        supporters += bool(offered)
    return Offered(minutes=minutes, booked_minutes=booked_minutes, supporters=supporters)


def shared_minutes(some: Iterable[Period], others: Sequence[Period]) -> int:
    """Return the minutes that lie in a period of each list; within a list none overlap."""
    both = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return sum(minutes_between(start, end) for start, end in both if start < end)


async def _hours(session: AsyncSession, area_id: int, day: date) -> dict[int, _Hours]:
    offering = (
        select(Person.id, SupporterProfile.timezone)
        .join(SupporterProfile, col(SupporterProfile.person_id) == col(Person.id))
        .where(Person.area_id == area_id, Person.state == PersonState.ACTIVE, Person.is_supporter)
        .where(col(SupporterProfile.paused_at).is_(None))
        .order_by(col(Person.id))
    )
    zones = (await session.exec(offering)).all()
    hours = {person_id: _Hours(ZoneInfo(zone), [], []) for person_id, zone in zones}
    for person_id, weekday, start, end, from_date, until_date in await weekly_of(session, hours):
        hours[person_id].weekly.append(Weekly(weekday, start, end, from_date, until_date))
    for person_id, on_date, start, end, adds in await dated_of(session, hours, since=day - _TWO_DAYS):
        hours[person_id].dated.append(Dated(on_date, start, end, ExceptionKind.ADD if adds else ExceptionKind.REMOVE))
    return hours


async def _bookings(session: AsyncSession, area_id: int, window: Period) -> dict[int, list[Period]]:
    start, end = window
    held = (
        select(Booking.supporter_id, Booking.start_at, Booking.end_at)
        .join(Person, col(Person.id) == col(Booking.supporter_id))
        .where(Person.area_id == area_id, col(Booking.state).in_(_HOLDING))
        .where(col(Booking.start_at) < end, col(Booking.end_at) > start)
    )
    periods: dict[int, list[Period]] = defaultdict(list)
    for supporter_id, start_at, end_at in await session.exec(held):
        periods[supporter_id].append((start_at, end_at))
    return periods
