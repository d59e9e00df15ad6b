"""A supporter's year: what they gave, whom they helped, what they were thanked with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking, BookingChild, CostLine
from sharecare.care.rules import BookingState, CostKind
from sharecare.clock import minutes_between

MOST_NOTES = 20


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the year, from 1."""

    month: int
    supports: int
    minutes: int


@dataclass(frozen=True, slots=True)
class SupportYear:
    """Completed supports of one calendar year; minutes are what the care really took."""

    year: int
    months: list[Month]
    families: int
    children: int
    thanks_yen: int
    notes: list[str]  # what families wrote with their thanks, newest first

    @property
    def supports(self) -> int:
        """How often one helped."""
        return sum(month.supports for month in self.months)

    @property
    def minutes(self) -> int:
        """How long one helped."""
        return sum(month.minutes for month in self.months)


async def support_year(session: AsyncSession, *, by: Actor, year: int, zone: ZoneInfo) -> SupportYear:
    """Return what a supporter did in a year that begins and ends in their zone."""
    first, after = (datetime(one, 1, 1, tzinfo=zone).astimezone(UTC) for one in (year, year + 1))
    mine = (
        Booking.supporter_id == by.person_id,
        Booking.state == BookingState.COMPLETED,
        col(Booking.start_at) >= first,
        col(Booking.start_at) < after,
    )
    bookings = (await session.exec(select(Booking).where(*mine))).all()
    joined = col(BookingChild.booking_id) == col(Booking.id)
    children = select(func.count(func.distinct(BookingChild.child_id))).join(Booking, joined).where(*mine)
    thanks = (
        select(CostLine.yen, CostLine.note, CostLine.recorded_by)
        .join(Booking, col(Booking.id) == col(CostLine.booking_id))
        .where(*mine, CostLine.kind == CostKind.THANKS)
        .order_by(col(CostLine.id).desc())
    )
    received = (await session.exec(thanks)).all()
    return SupportYear(
        year=year,
        months=_months(bookings, zone),
        families=len({booking.household_id for booking in bookings}),
        children=(await session.exec(children)).one(),
        thanks_yen=sum(yen for yen, _, _ in received),
        notes=[note for _, note, writer in received if note and writer != by.person_id][:MOST_NOTES],
    )


def _months(bookings: Sequence[Booking], zone: ZoneInfo) -> list[Month]:
    supports, minutes = [0] * 13, [0] * 13
    for booking in bookings:
        month = booking.start_at.astimezone(zone).month
        supports[month] += 1
        minutes[month] += minutes_between(booking.started_at or booking.start_at, booking.finished_at or booking.end_at)
    return [Month(month, supports[month], minutes[month]) for month in range(1, 13)]
