"""Area figures: what anyone may see, and the report for the area's staff."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query

from sharecare.api.door import api_router
from sharecare.areas.queries import area_by_slug
from sharecare.deps import Now, Reader
from sharecare.drafts import MONTH
from sharecare.metrics.days import last_month, month_days
from sharecare.metrics.report import report, while_running
from sharecare.metrics.schemas import AreaReport, Audience

router = api_router("figures")

Month = Annotated[str, Query(pattern=MONTH, description="A calendar month.", examples=["2026-06"])]


@router.get("/areas/{slug}/figures", operation_id="read_public_figures")
async def read_public_figures(slug: str, session: Reader, now: Now) -> AreaReport:
    """Read an area's public totals of the last month that is over."""
    area = await area_by_slug(session, slug)
    first_day, last_day = last_month(now, ZoneInfo(area.timezone))
    return await report(session, area=area, first_day=first_day, last_day=last_day, audience=Audience.PUBLIC)


@router.get("/areas/{slug}/report", operation_id="read_area_report")
async def read_area_report(slug: str, month: Month, session: Reader, now: Now) -> AreaReport:
    """Read an area's report of one month; figures that concern few families are shown coarser.

    While the month runs, only the totals behind the goals are shown.
    """
    area = await area_by_slug(session, slug)
    first_day, last_day = month_days(month)
    made = await report(session, area=area, first_day=first_day, last_day=last_day, audience=Audience.STAFF)
    running = last_day >= now.astimezone(ZoneInfo(area.timezone)).date()
    return while_running(made) if running else made
