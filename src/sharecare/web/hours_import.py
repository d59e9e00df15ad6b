"""Bringing in one's own calendar: a file, a look at what it would take away, and only then the change."""

from itertools import groupby
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.availability.calendar_file import Busy
from sharecare.availability.calendar_import import NotACalendar, read_calendar
from sharecare.availability.queries import my_hours
from sharecare.availability.rules import clock_of
from sharecare.availability.schemas import BusyCalendar
from sharecare.availability.service import replace_imported
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View

router = page_router()
DAYS_SHOWN = 60


@router.get("/hours/import", operation_id="import_hours")
async def import_page(look: Looking) -> Response:
    """Ask for the file."""
    return await _asked(look)


@router.post("/hours/import", operation_id="import_hours")
async def preview(look: Looking) -> Response:
    """Show what the file would take away; nothing is kept yet."""
    zone = ZoneInfo((await my_hours(look.session, by=look.actor, now=look.now)).timezone)
    today = look.now.astimezone(zone).date()
    await look.session.close()  # reading takes a while, and others need the connection

    async def deed() -> Response:
        return await _previewed(look, await read_calendar(await _sent(look), zone=zone, today=today))

    return await or_again(look, deed, lambda code: _asked(look, code=code))


@router.post("/hours/import/confirm", operation_id="import_hours")
async def confirm(look: Looking) -> Response:
    """Take those hours away; what the import before took comes back."""
    rows = [line.split() for line in look.form.text("busy").splitlines()]
    names = ("on_date", "start_minute", "end_minute")
    by, done = look.actor, "calendar_imported" if rows else "import_undone"

    async def work(session: AsyncSession) -> str:
        calendar = look.form.read(
            BusyCalendar, names={"busy": "file"}, busy=[dict(zip(names, row, strict=False)) for row in rows]
        )
        await replace_imported(session, by=by, busy=calendar.rows(), now=look.now)
        return f"/hours/exceptions?done={done}"

    return await or_again(look, lambda: look.do(work), lambda code: _asked(look, code=code))


async def _sent(look: View) -> bytes:
    if "file" not in look.form.files:
        raise NotACalendar
    return await look.form.uploaded("file")


async def _previewed(look: View, found: Busy) -> Response:
    days = [
        (day, [(clock_of(low), clock_of(high)) for _, low, high in rows])
        for day, rows in groupby(found.rows, key=lambda row: row[0])
    ]
    return await look.show(
        "hours_preview.html",
        days=days[:DAYS_SHOWN],
        more=max(0, len(days) - DAYS_SHOWN),
        until=found.until,
        skipped=found.skipped,
        busy="\n".join(f"{day} {low} {high}" for day, low, high in found.rows),
    )


async def _asked(look: View, *, code: int = 200) -> Response:
    async with look.here.database.read() as session:
        hours = await my_hours(session, by=look.actor, now=look.now)
    imported = sum(one.imported for one in hours.exceptions)
    return await look.show("hours_import.html", code=code, imported=imported)
