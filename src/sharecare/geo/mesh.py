"""Mesh cells of JIS X 0410 by integer arithmetic, on a grid that goes on around the world.

A cell is a level and two integers: rows count north from the equator, columns east from Greenwich, in
[-180°, 180°). Codes of digits exist for the standard's range only, latitude 0°..66°40′ and longitude 100°..180°.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

NANO = 10**9
MAX_LATITUDE = 89.9
MAX_LONGITUDE = 180.0

_THIRDS_PER_FIRST = 80  # a first-level cell is 80 x 80 third-level cells: 40′ by 1°
_FIRST_LONGITUDE = 100


class PointOutOfRangeError(ValueError):
    """Latitude beyond ±89.9°, longitude beyond ±180°, or not a number."""


class NoMeshCodeError(ValueError):
    """The standard has no such code, or none for this cell."""


class MeshLevel(IntEnum):
    """Fineness of a cell; the value is the number of digits of its code."""

    THIRD = 8
    HALF = 9
    QUARTER = 10

    @property
    def halvings(self) -> int:
        return self - MeshLevel.THIRD

    @property
    def rows_per_degree(self) -> int:
        return 120 << self.halvings

    @property
    def columns_per_degree(self) -> int:
        return 80 << self.halvings

    @property
    def nominal_m(self) -> int:
        """Give the side by which the standard names the cell: 1 km, 500 m, 250 m."""
        return 1000 >> self.halvings


class Cell(NamedTuple):
    """A cell of the grid: its row north of the equator and its column east of Greenwich, both counted at its level."""

    level: MeshLevel
    row: int
    column: int

    @property
    def centre(self) -> tuple[float, float]:
        """Give latitude and longitude in degrees."""
        rows, columns = 2 * self.level.rows_per_degree, 2 * self.level.columns_per_degree
        return (2 * self.row + 1) / rows, (2 * self.column + 1) / columns

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Give south, west, north, east in degrees."""
        rows, columns = self.level.rows_per_degree, self.level.columns_per_degree
        return self.row / rows, self.column / columns, (self.row + 1) / rows, (self.column + 1) / columns

    def parent(self, level: MeshLevel) -> "Cell":
        """Give the coarser cell that holds this one.

        Raises:
            ValueError: `level` is finer than this cell's own.

        """
        shift = self.level - level
        if shift < 0:
            raise ValueError(f"a {self.level.name} cell lies in no {level.name} cell")
        return Cell(level, self.row >> shift, self.column >> shift)

    @property
    def code(self) -> str:
        """Give the standard's digits.

        Raises:
            NoMeshCodeError: the cell lies outside the standard's range.

        """
        third = self.parent(MeshLevel.THIRD)
        west = third.column - _FIRST_LONGITUDE * _THIRDS_PER_FIRST
        if not (0 <= third.row < 100 * _THIRDS_PER_FIRST and 0 <= west < 80 * _THIRDS_PER_FIRST):
            raise NoMeshCodeError(f"no mesh code exists at {self.centre}")
        (p, qr), (u, vw) = divmod(third.row, _THIRDS_PER_FIRST), divmod(west, _THIRDS_PER_FIRST)
        digits = f"{p:02d}{u:02d}{qr // 10}{vw // 10}{qr % 10}{vw % 10}"
        for shift in reversed(range(self.level.halvings)):
            digits += str(1 + 2 * (self.row >> shift & 1) + (self.column >> shift & 1))
        return digits


def cell_of(lat: float, lon: float, level: MeshLevel = MeshLevel.HALF) -> Cell:
    """Find the cell that a point in degrees lies in; a point on a line belongs to the north-east.

    Raises:
        PointOutOfRangeError: see there.

    """
    if not (abs(lat) <= MAX_LATITUDE and abs(lon) <= MAX_LONGITUDE):
        raise PointOutOfRangeError(f"({lat}, {lon}) lies beyond ±{MAX_LATITUDE}°, ±{MAX_LONGITUDE}°")
    row = round(lat * NANO) * level.rows_per_degree // NANO
    column = round(lon * NANO) * level.columns_per_degree // NANO
    return Cell(level, row, _wrap(column, level))


