"""The rules of matching on one candidate at a time, as anyone would write them first."""

from collections.abc import Iterable, Iterator
from math import cos, exp, hypot, radians, sin, sqrt
from typing import NamedTuple

from bench.peers.peer import Found

from sharecare.geo import Cell
from sharecare.matching.model import Query

_A = 6378137.0
_F = 1 / 298.257223563
_E2 = _F * (2 - _F)
_DAY = 1440
_WEEK = 7 * _DAY
_TO_MONDAY = 3  # 1970-01-01 was a Thursday
_WALL_MIN = 540  # everyone of this country lives on Japan's clock
_BOOKED_MIN = 28 * _DAY

Span = tuple[int, int]
Hours = tuple[int, int, int, int]
"""Minute of the week, length, first and last day."""


class Candidate(NamedTuple):
    person_id: int
    score: float
    free_minutes: int
    booked_minutes: int


def distance_m(a: Cell, b: Cell) -> float:
    (lat_a, lon_a), (lat_b, lon_b) = a.centre, b.centre
    middle = radians((lat_a + lat_b) / 2)
    curve = 1 - _E2 * sin(middle) ** 2
    north = _A * (1 - _E2) / curve**1.5 * radians(lat_b - lat_a)
    east = _A / sqrt(curve) * cos(middle) * radians(lon_b - lon_a)
    return hypot(north, east)


def free_minutes(query: Query, weekly: Iterable[Hours], busy: Iterable[Span]) -> int:
    """Count the minutes of the window that weekly hours offer and no booking, widened, takes."""
    offered = list(_offered(query, weekly))
    if not offered:
        return 0
    low, high = query.start - query.buffer_min, query.end + query.buffer_min
    taken = [
        (max(start - query.buffer_min, query.start), min(end + query.buffer_min, query.end))
        for start, end in busy
        if start < high and end > low
    ]
    return union(offered + taken) - union(taken)


def _offered(query: Query, weekly: Iterable[Hours]) -> Iterator[Span]:
    wall = query.start + _WALL_MIN
    day_before = (wall - _DAY + _TO_MONDAY * _DAY) % _WEEK
    for week_minute, minutes, first, last in weekly:
        start = query.start + (week_minute - day_before) % _WEEK - _DAY
        end = start + minutes
        if start < query.end and end > query.start and first <= (start + _WALL_MIN) // _DAY <= last:
            yield max(start, query.start), min(end, query.end)


def booked_minutes(query: Query, busy: Iterable[Span]) -> int:
    first = query.start - _BOOKED_MIN
    return union([(max(start, first), min(end, query.start)) for start, end in busy])


def union(spans: list[Span]) -> int:
    minutes, reached = 0, -(1 << 40)
    for start, end in sorted(spans):
        minutes += max(0, end - max(start, reached))
        reached = max(reached, end)
    return minutes


def score(query: Query, distance: float, trust: float, free: int) -> float:
    weights = query.weights
    near = exp(-max(distance, 250) / query.scale_m)
    return weights.distance * near + weights.trust * trust + weights.availability * free / (query.end - query.start)


def ordered(query: Query, candidates: Iterable[Candidate]) -> Found:
    window = query.end - query.start
    best = sorted(candidates, key=lambda one: (-round(one.score * 1e9), one.booked_minutes, one.person_id))
    asks = [one for one in best if one.free_minutes == window][: query.top]
    others = [one for one in best if window <= 2 * one.free_minutes < 2 * window][: query.top]
    both = asks + others
    return Found(
        [one.person_id for one in both],
        [one.score for one in both],
        [False] * len(asks) + [True] * len(others),
    )
