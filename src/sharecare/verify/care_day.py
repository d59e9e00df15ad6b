"""Invariants 1, 2 and 6 of the care day: groups fit, no gap is hidden, no-shows and series are what they say."""

from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.care.day_models import CareAlarm, CareAlarmStep, CoverGap, NoShowContest, SeriesDate
from sharecare.care.models import Booking, BookingChild, CareRequest
from sharecare.care.no_show import against_report
from sharecare.care.rules import LIVE, BookingState, Side
from sharecare.insurance.models import Cover, CoverEntry
from sharecare.insurance.rules import LedgerKind
from sharecare.verify.breach import Breach


async def broken_groups(session: AsyncSession) -> list[Breach]:
    """Find live bookings of group cares with more children at a time than the group holds, or not covered as such."""
    grouped = select(Booking).where(col(Booking.group_id).is_not(None), col(Booking.state).in_(LIVE))
    bookings = (await session.exec(grouped.order_by(col(Booking.id)))).all()
    children = select(BookingChild.booking_id).where(col(BookingChild.booking_id).in_([one.id for one in bookings]))
    count = Counter(await session.exec(children))
    return [
        Breach(1, "a group care holds more children than its supporter takes", "booking", (one.id,))
        for one in bookings
        if _most_together(one, bookings, count) > (one.group_capacity or 0)
    ] + await _groups_not_covered(session)


async def _groups_not_covered(session: AsyncSession) -> list[Breach]:
    """Find live bookings beside another family's whose cover is for one family at a time."""
    one, other = aliased(Booking), aliased(Booking)
    beside = (
        select(one.id, Cover.terms)
        .join(Cover, col(Cover.id) == col(one.cover_id))
        .join(other, col(other.group_id) == col(one.group_id))
        .where(col(other.household_id) != col(one.household_id), col(one.state).in_(LIVE), col(other.state).in_(LIVE))
        .where(col(one.start_at) < col(other.end_at), col(other.start_at) < col(one.end_at))
        .order_by(col(one.id))
    )
    found = {row: terms for row, terms in await session.exec(beside) if not terms.get("several_families")}
    return [Breach(2, "a group care is covered for one family only", "booking", (row,)) for row in found]


async def hidden_gaps(session: AsyncSession) -> list[Breach]:
    """Find cares whose uncovered minutes, by the ledger, are not those written down as a gap, and gaps of none."""
    ended = await session.exec(
        select(Booking.id, CoverEntry.data)
        .join(CoverEntry, col(CoverEntry.cover_id) == col(Booking.cover_id))
        .where(CoverEntry.kind == LedgerKind.ENDED)
    )
    lived = {row: data.get("open_gap_minutes", 0) for row, data in ended if data.get("open_gap_minutes")}
    written = dict((await session.exec(select(CoverGap.booking_id, CoverGap.minutes))).all())
    return [
        Breach(2, "uncovered time is not written down as it was", "booking", (row,))
        for row in sorted(lived.keys() | written.keys())
        if lived.get(row) != written.get(row)
    ]


async def illegal_no_shows(session: AsyncSession) -> list[Breach]:
    """Find no-shows of bookings that began, still stand, or were over before their start."""
    wrong = or_(
        col(Booking.state) != BookingState.CANCELLED,
        col(Booking.started_at).is_not(None),
        col(Booking.cancelled_by).is_(None),
        col(Booking.closed_at) < col(Booking.start_at),
    )
    rows = select(Booking.id).where(col(Booking.no_show), wrong).order_by(col(Booking.id))
    what = "a no-show of a booking that began, stands, or ended before its start"
    return [Breach(6, what, "booking", (row,)) for row in await session.exec(rows)]


async def illegal_contests(session: AsyncSession) -> list[Breach]:
    """Find contests whose booking stands, or is a no-show where that was struck off, or none where it was not.

    Those of a report that was taken back stand for themselves.
    """
    struck = col(NoShowContest.stands).is_(False)
    wrong = or_(
        col(Booking.state) != BookingState.CANCELLED,
        struck & (col(Booking.no_show) | (col(Booking.cancelled_by) != Side.STAFF)),
        ~struck & ~col(Booking.no_show),
    )
    rows = select(Booking.id).join(NoShowContest, against_report()).where(wrong)
    what = "a contested no-show is not what was decided"
    return [Breach(6, what, "booking", (row,)) for row in await session.exec(rows.order_by(col(Booking.id)))]


async def unwritten_steps(session: AsyncSession) -> list[Breach]:
    """Find alarms that climbed otherwise than their steps tell."""
    steps = Counter(await session.exec(select(CareAlarmStep.alarm_id)))
    alarms = await session.exec(select(CareAlarm.id, CareAlarm.step).order_by(col(CareAlarm.id)))
    return [
        Breach(6, "steps of an alarm are not written down", "care_alarm", (row,))
        for row, step in alarms
        if steps[row] != step
    ]


async def broken_series(session: AsyncSession) -> list[Breach]:
    """Find dates of a series and requests that don't belong to one another, or lie on another day."""
    rows = await session.exec(
        select(CareRequest, Area.timezone, SeriesDate)
        .join(Area, col(Area.id) == col(CareRequest.area_id))
        .join(SeriesDate, col(SeriesDate.request_id) == col(CareRequest.id), isouter=True)
        .where(or_(col(CareRequest.series_id).is_not(None), col(SeriesDate.series_id).is_not(None)))
        .order_by(col(CareRequest.id))
    )
    return [
        Breach(6, "a series' date is not its request's", "care_request", (request.id,))
        for request, zone, found in rows
        if found is None or not _belongs(found, request, ZoneInfo(zone))
    ]


def _belongs(found: SeriesDate, request: CareRequest, zone: ZoneInfo) -> bool:
    return (found.series_id, found.day) == (request.series_id, request.start_at.astimezone(zone).date())


def _most_together(one: Booking, bookings: Sequence[Booking], children: Counter[int]) -> int:
    """Return the most children of a group at any moment of one of its bookings: a peak begins where someone comes."""
    group = [other for other in bookings if other.group_id == one.group_id]
    moments = {other.start_at for other in group if one.start_at <= other.start_at < one.end_at}
    return max(
        sum(children[other.id] for other in group if other.start_at <= moment < other.end_at) for moment in moments
    )
