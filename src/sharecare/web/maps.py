"""Maps of mesh cells, drawn on the server; where scripts run, the same cells lie over streets."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

from sharecare.geo import cell_from_code

WIDTH = 400  # of a drawing, in its own units
MARGIN = 0.08  # of the larger side
LETTER = 14  # height of a name, and the width of a Japanese letter
SHADES = range(5)

Bounds = tuple[float, float, float, float]
"""South, west, north, east in degrees."""


@dataclass(frozen=True, slots=True)
class Shaded:
    """A cell by its mesh code (8 to 10 digits), how dark it is (0 to 4), and what it says."""

    code: str
    shade: int
    label: str


@dataclass(frozen=True, slots=True)
class Pin:
    """A place that a map names."""

    lat: float
    lon: float
    label: str


@dataclass(frozen=True, slots=True)
class Square:
    """A cell as drawn."""

    x: float
    y: float
    width: float
    height: float
    shade: int
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A place as drawn; `name` is empty where it would run into another's."""

    x: float
    y: float
    label: str
    name: str


@dataclass(frozen=True, slots=True)
class CellMap:
    """A map as the template draws it, and the same for the script."""

    height: float
    squares: Sequence[Square]
    dots: Sequence[Dot]
    told: str  # JSON
    width: float = WIDTH


def cell_map(cells: Iterable[Shaded], pins: Iterable[Pin] = (), *, around: Bounds | None = None) -> CellMap | None:
    """Draw cells and places; where there are none a map to choose on `around`, or None.

    Raises:
        NoMeshCodeError: a code is none.

    """
    bounded = [(cell, cell_from_code(cell.code).bounds) for cell in cells]
    places = list(pins)
    corners = [bounds for _, bounds in bounded] + [(pin.lat, pin.lon, pin.lat, pin.lon) for pin in places]
    if not corners and around is not None:
        corners = [around]
    if not corners:
        return None
    paper = _Paper.around(corners)
    told = {
        "cells": [(*bounds, cell.shade, cell.label) for cell, bounds in bounded],
        "pins": [(pin.lat, pin.lon, pin.label) for pin in places],
        "around": around,
    }
    return CellMap(
        height=round(paper.height, 1),
        squares=[paper.square(cell, bounds) for cell, bounds in bounded],
        dots=paper.dots(places),
        told=json.dumps(told, ensure_ascii=False),
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """How degrees become units: straight lines will do for a town."""

    north: float
    west: float
    per_degree_north: float
    per_degree_east: float
    height: float

    @classmethod
    def around(cls, corners: Sequence[Bounds]) -> "_Paper":
        south, west = min(one[0] for one in corners), min(one[1] for one in corners)
        north, east = max(one[2] for one in corners), max(one[3] for one in corners)
        narrowing = cos(radians((south + north) / 2))
        margin = max((east - west) * narrowing, north - south, 0.002) * MARGIN
        scale = WIDTH / ((east - west) * narrowing + 2 * margin)
        height = (north - south + 2 * margin) * scale
        return cls(north + margin, west - margin / narrowing, scale, scale * narrowing, height)

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        return round((lon - self.west) * self.per_degree_east, 1), round((self.north - lat) * self.per_degree_north, 1)

    def square(self, cell: Shaded, bounds: Bounds) -> Square:
        south, west, north, east = bounds
        (x, y), (right, bottom) = self.at(north, west), self.at(south, east)
        return Square(x, y, round(right - x, 1), round(bottom - y, 1), cell.shade, cell.label)

    def dots(self, pins: Iterable[Pin]) -> list[Dot]:
        """Name places from the first on, as far as there is room."""
        taken: list[Bounds] = []
        drawn = []
        for pin in pins:
            x, y = self.at(pin.lat, pin.lon)
            half = sum(LETTER if ord(letter) > 0xFF else LETTER / 2 for letter in pin.label) / 2  # noqa: PLR2004  -- Latin-1
            box = (x - half, y - 1.5 * LETTER, x + half, y + LETTER / 2)
            free = box[0] >= 0 and box[2] <= WIDTH and not any(_overlap(box, other) for other in taken)
            if free:
                taken.append(box)
            drawn.append(Dot(x, y, pin.label, pin.label if free else ""))
        return drawn


def _overlap(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
