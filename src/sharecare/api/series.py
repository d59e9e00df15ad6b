"""Series of supports: every Wednesday until March."""

from datetime import date

from fastapi import status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit
from sharecare.care import series, series_choosing, series_queries
from sharecare.care.schemas import MaybeWhy
from sharecare.care.series_schemas import (
    SeriesChoice,
    SeriesDraft,
    SeriesGlimpse,
    SeriesOfferDraft,
    SeriesOutcome,
    SeriesView,
)
from sharecare.deps import Do, Index, Now, Reader, Who
from sharecare.paging import Page

router = api_router("series")


@router.post("/series", status_code=status.HTTP_201_CREATED, operation_id="open_series")
async def open_series(draft: SeriesDraft, actor: Who, do: Do, index: Index, now: Now) -> SeriesView:
    """Open a request for every date that can be; the others say why not."""

    async def work(session: AsyncSession) -> SeriesView:
        opened = await series.open_series(session, index, by=actor, draft=draft, now=now)
        return await series_queries.series_view(session, opened.id, language=actor.language)

    return await do(work)


@router.get("/series", operation_id="list_my_series")
async def list_series(actor: Who, session: Reader, cursor: str | None = None, limit: Limit = 20) -> Page[SeriesView]:
    """List the family's series, newest first."""
    return await series_queries.my_series(session, by=actor, cursor=cursor, limit=limit)


@router.get("/series/{series_id}", operation_id="read_series")
async def read_series(series_id: Id, actor: Who, session: Reader) -> SeriesView | SeriesGlimpse:
    """Read a series: the family sees all of it, those asked the dates they were asked for."""
    if (await series.series_by_id(session, series_id)).household_id == actor.household_id:
        return await series_queries.series_view(session, series_id, language=actor.language)
    return await series_queries.series_glimpse(session, series_id, by=actor)


@router.post("/series/{series_id}/offers", operation_id="offer_for_series")
async def offer_for_series(series_id: Id, draft: SeriesOfferDraft, actor: Who, do: Do, now: Now) -> list[SeriesOutcome]:
    """Offer on every open date one was asked for."""
    return await do(
        lambda session: series_choosing.offer_for_series(
            session, by=actor, series_id=series_id, note=draft.note, now=now
        )
    )


@router.post("/series/{series_id}/accept", operation_id="accept_for_series")
async def accept_for_series(series_id: Id, choice: SeriesChoice, actor: Who, do: Do, now: Now) -> list[SeriesOutcome]:
    """Choose a supporter for every open date they offered on; each is booked with its own cover, or says why not."""
    supporter_id = choice.supporter_id
    return await do(
        lambda session: series_choosing.accept_for_series(
            session, by=actor, series_id=series_id, supporter_id=supporter_id, now=now
        )
    )


@router.post("/series/{series_id}/cancel", operation_id="cancel_series")
async def cancel_series(series_id: Id, why: MaybeWhy, actor: Who, do: Do, index: Index, now: Now) -> list[date]:
    """Cancel what is left: a family everything, a supporter their own bookings. One date is cancelled by itself."""
    return await do(
        lambda session: series.cancel_series(session, index, by=actor, series_id=series_id, reason=why.reason, now=now)
    )
