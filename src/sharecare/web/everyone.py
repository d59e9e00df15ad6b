"""Pages that need no sign-in: the start, help, the choice of language."""

from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import ProfileChange
from sharecare.accounts.service import change_profile
from sharecare.areas.queries import all_areas, area_by_id, settings_of
from sharecare.metrics.days import last_month
from sharecare.metrics.report import report
from sharecare.metrics.schemas import Audience, Figure, Unit
from sharecare.web.browser import LANGUAGE, is_secure, page_router
from sharecare.web.page import LANGUAGES, Looking, View, go, local_path

router = page_router()
A_YEAR_S = 365 * 86_400


@router.get("/", operation_id="show_start")
async def start(look: Looking) -> Response:
    """Explain, and show each area's figures of the last whole month as far as they may be published."""
    areas = []
    for area in await all_areas(look.session):
        first, last = last_month(look.now, ZoneInfo(area.timezone))
        made = await report(look.session, area=area, first_day=first, last_day=last, audience=Audience.PUBLIC)
        figures = [(look.t(f"start.figure.{figure.name}"), _shown(look, figure), figure) for figure in made.figures]
        areas.append({"name": area.name_in(look.language), "report": made, "figures": figures})
    return await look.show("start.html", areas=areas)


@router.get("/help", operation_id="show_help")
async def help_page(look: Looking) -> Response:
    """Say where to turn to, and answer what people ask."""
    actor = look.browser.actor
    areas = [await area_by_id(look.session, actor.area_id)] if actor else await all_areas(look.session)
    desks = [(area.name_in(look.language), settings_of(area)) for area in areas]
    return await look.show(
        "help.html", desks=[(name, desk) for name, desk in desks if desk.desk_phone or desk.desk_email]
    )


@router.post("/language", operation_id="choose_language")
async def choose_language(look: Looking) -> Response:
    """Speak another language from here on, on this browser and in messages."""
    chosen = look.form.text("language")
    response = go(local_path(look.form.text("back"), "/"))
    if chosen not in LANGUAGES:
        return response
    if (actor := look.browser.actor) is not None:
        change = ProfileChange(language=chosen)

        async def work(session: AsyncSession) -> None:
            await change_profile(session, by=actor, change=change, identified=True, now=look.now)

        await look.session.close()
        await look.here.database.write(work)
    response.set_cookie(LANGUAGE, chosen, max_age=A_YEAR_S, samesite="lax", secure=is_secure(look.here), httponly=True)
    return response


def _shown(look: View, figure: Figure) -> str:
    """Write a figure as people do; where too few families stand behind it, say so."""
    if figure.withheld:
        return look.t("start.withheld")
    if figure.value is None:
        return "–"
    return f"{figure.value:.0%}" if figure.unit is Unit.SHARE else f"{figure.value:,.0f}"
