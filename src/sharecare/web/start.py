"""The start page: what this is, the areas' published figures, and the way to the API."""

from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from sharecare.areas.queries import all_areas
from sharecare.deps import Now, Reader, language_of
from sharecare.metrics.days import last_month
from sharecare.metrics.report import report
from sharecare.metrics.schemas import Audience, Figure, Unit

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).parent / "templates")
# Short names of the figures that may be published.
LABELS = {
    "members": {"ja": "会員", "en": "members"},
    "uses": {"ja": "支援の回数", "en": "supports"},
    "care_hours": {"ja": "支援の時間", "en": "hours of care"},
    "fill_rate": {"ja": "かなったお願い", "en": "requests met"},
    "coverage": {"ja": "保険が有効だった支援", "en": "supports insured throughout"},
}


@router.get("/", response_class=HTMLResponse)
async def start(request: Request, session: Reader, now: Now) -> HTMLResponse:
    """Show each area's figures of the last whole month, as far as they may be published."""
    language = language_of(request)
    areas = []
    for area in await all_areas(session):
        first, last = last_month(now, ZoneInfo(area.timezone))
        made = await report(session, area=area, first_day=first, last_day=last, audience=Audience.PUBLIC)
        figures = [(LABELS[figure.name][language], _shown(figure, language)) for figure in made.figures]
        areas.append({"name": area.name_ja if language == "ja" else area.name_en, "report": made, "figures": figures})
    return templates.TemplateResponse(request, f"start.{language}.html", {"areas": areas})


def _shown(figure: Figure, language: str) -> str:
    """Write a figure as people do; where too few families stand behind it, say so."""
    if figure.withheld:
        return "非公開(少人数のため)" if language == "ja" else "withheld: too few families"
    if figure.value is None:
        return "–"
    if figure.unit is Unit.SHARE:
        return f"{figure.value:.0%}"
    return f"{figure.value:,.0f}"
