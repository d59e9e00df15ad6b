"""Distances between cell centres, and the cells within reach of one, on whole numbers.

The centre of a cell of any level is a whole number of 1/960° north (`y`) and 1/640° east (`x`), so the mean latitude of
two centres is one of 172,801 values and the mid-latitude formula needs no trigonometry while ranking: a table holds it.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.geo.distance import Floats, metres_per_radian
from sharecare.geo.mesh import MeshLevel

Y_PER_DEGREE = 960
X_PER_DEGREE = 640
X_AROUND = 360 * X_PER_DEGREE
_Y_POLE = 90 * Y_PER_DEGREE

Ints = npt.NDArray[np.int64]
Coordinates = npt.NDArray[np.int32] | npt.NDArray[np.int64]


class Metric(NamedTuple):
    """Metres per unit of y and of x, indexed by the absolute sum of two y (twice their mean latitude)."""

    per_y: Floats
    per_x: Floats


class Band(NamedTuple):
    """Rows of one level's grid and how far, in units of x, each reaches east and west."""

    rows: Ints
    reach_x: Ints
    furthest_x: int


@cache
def metric() -> Metric:
    north, east = metres_per_radian(np.radians(np.arange(2 * _Y_POLE + 1) / (2 * Y_PER_DEGREE)))
    return Metric(north * np.radians(1 / Y_PER_DEGREE), east * np.radians(1 / X_PER_DEGREE))


def half_step(level: MeshLevel) -> int:
    """Give half a cell's height in units of y, which is also half its width in units of x."""
    return 4 >> (level - MeshLevel.THIRD)


def grid_point(level: MeshLevel, row: int, column: int) -> tuple[int, int]:
    """Give y and x of a cell's centre."""
    half = 4 >> (level - MeshLevel.THIRD)
    return (2 * row + 1) * half, (2 * column + 1) * half


def grid_distances_m(y: int, x: int, ys: Coordinates, xs: Coordinates) -> Floats:
    """Measure from one cell centre to many."""
    per_y, per_x = metric()
    middle = np.abs(ys + y)
    east = np.abs(xs - x)
    east = np.minimum(east, X_AROUND - east)
    return np.hypot(per_y.take(middle) * (ys - y), per_x.take(middle) * east)


@lru_cache(maxsize=8192)
def band(level: MeshLevel, y: int, radius_m: float) -> Band:
    """Find a level's rows within a radius of latitude y, each with a reach that misses no cell in the circle."""
    half = half_step(level)
    per_y, per_x = metric()
    most = int(min(radius_m / per_y[0], 2 * _Y_POLE)) + 2 * half
    pole = 90 * level.rows_per_degree
    rows = np.arange(max((y - most) // (2 * half), -pole), min((y + most) // (2 * half) + 1, pole))
    ys = (2 * rows + 1) * half
    middle = np.abs(ys + y)
    north = per_y.take(middle) * (ys - y)
    inside = np.abs(north) <= radius_m
    rows, middle, north = rows[inside], middle[inside], north[inside]
    # Half a cell of slack: rounding here may only add a cell, the exact distance decides.
    reach = np.sqrt(radius_m**2 - north**2) / per_x.take(middle) + half
    reach_x = np.minimum(reach, X_AROUND).astype(np.int64)
    return Band(rows, reach_x, int(reach_x.max(initial=0)))


def cell_ranges(level: MeshLevel, x: int, near: Band) -> tuple[Ints, Ints, Ints]:
    """Cut each row's reach into ranges of columns, two where it crosses the date line.

    Returns the row, the first column and the column after the last.
    """
    half = half_step(level)
    rows, reach_x, furthest_x = near
    first = -((reach_x - x + half) // (2 * half))
    after = (x + reach_x - half) // (2 * half) + 1
    if abs(x) + furthest_x + half < X_AROUND // 2:
        return rows, first, after
    around = X_AROUND // (2 * half)
    east, west = around // 2, -around // 2
    whole = after - first >= around
    first, after = np.where(whole, west, first), np.where(whole, east, after)
    over, under = np.flatnonzero(after > east), np.flatnonzero(first < west)
    return (
        np.concatenate([rows, rows[over], rows[under]]),
        np.concatenate([np.maximum(first, west), np.full(len(over), west), first[under] + around]),
        np.concatenate([np.minimum(after, east), after[over] - around, np.full(len(under), east)]),
    )
