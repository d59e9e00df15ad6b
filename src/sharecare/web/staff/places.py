"""Where help is wanted, and where supporters live: two maps of the same cells."""

from collections.abc import Mapping
from dataclasses import dataclass

from sharecare.metrics.schemas import Unit
from sharecare.metrics.together import cells, supporters_by_cell
from sharecare.web.maps import CellMap, Shaded, cell_map
from sharecare.web.staff.panels import Scene, Table, rounded

SHADES = 5
MOST_NUMBERED = 12


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """One map, and what lies in no cell of it."""

    name: str
    map: CellMap | None
    legend: list[tuple[tuple[int, ...], str]]  # what shades mean, where there are several
    is_numbered: bool  # the cells are few enough for each to hold its number
    beside: list[str]
    table: Table


def place_maps(scene: Scene) -> list[PlaceMap]:
    """Return the map of need and the map of supply."""
    return [
        _map(scene, "unmet_cells", cells(scene.now), Unit.HOURS),
        _map(scene, "supporter_cells", supporters_by_cell(scene.now), Unit.COUNT),
    ]


def _map(scene: Scene, name: str, amounts: Mapping[str, float], unit: Unit) -> PlaceMap:
    most = max((amount for label, amount in amounts.items() if label.isdecimal()), default=0) or 1
    shown = {label: scene.say.number(amount, unit) for label, amount in amounts.items()}
    drawn = [
        Shaded(label, min(SHADES - 1, int(SHADES * amount / most)), shown[label])
        for label, amount in amounts.items()
        if label.isdecimal()
    ]
    rest = {label: scene.t("staff.no_cell") for label in amounts if not label.isdecimal()}
    rows = [[rest.get(label, label), rounded(amount)] for label, amount in amounts.items()]
    legend = ((0, SHADES // 2, SHADES - 1), scene.t("staff.shades", most=scene.say.number(most, unit)))
    alone = [scene.t("staff.one_cell", n=one.label) for one in drawn] if len(drawn) == 1 else []
    return PlaceMap(
        name=name,
        map=cell_map(sorted(drawn, key=lambda one: len(one.code))),
        legend=[legend] if len(drawn) > 1 else [],
        is_numbered=len(drawn) <= MOST_NUMBERED,
        beside=alone + [f"{words}: {shown[label]}" for label, words in rest.items()],
        table=Table(scene.head("cell", "hours" if unit is Unit.HOURS else "supporters"), rows),
    )
