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

_RULED_M = 20_000.0  # a ruler of 20 km is 6 kB
_NARROWEST_M = 1e-3
_BANDS_BYTES = 2**24
_BAND_BYTES = 1000  # of one band, beside its rows

_LEVEL_BIT = 60
_ROW_BIT = 24
_MIDDLE = 1 << 23

Ints = npt.NDArray[np.int64]
Coordinates = npt.NDArray[np.int32] | npt.NDArray[np.int64]


class Metric(NamedTuple):
    """Metres per unit of y and of x, indexed by the absolute sum of two y (twice their mean latitude)."""

    per_y: Floats
    per_x: Floats


class Band(NamedTuple):
    """A level's rows near a latitude, as numbers of cells.

    `bounds` are, for column 0, the numbers of each row's westernmost cell in reach, then of the cell after each row's
    easternmost: adding a column moves them there. `reach` is how many columns each row goes either way. Of columns
    from `-inside` to before `inside` no row goes beyond the date line.
    """

    rows: Ints
    reach: Ints
    inside: int
    bounds: Ints


@cache
def metric() -> Metric:
    """Work out metres per 1/960° of y and per 1/640° of x at each mean latitude, from the equator to the poles."""
    north, east = metres_per_radian(np.radians(np.arange(2 * _Y_POLE + 1) / (2 * Y_PER_DEGREE)))
    return Metric(north * np.radians(1 / Y_PER_DEGREE), east * np.radians(1 / X_PER_DEGREE))


def half_step(level: MeshLevel) -> int:
    """Give half a cell's height in units of y, which is also half its width in units of x."""
    return 4 >> (level - MeshLevel.THIRD)


def grid_point(level: MeshLevel, row: int, column: int) -> tuple[int, int]:
    """Give y and x of a cell's centre."""
    half = half_step(level)
    return (2 * row + 1) * half, (2 * column + 1) * half


def grid_distances_m(y: int, x: int, ys: Coordinates, xs: Coordinates) -> Floats:
    """Measure in metres from one cell centre to many; `y` in 1/960°, `x` in 1/640°."""
    per_y, per_x = metric()
    middle = np.abs(ys + y)
    east = np.abs(xs - x)
    east = np.minimum(east, X_AROUND - east)
    return np.asarray(np.hypot(per_y.take(middle) * (ys - y), per_x.take(middle) * east))


class Ruler(NamedTuple):
    """What `Metric` says around one latitude: metres from there to each y from `south` on, and metres per x."""

    south: int
    north: Floats
    per_x: Floats
    furthest: float


@lru_cache(maxsize=2048)
def ruler(y: int, radius_m: float) -> Ruler:
    """Cut out of `metric` what lies within `radius_m` metres north and south of a latitude `y`, in 1/960°."""
    per_y, per_x = metric()
    most = int(radius_m / per_y[0]) + 1
    offset = np.arange(-most, most + 1)
    middle = np.abs(offset + 2 * y)
    narrow = per_x.take(middle, mode="clip")
    return Ruler(y - most, per_y.take(middle, mode="clip") * offset, narrow, radius_m / max(narrow.min(), _NARROWEST_M))


def distances_within(y: int, x: int, ys: Coordinates, xs: Coordinates, radius_m: float) -> Floats:
    """Measure in metres from one cell centre to those within a radius; any other comes out at something beyond it.

    `y` in 1/960°, `x` in 1/640°.
    """
    if radius_m > _RULED_M:
        return grid_distances_m(y, x, ys, xs)
    south, north, per_x, furthest = ruler(y, radius_m)
    if abs(x) + furthest >= X_AROUND // 2:  # the date line may lie between
        return grid_distances_m(y, x, ys, xs)
    row = ys - south
    east = per_x.take(row, mode="clip")
    east *= xs - x
    return np.hypot(north.take(row, mode="clip"), east)


def _band(level: MeshLevel, y: int, radius_m: float) -> Band:
    """Find a level's rows within a radius of latitude y, each with a reach that misses no cell in the circle.

    A point of another level lies up to half a cell off the middle of its column, hence half a cell more, and a unit.
    """
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
    reach = ((np.sqrt(radius_m**2 - north**2) / per_x.take(middle) + half + 1) // (2 * half)).clip(max=X_AROUND)
    reach = reach.astype(np.int64)
    bounds = np.concatenate([cell_numbers(level, rows, -reach), cell_numbers(level, rows, reach + 1)])
    return Band(rows, reach, 180 * level.columns_per_degree - int(reach.max(initial=0)), bounds)


class _Bands:
    """The bands of late, up to so many bytes: one that reaches from pole to pole is more than a megabyte."""

    def __init__(self) -> None:
        self._found: dict[tuple[MeshLevel, int, float], Band] = {}
        self._bytes = 0

    def find(self, level: MeshLevel, y: int, radius_m: float) -> Band:
        """Do as `_band`, or remember."""
        key = level, y, radius_m
        found = self._found.get(key)
        if found is None:
            found = _band(level, y, radius_m)
            size = _BAND_BYTES + 4 * found.rows.nbytes
            if self._bytes + size > _BANDS_BYTES:
                self._found.clear()
                self._bytes = 0
            self._found[key] = found
            self._bytes += size
        return found


band = _Bands().find


def cell_numbers(level: MeshLevel | Ints, rows: Ints, columns: Ints) -> Ints:
    """Give the cells of all levels numbers by which those of a row follow each other eastwards."""
    return (level - MeshLevel.THIRD << _LEVEL_BIT) + (rows + _MIDDLE << _ROW_BIT) + (columns + _MIDDLE)


def number_level(numbers: Ints) -> Ints:
    """Give the level of numbered cells, counted from the coarsest."""
    return numbers >> _LEVEL_BIT


def numbers_within(level: MeshLevel, y: int, x: int, radius_m: float) -> Ints:
    """Cut the circle around a point (`y` in 1/960°, `x` in 1/640°) into stretches of numbered cells, missing none.

    Returns the first number of each stretch, then the number after each one's last, both ascending; a row that crosses
    the date line is two stretches.
    """
    near = band(level, y, radius_m)
    column = x // (2 * half_step(level))
    if -near.inside <= column < near.inside:
        return near.bounds + column
    east = 180 * level.columns_per_degree
    first, after = column - near.reach, column + near.reach + 1
    whole = after - first >= 2 * east
    first, after = np.where(whole, -east, first), np.where(whole, east, after)
    over, under = np.flatnonzero(after > east), np.flatnonzero(first < -east)
    rows = np.concatenate([near.rows, near.rows[over], near.rows[under]])
    west = np.concatenate([np.maximum(first, -east), np.full(len(over), -east), first[under] + 2 * east])
    beyond = np.concatenate([np.minimum(after, east), after[over] - 2 * east, np.full(len(under), east)])
    order = np.lexsort((west, rows))
    return np.concatenate([cell_numbers(level, rows, west)[order], cell_numbers(level, rows, beyond)[order]])
