"""The week one offers, painted by finger, mouse or keyboard, or row by row without any script."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi.responses import Response
from pydantic import Field, StringConstraints
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_id, settings_of
from sharecare.availability.queries import my_hours
from sharecare.availability.rules import DAY_MINUTES, Weekly, clock_of
from sharecare.availability.schemas import WeeklyDraft, clocks
from sharecare.availability.service import change_week
from sharecare.availability.week import (
    CELL_MINUTES,
    CELLS_A_DAY,
    cell,
    has_dates,
    minutes_in_cells,
    tidy_week,
)
from sharecare.drafts import Draft
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View

router = page_router()
DAYS = range(7)
Cell = Annotated[str, StringConstraints(pattern=r"^[0-6]-([0-9]|[1-3][0-9]|4[0-7])$")]


class Painted(Draft):
    """Half hours that were painted and wiped, each as `weekday-place`; a place counts from midnight."""

    add: list[Cell]
    remove: list[Cell]


class Days(Draft):
    """On which days of the week."""

    days: list[Annotated[int, Field(ge=0, le=6)]] = Field(min_length=1, max_length=7)


@dataclass(frozen=True, slots=True)
class HalfHour:
    """One line of the painted week: its time, and how much of it each day offers."""

    place: int
    clock: str
    until: str
    states: tuple[str, ...]
    hidden: bool


Change = tuple[list[Weekly], list[Weekly]]
"""Hours to add, and hours to take away."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of hours in words."""

    start: str
    end: str
    next_day: bool
    from_date: date | None
    until_date: date | None
    fields: dict[str, object]


@router.get("/hours", operation_id="read_hours")
async def hours_page(look: Looking, day: str = "") -> Response:
    """Show the week."""
    return await _week(look, whole=day == "whole")


@router.post("/hours", operation_id="set_weekly_hours")
async def paint(look: Looking) -> Response:
    """Take over what was painted and wiped."""
    form = look.form

    def change() -> Change:
        painted = form.read(Painted, add=form.text("add").split(), remove=form.text("remove").split())
        return _cells(painted.add), _cells(painted.remove)

    return await _changed(look, change)


@router.post("/hours/add", operation_id="set_weekly_hours")
async def add(look: Looking) -> Response:
    """Add hours on some days."""
    form = look.form

    def change() -> Change:
        days = form.read(Days, names={"days": "weekday"}, days=form.all("weekday")).days
        return [_row(look, day) for day in days], []

    return await _changed(look, change)


@router.post("/hours/remove", operation_id="set_weekly_hours")
async def remove(look: Looking) -> Response:
    """Take one row of hours away."""
    return await _changed(look, lambda: ([], [_row(look, look.form.maybe("weekday"))]))


def _row(look: View, weekday: object) -> Weekly:
    form = look.form
    names = {"": "until_date"}
    drawn = {name: form.maybe(name) for name in ("start", "end", "from_date", "until_date")}
    return form.read(WeeklyDraft, names=names, weekday=weekday, **drawn).row()


def _cells(named: Iterable[str]) -> list[Weekly]:
    return [cell(*map(int, name.split("-"))) for name in named]


async def _changed(look: View, change: Callable[[], Change]) -> Response:
    async def work(session: AsyncSession) -> str:
        add, remove = change()
        await change_week(session, by=look.actor, add=add, remove=remove, now=look.now)
        return "/hours?done=hours_saved"

    return await or_again(look, lambda: look.do(work), lambda code: _week(look, code=code))


async def _week(look: View, *, whole: bool = False, code: int = 200) -> Response:
    hours = await my_hours(look.session, by=look.actor, now=look.now)
    weekly = tidy_week([row.row() for row in hours.weekly])
    settings = settings_of(await area_by_id(look.session, look.actor.area_id))
    first, last = settings.care_from.hour, settings.care_until.hour + (settings.care_until.minute > 0)
    cells = minutes_in_cells(weekly)
    return await look.show(
        "hours.html",
        code=code,
        whole=whole or _reaches_beyond(cells, first * 2, last * 2),
        lines=[_half_hour(cells, place, first * 2, last * 2) for place in range(CELLS_A_DAY)],
        by_day=[(day, [_line(row) for row in weekly if row.weekday == day]) for day in DAYS],
        minutes=sum(map(sum, cells)),
        dated=any(map(has_dates, weekly)),
        zone=hours.timezone,
    )


def _reaches_beyond(cells: list[list[int]], first: int, last: int) -> bool:
    return any(any(day[:first]) or any(day[last:]) for day in cells)


def _half_hour(cells: list[list[int]], place: int, first: int, last: int) -> HalfHour:
    start = place * CELL_MINUTES
    return HalfHour(
        place=place,
        clock=clock_of(start),
        until=clock_of(start + CELL_MINUTES),
        states=tuple(_state(cells[day][place]) for day in DAYS),
        hidden=not first <= place < last,
    )


def _state(minutes: int) -> str:
    return "on" if minutes == CELL_MINUTES else "part" if minutes else "off"


def _line(row: Weekly) -> Line:
    told = clocks(row.start_minute, row.end_minute)
    dates = {name: getattr(row, name) for name in ("from_date", "until_date") if getattr(row, name)}
    return Line(
        start=told["start"],
        end=told["end"],
        next_day=row.end_minute > DAY_MINUTES,
        from_date=row.from_date,
        until_date=row.until_date,
        fields={"weekday": row.weekday, **told, **dates},
    )
