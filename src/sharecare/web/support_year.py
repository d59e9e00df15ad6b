"""A supporter's year, to look back on and to print."""

from fastapi.responses import Response

from sharecare.areas.queries import zone_of_area
from sharecare.care.year import support_year
from sharecare.errors import NotFound
from sharecare.web.browser import page_router
from sharecare.web.page import Looking

router = page_router()
FIRST_YEAR = 2020  # before any town used this
BARS_HIGH = 100


@router.get("/supporter/year", operation_id="show_support_year")
async def year_page(look: Looking, year: int | None = None) -> Response:
    """Show one year, the present one unless another is named.

    Raises:
        NotFound: it lies before the beginning or after today.

    """
    zone = await zone_of_area(look.session, look.actor.area_id)
    this_year = look.now.astimezone(zone).year
    shown = this_year if year is None else year
    if not FIRST_YEAR <= shown <= this_year:
        raise NotFound
    told = await support_year(look.session, by=look.actor, year=shown, zone=zone)
    top = max(60, *(month.minutes for month in told.months))
    bars = [(month, round(month.minutes / top * BARS_HIGH)) for month in told.months]
    before = shown - 1 if shown > FIRST_YEAR else None
    after = shown + 1 if shown < this_year else None
    return await look.show("support_year.html", told=told, bars=bars, before=before, after=after, high=BARS_HIGH)
