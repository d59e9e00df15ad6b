"""Special days: hours taken off or added on single dates, seen on a month."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.availability.queries import my_hours
from sharecare.availability.rules import AHEAD, DAY_MINUTES, Dated, clock_of, offered_periods
from sharecare.availability.schemas import ExceptionDraft, ExceptionView, HoursView
from sharecare.availability.service import add_exception, remove_exception
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.month import month_page
from sharecare.web.page import Looking, View

router = page_router()
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DayHours:
    """What one date offers: minutes from its midnight, and whether it differs from the week."""

    spans: list[tuple[int, int]]
    changed: bool

    @property
    def clocks(self) -> list[tuple[str, str]]:
        """The hours as people write them."""
        return [(clock_of(low), clock_of(high)) for low, high in self.spans]


@router.get("/hours/exceptions", operation_id="read_hours")
async def month_of_hours(look: Looking, month: str = "", day: str = "") -> Response:
    """Show a month, and one day of it."""
    return await _month(look, _date(f"{month}-01"), _date(day))


@router.post("/hours/exceptions", operation_id="add_hours_exception")
async def add(look: Looking) -> Response:
    """Take hours off one date, or add some."""
    form, by = look.form, look.actor
    chosen = _date(form.text("on_date"))

    async def work(session: AsyncSession) -> str:
        draft = form.read(
            ExceptionDraft,
            on_date=form.maybe("on_date"),
            start=form.maybe("start"),
            end=form.maybe("end"),
            kind=form.maybe("kind"),
        )
        await add_exception(session, by=by, draft=draft, now=look.now)
        return f"/hours/exceptions?day={draft.on_date}&done=day_changed"

    return await or_again(look, lambda: look.do(work), lambda code: _month(look, chosen, chosen, code=code))


@router.post("/hours/exceptions/{exception_id}/remove", operation_id="remove_hours_exception")
async def remove(look: Looking, exception_id: int) -> Response:
    """Take an exception back."""
    by, day = look.actor, _date(look.form.text("on_date"))

    async def work(session: AsyncSession) -> str:
        await remove_exception(session, by=by, exception_id=exception_id, now=look.now)
        return f"/hours/exceptions?day={day or ''}&done=day_changed"

    return await look.do(work)


async def _month(look: View, month: date | None, day: date | None, *, code: int = 200) -> Response:
    hours = await my_hours(look.session, by=look.actor, now=look.now)
    today = look.now.astimezone(ZoneInfo(hours.timezone)).date()
    last = today + AHEAD
    chosen = day if day and today <= day <= last else None
    first = min(max(month or chosen or today, today), last).replace(day=1)
    return await look.show(
        "hours_exceptions.html",
        code=code,
        shown=month_page(first, today=today, holds=_days(hours, first), last=last),
        chosen=chosen,
        offered=_days(hours, chosen.replace(day=1)).get(chosen) if chosen else None,
        exceptions=[one for one in hours.exceptions if one.on_date == chosen],
    )


def _days(hours: HoursView, first: date) -> dict[date, DayHours]:
    """Return what each date of a month's weeks offers, on the wall clock of the hours."""
    zone = ZoneInfo(hours.timezone)
    low, high = first - timedelta(days=7), first + timedelta(days=38)
    start, end = (datetime.combine(one, time(), zone) for one in (low, high))
    weekly, dated = [row.row() for row in hours.weekly], [_dated(one) for one in hours.exceptions]
    spans: dict[date, list[tuple[int, int]]] = {low + timedelta(days=n): [] for n in range((high - low).days)}
    for began, ended in offered_periods(weekly, dated, zone, start_at=start, end_at=end):
        at, until = (moment.astimezone(zone).replace(tzinfo=None) for moment in (began, ended))
        while at < until:
            midnight = datetime.combine(at.date(), time())
            spans[at.date()].append(((at - midnight) // MINUTE, min(DAY_MINUTES, (until - midnight) // MINUTE)))
            at = midnight + timedelta(days=1)
    changed = {one.on_date for one in hours.exceptions}
    return {day: DayHours(offered, day in changed) for day, offered in spans.items()}


def _dated(one: ExceptionView) -> Dated:
    draft = ExceptionDraft(on_date=one.on_date, start=one.start, end=one.end, kind=one.kind)
    return Dated(one.on_date, *draft.minutes(), one.kind)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
