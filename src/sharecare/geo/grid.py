"""Cells as whole numbers that order them, and what distances between their centres are measured with.

The centre of a cell of any level is a whole number of 1/960° north (`y`) and 1/640° east (`x`), so the mean latitude of
two centres is one of 172,801 values and the mid-latitude formula needs no trigonometry while ranking: a table holds it.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.geo.distance import Floats, metres_per_radian
from sharecare.geo.mesh import MeshLevel

Y_PER_DEGREE = 960
X_PER_DEGREE = 640
_Y_POLE = 90 * Y_PER_DEGREE

_LEVEL_BIT = 60
_ROW_BIT = 24
_MIDDLE = 1 << 23

Ints = npt.NDArray[np.int64]


class Metric(NamedTuple):
    """Metres per unit of y and of x, indexed by the absolute sum of two y (twice their mean latitude)."""

    per_y: Floats
    per_x: Floats


@cache
def metric() -> Metric:
    """Work out metres per 1/960° of y and per 1/640° of x at each mean latitude, from the equator to the poles."""
    north, east = metres_per_radian(np.radians(np.arange(2 * _Y_POLE + 1) / (2 * Y_PER_DEGREE)))
    return Metric(north * np.radians(1 / Y_PER_DEGREE), east * np.radians(1 / X_PER_DEGREE))


def cell_numbers(level: MeshLevel | Ints, rows: Ints, columns: Ints) -> Ints:
    """Give the cells of all levels numbers by which those of a row follow each other eastwards."""
    return (level - MeshLevel.THIRD << _LEVEL_BIT) + (rows + _MIDDLE << _ROW_BIT) + (columns + _MIDDLE)


def number_level(numbers: Ints) -> Ints:
    """Give the level of numbered cells, counted from the coarsest."""
    return numbers >> _LEVEL_BIT