def cells_of(
    lat: npt.NDArray[np.float64], lon: npt.NDArray[np.float64], level: MeshLevel = MeshLevel.HALF
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find rows and columns for many points at once.

    Raises:
        PointOutOfRangeError: any of them is.

    """
    if not (np.abs(lat) <= MAX_LATITUDE).all() or not (np.abs(lon) <= MAX_LONGITUDE).all():
        raise PointOutOfRangeError(f"a point lies beyond ±{MAX_LATITUDE}°, ±{MAX_LONGITUDE}°")
    rows = np.rint(lat * NANO).astype(np.int64) * level.rows_per_degree // NANO
    columns = np.rint(lon * NANO).astype(np.int64) * level.columns_per_degree // NANO
    half = 180 * level.columns_per_degree
    return rows, (columns + half) % (2 * half) - half


def centres_of(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], level: MeshLevel = MeshLevel.HALF
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Give latitudes and longitudes of cell centres in degrees."""
    return (2 * rows + 1) / (2 * level.rows_per_degree), (2 * columns + 1) / (2 * level.columns_per_degree)


def cell_from_code(code: str) -> Cell:
    """Read 8, 9 or 10 digits.

    Raises:
        NoMeshCodeError: they are no code of these levels.

    """
    if not (code.isascii() and code.isdigit() and len(code) in set(MeshLevel)):
        raise NoMeshCodeError(f"{code!r} is not a mesh code of 8 to 10 digits")
    p, u, (q, v, r, w, *quarters) = int(code[:2]), int(code[2:4]), map(int, code[4:])
    row = p * _THIRDS_PER_FIRST + q * 10 + r
    column = (u + _FIRST_LONGITUDE) * _THIRDS_PER_FIRST + v * 10 + w
    if max(q, v) > 7 or u > 79 or any(not 1 <= digit <= 4 for digit in quarters):  # noqa: PLR2004  -- the standard's own
        raise NoMeshCodeError(f"{code!r} has a digit that the standard doesn't")
    for digit in quarters:
        row, column = 2 * row + (digit - 1) // 2, 2 * column + (digit - 1) % 2
    return Cell(MeshLevel(len(code)), row, column)


def codes_of(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], level: MeshLevel = MeshLevel.HALF
) -> npt.NDArray[np.int64]:
    """Give many codes as numbers; south of 6°40′N these have lost their leading zero.

    Raises:
        NoMeshCodeError: any cell lies outside the standard's range.

    """
    third_rows = rows >> level.halvings
    west = (columns >> level.halvings) - _FIRST_LONGITUDE * _THIRDS_PER_FIRST
    if ((third_rows < 0) | (third_rows >= 8000) | (west < 0) | (west >= 6400)).any():  # noqa: PLR2004  -- 100 x 80, 80 x 80
        raise NoMeshCodeError("a cell lies outside the standard's range")
    (p, qr), (u, vw) = np.divmod(third_rows, _THIRDS_PER_FIRST), np.divmod(west, _THIRDS_PER_FIRST)
    codes: npt.NDArray[np.int64] = (p * 100 + u) * 10_000 + qr // 10 * 1000 + vw // 10 * 100 + qr % 10 * 10 + vw % 10
    for shift in reversed(range(level.halvings)):
        codes = codes * 10 + 1 + 2 * (rows >> shift & 1) + (columns >> shift & 1)
    return codes


def cells_from_codes(
    codes: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Read many codes of 8 to 10 digits, such as `codes_of` gives: levels, rows, columns.

    Raises:
        NoMeshCodeError: any has fewer or more digits.

    """
    if ((codes < 10**7) | (codes >= 10**10)).any():
        raise NoMeshCodeError("a mesh code has 8 to 10 digits")
    halvings = (codes >= 10**8).astype(np.int64) + (codes >= 10**9)
    third = codes // 10**halvings
    rows = third // 10**6 * _THIRDS_PER_FIRST + third // 1000 % 10 * 10 + third // 10 % 10
    columns = (third // 10**4 % 100 + _FIRST_LONGITUDE) * _THIRDS_PER_FIRST + third // 100 % 10 * 10 + third % 10
    for step in range(2):
        deeper = halvings > step
        digit = codes // 10 ** np.maximum(halvings - step - 1, 0) % 10 - 1
        rows = np.where(deeper, 2 * rows + digit // 2, rows)
        columns = np.where(deeper, 2 * columns + digit % 2, columns)
    return halvings + MeshLevel.THIRD, rows, columns


def _wrap(column: int, level: MeshLevel) -> int:
    half = 180 * level.columns_per_degree
    return (column + half) % (2 * half) - half
