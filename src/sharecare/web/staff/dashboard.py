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
from sharecare.metrics.periods import is_over
from sharecare.metrics.report import roll_ups
from sharecare.metrics.schemas import Unit
from sharecare.spreadsheet import plain_cell
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View
from sharecare.web.shell import shell_of
from sharecare.web.staff import states
from sharecare.web.staff.choosing import address_of, chosen_period, months_to_choose, steps_around
from sharecare.web.staff.goals import GoalCard, goal_cards, table_of_goals
from sharecare.web.staff.panels import Panel, Scene, Table, by_month, first_day_drawn, members, uses
from sharecare.web.staff.places import PlaceMap, place_maps
from sharecare.web.staff.saying import Saying

router = page_router()
LED_TO = frozenset({"to-do", "desk", "policies", "incidents"})  # from messages


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
    period, path = board.scene.period, look.request.url.path
    later = period.after
    return await look.show(
        "staff/dashboard.html",
        slug=slug,
        area=board.area,
        board=board,
        chosen=board.scene.say.period(period),
        steps=[(one, address_of(one, path)) for one in steps_around(period, board.today)],
        step=period.step,
        earlier=address_of(period.before, path),
        later=address_of(later, path) if is_over(later, board.today) else None,
        months=[(f"{month:%Y-%m}", board.scene.say.tongue.month(month)) for month in months_to_choose(board.today)],
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
    return Board(area, scene, today, goal_cards(known, today, say, look.t), _panels(scene), place_maps(scene))


def _panels(scene: Scene) -> list[Panel]:
    """Return every panel in the order in which they are looked at."""
    return [
        uses(scene),
        members(scene),
        states.coverage(scene),
        states.safety(scene),
        states.fill(scene),
        states.waiting(scene),
        states.unmet(scene),
        by_month(scene, "requests", Unit.COUNT),
        by_month(scene, "care_hours", Unit.HOURS),
        states.trust(scene),
        states.levels(scene),
    ]
