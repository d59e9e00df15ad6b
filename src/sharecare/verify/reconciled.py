"""Invariant 3: a month's bordereau, read from the ledger, tells what the bookings tell, to the row and the minute."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.areas.queries import all_areas
from sharecare.care.models import Booking
from sharecare.insurance.bordereau import bordereau
from sharecare.insurance.models import Cover
from sharecare.insurance.rules import CoverState
from sharecare.verify.breach import Breach


class _Support(NamedTuple):
    """What both sides have to agree on of one cover."""

    number: str
    state: str
    agreed: tuple[datetime, datetime]
    actual: tuple[datetime, datetime] | None


async def unreconciled_months(session: AsyncSession) -> list[Breach]:
    """Find months whose bordereau leaves out a support, tells one more, or tells it otherwise than its booking."""
    return [breach for area in await all_areas(session) for breach in await _of_area(session, area)]


async def _of_area(session: AsyncSession, area: Area) -> list[Breach]:
    zone = ZoneInfo(area.timezone)
    differ: list[Breach] = []
    for month, booked in (await _booked(session, area.id, zone)).items():
        told = await _told(session, area.id, month, zone)
        if other := {one.number for one in told ^ booked}:
            what = f"bordereau of {month:%Y-%m} at odds with its bookings"
            differ.append(Breach(3, what, "insurance_cover", tuple(sorted(other))))
    return differ


async def _booked(session: AsyncSession, area_id: int, zone: ZoneInfo) -> dict[date, set[_Support]]:
    """Return by local month what an area's bookings say of the covers that bore a risk."""
    found = (
        select(
            col(Cover.number),
            col(Cover.state),
            col(Booking.start_at),
            col(Booking.end_at),
            col(Booking.started_at),
            col(Booking.finished_at),
        )
        .join(Booking, col(Booking.cover_id) == col(Cover.id))
        .where(col(Booking.area_id) == area_id)
    )
    months: dict[date, set[_Support]] = defaultdict(set)
    for number, state, start_at, end_at, *lived in await (await session.connection()).execute(found):
        month = start_at.astimezone(zone).date().replace(day=1)
        supports = months[month]  # a month in which all was voided is to have no rows
        if state != CoverState.VOIDED:
            supports.add(_Support(number, state, (start_at, end_at), _both(*lived)))
    return months


async def _told(session: AsyncSession, area_id: int, month: date, zone: ZoneInfo) -> set[_Support]:
    try:
        report = await bordereau(session, area_id=area_id, month=month, zone=zone)
    except (KeyError, TypeError, ValueError):  # an altered line need not make sense
        return set()
    return {
        _Support(
            row.number,
            row.state,
            (row.agreed_start_at, row.agreed_end_at),
            _both(row.actual_start_at, row.actual_end_at),
        )
        for row in report.rows
    }


def _both(start_at: datetime | None, end_at: datetime | None) -> tuple[datetime, datetime] | None:
    return (start_at, end_at) if start_at and end_at else None
