"""A care that comes again every week: asked once, offered once, chosen once; each date booked by itself."""

from datetime import date

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.schemas import MaybeWhy
from sharecare.care.series import cancel_series, series_by_id
from sharecare.care.series_choosing import accept_for_series, offer_for_series
from sharecare.care.series_queries import my_series, series_glimpse, series_view
from sharecare.care.series_schemas import SeriesChoice, SeriesOfferDraft, SeriesOutcome, SeriesView
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Index, Looking, View

router = page_router()
A_PAGE = 20


@router.get("/series", operation_id="list_my_series")
async def list_series(look: Looking, cursor: str | None = None) -> Response:
    """List the family's series, newest first."""
    page = await my_series(look.session, by=look.actor, cursor=cursor, limit=A_PAGE)
    return await look.show("series_list.html", page=page)


@router.get("/series/{series_id}", operation_id="read_series")
async def show_series(look: Looking, series_id: int) -> Response:
    """Show the family every date, and those asked the dates they were asked for."""
    return await _shown(look, series_id)


@router.post("/series/{series_id}/offers", operation_id="offer_for_series")
async def offer(look: Looking, series_id: int) -> Response:
    """Offer on every date one can."""

    async def work(session: AsyncSession) -> str:
        draft = look.form.read(SeriesOfferDraft, note=look.form.maybe("note"))
        done = await offer_for_series(session, by=look.actor, series_id=series_id, note=draft.note, now=look.now)
        return f"/series/{series_id}?done={_told(done, 'series_offered')}"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, series_id, code=code))


@router.post("/series/{series_id}/accept", operation_id="accept_for_series")
async def accept(look: Looking, series_id: int) -> Response:
    """Choose a supporter for every date they offered on."""

    async def work(session: AsyncSession) -> str:
        chosen = look.form.read(SeriesChoice, supporter_id=look.form.maybe("supporter_id")).supporter_id
        done = await accept_for_series(session, by=look.actor, series_id=series_id, supporter_id=chosen, now=look.now)
        return f"/series/{series_id}?done={_told(done, 'series_booked')}"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, series_id, code=code))


@router.post("/series/{series_id}/cancel", operation_id="cancel_series")
async def cancel(look: Looking, index: Index, series_id: int) -> Response:
    """Cancel what is left."""

    async def work(session: AsyncSession) -> str:
        why = look.form.read(MaybeWhy, reason=look.form.maybe("reason"))
        await cancel_series(session, index, by=look.actor, series_id=series_id, reason=why.reason, now=look.now)
        return f"/series/{series_id}?done=series_cancelled"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, series_id, code=code))


def _told(outcomes: list[SeriesOutcome], done: str) -> str:
    """Name what is said of it: some dates may have been refused, and the page tells which are left."""
    return done if all(one.done for one in outcomes) else f"{done}_in_part"


async def _shown(look: View, series_id: int, *, code: int = 200) -> Response:
    series = await series_by_id(look.session, series_id)
    if series.household_id == look.actor.household_id:
        view = await series_view(look.session, series_id, language=look.language)
        return await look.show("series.html", code=code, view=view, left=_left(view, look.now.date()))
    glimpse = await series_glimpse(look.session, series_id, by=look.actor)
    return await look.show("series_asked.html", code=code, glimpse=glimpse)


def _left(view: SeriesView, today: date) -> bool:
    """Say whether there is anything to cancel."""
    return any(one.day >= today and one.state in {"open", "booked"} for one in view.dates)
