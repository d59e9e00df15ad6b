"""A series of supports, every Wednesday until March: each date is a request, a booking and a cover of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import jpholiday
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.care.bookings import cancel_quietly, tell_reopened
from sharecare.care.day_models import CareSeries, SeriesDate
from sharecare.care.day_rules import MAX_SERIES_DATES, dates_of, window_on
from sharecare.care.models import Booking, CareRequest
from sharecare.care.needs import Gathered, gather, require_known_supporter
from sharecare.care.requests import ask_first, require_requests_left, store, withdraw_request
from sharecare.care.rules import BookingState, NotNow, RequestState
from sharecare.care.series_schemas import SeriesDraft
from sharecare.care.series_telling import Told, tell_asked_of_end, tell_cancelled
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.matching.feed import LiveIndex


class TooManyDates(Refusal):
    """A series has an end that one can oversee."""

    status = 400
    ja = "くり返しは{limit}回までです。終わりの日を早めてください。"
    en = "A series can have up to {limit} dates. Choose an earlier last day."


class NoDateLeft(Refusal):
    """Not one date can be requested."""

    ja = "お願いできる日がありません。{day}: {why_ja}"
    en = "None of the dates can be requested. {day}: {why_en}"


class PublicHoliday(Refusal):
    """The family leaves public holidays out."""

    ja = "祝日です({name})。"
    en = "It is a public holiday ({name})."


class NoSuchTime(Refusal):
    """The clocks are changed just then."""

    ja = "時計の切り替えで、この日にはその時刻がありません。"
    en = "The clocks change, and that time doesn't exist on this day."


@dataclass(frozen=True, slots=True)
class OpenDate:
    """A date of a series that is still open."""

    day: date
    request_id: int


async def open_series(
    session: AsyncSession, index: LiveIndex, *, by: Actor, draft: SeriesDraft, now: datetime
) -> CareSeries:
    """Open a request for every date that can be, and write down why the others can't.

    Raises:
        TooManyDates: there are more than anyone can oversee.
        NoDateLeft: no date can be requested.
        NotFound, EnoughRequests: as for one request; a series counts as one.

    """
    area = await area_by_id(session, by.area_id)
    zone = ZoneInfo(area.timezone)
    dates = dates_of(draft.need.start_at.astimezone(zone).date(), draft.until, draft.every_weeks)
    days = list(islice(dates, MAX_SERIES_DATES + 1))
    if len(days) > MAX_SERIES_DATES:
        raise TooManyDates(limit=MAX_SERIES_DATES)
    await require_requests_left(session, by, area, now=now)
    if draft.need.named_supporter_id is not None:
        await require_known_supporter(session, by, draft.need.named_supporter_id, now=now)
    found = {day: await _gathered(session, by, draft, day, zone, now=now) for day in days}
    _require_some(found)
    series = CareSeries(
        area_id=area.id,
        household_id=by.household_id,
        requester_id=by.person_id,
        first_day=days[0],
        opened_at=now,
        **draft.model_dump(include={"until", "every_weeks", "skip_holidays"}),
    )
    session.add(series)
    await session.flush()  # dates and requests name the series
    await _store_dates(session, series, found, by=by, now=now)
    data = {"series_id": series.id, "dates": len(days), "requests": len(_requests_in(found))}
    record(session, kind=FactKind.SERIES_OPENED, at=now, area_id=area.id, actor_id=by.person_id, data=data)
    for request in _requests_in(found):
        await ask_first(session, index, request, area, now=now)
    return series


async def cancel_series(
    session: AsyncSession, index: LiveIndex, *, by: Actor, series_id: int, reason: str, now: datetime
) -> list[date]:
    """Cancel what is left of a series and has not begun; return the dates.

    A family withdraws and cancels everything; a supporter cancels their own bookings, and those dates open again.

    Raises:
        NotNow: nothing is left.

    """
    series = await series_by_id(session, series_id, hold=True)
    is_family = by.household_id == series.household_id
    bookings = await _bookings_left(session, series_id, None if is_family else by.person_id, now=now)
    requests = await open_dates(session, series_id, now=now) if is_family else []
    if not bookings and not requests:
        raise NotNow(state="closed")
    closed: set[int] = set()
    for open_date in requests:
        closed |= await withdraw_request(
            session, by=by, request_id=open_date.request_id, reason=reason, now=now, quiet=True
        )
    cancelled: dict[int, list[date]] = {}
    asked_again: set[int] = set()
    for day, booking in bookings:
        opened = await cancel_quietly(session, index, booking, by=by, reason=reason, now=now)
        fresh = [one for one in opened.asked_again if one not in asked_again]  # each hears once, of their first date
        await tell_reopened(session, opened._replace(asked_again=fresh), now=now)
        asked_again.update(fresh)
        cancelled.setdefault(booking.supporter_id, []).append(day)
    for supporter_id, days in cancelled.items():
        told = await Told.of(session, series, supporter_id, days)
        await tell_cancelled(session, told, by=by, reason=reason, dates=len(days), now=now)
    if is_family:
        await _close(session, series, [one.day for one in requests], closed - cancelled.keys(), by=by, now=now)
    return sorted({one.day for one in requests} | {day for day, *_ in bookings})


async def _close(
    session: AsyncSession, series: CareSeries, withdrawn: Sequence[date], asked: set[int], *, by: Actor, now: datetime
) -> None:
    if withdrawn:
        told = await Told.of(session, series, series.requester_id, withdrawn)
        await tell_asked_of_end(session, told, asked, dates=len(withdrawn), now=now)
    series.closed_at = now
    session.add(series)
    data: dict[str, object] = {"series_id": series.id}
    record(session, kind=FactKind.SERIES_CLOSED, at=now, area_id=series.area_id, actor_id=by.person_id, data=data)


async def series_by_id(session: AsyncSession, series_id: int, *, hold: bool = False) -> CareSeries:
    """Return a series that the policy table has let through; with `hold`, nobody else changes it meanwhile."""
    found = select(CareSeries).where(CareSeries.id == series_id)
    return (await session.exec(found.with_for_update(key_share=True) if hold else found)).one()


async def _gathered(
    session: AsyncSession, by: Actor, draft: SeriesDraft, day: date, zone: ZoneInfo, *, now: datetime
) -> Gathered | Refusal:
    """Return a request for one date, or why there can be none."""
    holiday = jpholiday.is_holiday_name(day) if draft.skip_holidays else None
    if holiday:
        return PublicHoliday(name=holiday)
    walls = [at.astimezone(zone).time() for at in (draft.need.start_at, draft.need.end_at)]
    window = window_on(day, walls[0], walls[1], zone)
    if window is None:
        return NoSuchTime()
    need = draft.need.model_copy(update={"start_at": window[0], "end_at": window[1]})
    try:
        return await gather(session, by=by, need=need, now=now)
    except Refusal as refusal:
        return refusal


def _require_some(found: dict[date, Gathered | Refusal]) -> None:
    refused = [(day, why) for day, why in found.items() if isinstance(why, Refusal)]
    if len(refused) == len(found):
        day, why = refused[0]
        raise NoDateLeft(day=day, why_ja=why.text("ja"), why_en=why.text("en"))


async def _store_dates(
    session: AsyncSession, series: CareSeries, found: dict[date, Gathered | Refusal], *, by: Actor, now: datetime
) -> None:
    for day, one in found.items():
        if isinstance(one, Refusal):
            ja, en = one.text("ja"), one.text("en")
            session.add(SeriesDate(series_id=series.id, day=day, skipped=one.code, reason_ja=ja, reason_en=en))
            continue
        one.request.series_id = series.id
        await store(session, one, by=by, now=now)
        session.add(SeriesDate(series_id=series.id, day=day, request_id=one.request.id))
    await session.flush()  # asking counts the dates


def _requests_in(found: dict[date, Gathered | Refusal]) -> list[CareRequest]:
    return [one.request for one in found.values() if isinstance(one, Gathered)]


async def open_dates(session: AsyncSession, series_id: int, *, now: datetime) -> list[OpenDate]:
    """Return the dates of a series that are still to be booked."""
    dates = (
        select(col(SeriesDate.day), col(CareRequest.id))
        .join(CareRequest, col(CareRequest.id) == col(SeriesDate.request_id))
        .where(SeriesDate.series_id == series_id, CareRequest.state == RequestState.OPEN)
        .where(col(CareRequest.start_at) > now)
        .order_by(col(SeriesDate.day))
    )
    return [OpenDate(day, request_id) for day, request_id in await session.exec(dates)]


async def _bookings_left(
    session: AsyncSession, series_id: int, supporter_id: int | None, *, now: datetime
) -> list[tuple[date, Booking]]:
    left = (
        select(col(SeriesDate.day), Booking)
        .join(Booking, col(Booking.request_id) == col(SeriesDate.request_id))
        .where(SeriesDate.series_id == series_id, Booking.state == BookingState.CONFIRMED)
        .where(col(Booking.start_at) > now)
        .order_by(col(SeriesDate.day))
    )
    if supporter_id is not None:
        left = left.where(Booking.supporter_id == supporter_id)
    return [(day, booking) for day, booking in await session.exec(left)]
