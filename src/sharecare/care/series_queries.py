"""Reading series."""

from datetime import date
from typing import TypeGuard

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import names_of
from sharecare.accounts.rules import Actor
from sharecare.care.day_models import CareSeries, SeriesDate
from sharecare.care.models import Ask, Booking, CareRequest, Offer
from sharecare.care.queries import request_glimpse
from sharecare.care.rules import AskState, BookingState, OfferState, RequestState
from sharecare.care.series import series_by_id
from sharecare.care.series_schemas import SeriesDateView, SeriesGlimpse, SeriesOffers, SeriesView
from sharecare.paging import Page, page_of, read_cursor

SKIPPED = "skipped"


async def series_view(session: AsyncSession, series_id: int, *, language: str) -> SeriesView:
    """Return a series as its family sees it, every date with its state or the reason why there is none."""
    series = await series_by_id(session, series_id)
    return SeriesView(
        **series.model_dump(include=set(SeriesView.model_fields)),
        dates=await _dates(session, series_id, language),
        offers=await _offers(session, series_id),
    )


async def series_glimpse(session: AsyncSession, series_id: int, *, by: Actor) -> SeriesGlimpse:
    """Return a series as a supporter sees it who was asked for some of its dates."""
    asked = (
        select(CareRequest.id)
        .join(Ask, col(Ask.request_id) == col(CareRequest.id))
        .where(CareRequest.series_id == series_id, Ask.supporter_id == by.person_id, Ask.delivered)
        .order_by(col(CareRequest.start_at))
    )
    ids = (await session.exec(asked)).all()
    return SeriesGlimpse(id=series_id, requests=[await request_glimpse(session, one, by=by) for one in ids])


async def my_series(session: AsyncSession, *, by: Actor, cursor: str | None, limit: int) -> Page[SeriesView]:
    """Return one page of the family's series, newest first."""
    mine = select(CareSeries.id).where(CareSeries.household_id == by.household_id)
    if (before := read_cursor(cursor)) is not None:
        mine = mine.where(col(CareSeries.id) < before)
    ids = (await session.exec(mine.order_by(col(CareSeries.id).desc()).limit(limit + 1))).all()
    views = [await series_view(session, one, language=by.language) for one in ids]
    return page_of(views, limit=limit, key=lambda view: view.id)


async def _dates(session: AsyncSession, series_id: int, language: str) -> list[SeriesDateView]:
    found = await session.exec(
        select(SeriesDate, CareRequest, Booking.id, Ask.state)
        .join(CareRequest, col(CareRequest.id) == col(SeriesDate.request_id), isouter=True)
        .join(
            Booking,
            (col(Booking.request_id) == col(CareRequest.id)) & (col(Booking.state) != BookingState.CANCELLED),
            isouter=True,
        )
        .join(
            Ask,
            (col(Ask.request_id) == col(CareRequest.id))
            & (col(Ask.supporter_id) == col(CareRequest.named_supporter_id)),
            isouter=True,
        )
        .where(SeriesDate.series_id == series_id)
        .order_by(col(SeriesDate.day))
    )
    rows = found.all()
    named = {id_ for _, request, *_ in rows if _waits(request) and (id_ := request.named_supporter_id) is not None}
    names = await names_of(session, list(named)) if named else {}
    return [
        SeriesDateView(
            day=one.day,
            request_id=one.request_id,
            state=SKIPPED if request is None else request.state,
            booking_id=booking_id,
            named=names.get(request.named_supporter_id or 0) if _waits(request) else None,
            declined=_waits(request) and answer == AskState.DECLINED,
            reason=_reason(one, request, language),
        )
        for one, request, booking_id, answer in rows
    ]


def _reason(one: SeriesDate, request: CareRequest | None, language: str) -> str | None:
    """Return why there is nothing on a date, as long as there isn't."""
    empty = request is None or _waits(request)
    return (one.reason_ja if language == "ja" else one.reason_en) or None if empty else None


def _waits(request: CareRequest | None) -> TypeGuard[CareRequest]:
    return request is not None and request.state == RequestState.OPEN


async def _offers(session: AsyncSession, series_id: int) -> list[SeriesOffers]:
    standing = (
        select(col(Offer.supporter_id), col(SeriesDate.day))
        .join(SeriesDate, col(SeriesDate.request_id) == col(Offer.request_id))
        .where(SeriesDate.series_id == series_id, Offer.state == OfferState.OPEN)
        .order_by(col(Offer.id))
    )
    days: dict[int, list[date]] = {}
    for supporter_id, day in await session.exec(standing):
        days.setdefault(supporter_id, []).append(day)
    names = await names_of(session, list(days))
    return [SeriesOffers(supporter_id=one, name=names[one], dates=sorted(when)) for one, when in days.items()]
