"""How the area is doing, to look at."""

import csv
import io
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from fastapi import status
from fastapi.responses import RedirectResponse, Response

from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_slug
from sharecare.errors import NotFound
from sharecare.messages.words import Tongue
from sharecare.metrics.days import day_of
from sharecare.metrics.periods import Period, Step, is_known, month_of
from sharecare.metrics.report import roll_ups
from sharecare.metrics.schemas import Unit
from sharecare.spreadsheet import plain_cell
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View
from sharecare.web.shell import shell_of
from sharecare.web.staff import states
from sharecare.web.staff.choosing import (
    address_of,
    chosen_period,
    first_known,
    is_open,
    months_with_figures,
    steps_around,
)
from sharecare.web.staff.goals import GoalCard, goal_cards, table_of_goals
from sharecare.web.staff.panels import Panel, Scene, Table, by_month, first_day_drawn, members, uses
from sharecare.web.staff.places import PlaceMap, place_maps
from sharecare.web.staff.saying import Saying

router = page_router()
LED_TO = frozenset({"to-do", "desk", "policies", "incidents", "members"})  # from messages


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that a dashboard draws."""

    area: Area
    scene: Scene
    today: date
    goals: list[GoalCard]
    panels: list[Panel]
    places: list[PlaceMap]

    def table(self, name: str) -> Table | None:
        """Return the table behind a chart."""
        tables = {panel.name: panel.table for panel in self.panels} | {place.name: place.table for place in self.places}
        return tables.get(name)

    @property
    def since(self) -> date | None:
        """The area's first day."""
        return self.scene.known.since

    def opening(self, period: Period) -> dict[str, str]:
        """Return the words for a period and for the day from which it can be looked at."""
        say = self.scene.say
        return {"period": say.period(period), "day": say.tongue.full_date(period.after.first)}

    def first(self, step: Step) -> dict[str, str] | None:
        """Return the words for the first period that has figures; None before there are any."""
        return self.opening(first_known(step, self.since)) if self.since else None


@router.get("/staff", operation_id="find_my_area")
async def staff(look: Looking, to: str = "") -> Response:
    """Lead to the area that one works for, the first where there are several, and there to what a message is about."""
    slug = (await shell_of(look.session, look.actor)).staff_area
    if slug is None:
        raise NotFound
    return RedirectResponse(f"/staff/{slug}/{to}" if to in LED_TO else f"/staff/{slug}", status.HTTP_303_SEE_OTHER)


@router.get("/staff/{slug}", operation_id="look_at_area")
async def dashboard(slug: str, look: Looking) -> Response:
    """Draw the area's figures."""
    board = await _board(look, slug)
    period, path, since = board.scene.period, look.request.url.path, board.since
    steps = steps_around(period, board.today, since)
    return await look.show(
        "staff/dashboard.html",
        slug=slug,
        area=board.area,
        board=board,
        chosen=board.scene.say.period(period),
        steps=[(one, address_of(one, path)) for one in steps],
        instead=[(board.scene.say.period(one), address_of(one, path)) for one in steps[-1:]],
        period=period,
        earlier=address_of(period.before, path) if is_open(period.before, board.today, since) else None,
        later=address_of(period.after, path) if is_open(period.after, board.today, since) else None,
        running=board.opening(Period(Step.MONTH, *month_of(board.today))),
        months=[(f"{one:%Y-%m}", board.scene.say.tongue.month(one)) for one in months_with_figures(board.today, since)],
        ends=(f"{period.months[0][0]:%Y-%m}", f"{period.months[-1][0]:%Y-%m}"),
        csv=lambda name: address_of(period, f"{path}/figures/{name}.csv"),
    )


@router.get("/staff/{slug}/figures/{name}.csv", operation_id="save_area_figures")
async def figures(slug: str, name: str, look: Looking) -> Response:
    """Give a chart's figures to a spreadsheet."""
    board = await _board(look, slug)
    table = table_of_goals(board.goals, look.t) if name == "goals" else board.table(name)
    if table is None:
        raise NotFound
    return as_csv(table, f"{slug}-{name}-{board.scene.period.first}")


def as_csv(table: Table, name: str) -> Response:
    """Write a table as a file; with a byte-order mark, without which spreadsheets in Japan take it for Shift JIS."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerows([plain_cell(cell) for cell in row] for row in (table.head, *table.rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(lines.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


async def _board(look: View, slug: str) -> Board:
    area = await area_by_slug(look.session, slug)
    zone = ZoneInfo(area.timezone)
    today = day_of(look.now, zone)
    period = chosen_period(look.request.query_params, today)
    known = await roll_ups(look.session, area=area, first_day=first_day_drawn(period), last_day=today)
    say = Saying(Tongue(look.language, zone))
    scene = Scene(known, period, say, look.t)
    places = place_maps(scene) if scene.has_details else []
    return Board(area, scene, today, goal_cards(known, today, say, look.t), _panels(scene), places)


def _panels(scene: Scene) -> list[Panel]:
    """Return every panel that there are figures for: single figures in one strip, and then the charts."""
    panels = [uses(scene), members(scene)] if is_known(scene.period, scene.known.since) else []
    if scene.has_details:
        panels += [
            states.coverage(scene),
            by_month(scene, "requests", Unit.COUNT),
            by_month(scene, "care_hours", Unit.HOURS),
            states.trust(scene),
            states.fill(scene),
            states.waiting(scene),
            states.levels(scene),
            states.unmet(scene),
            states.safety(scene),
        ]
    return sorted(panels, key=lambda panel: bool(panel.chart))
