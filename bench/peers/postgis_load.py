"""Fill PostgreSQL with the benchmark's country, as densely and as sorted as it goes."""

from collections.abc import Iterator, Sequence

import numpy as np
import psycopg
from bench.peers.postgis import HERE
from bench.peers.tables import Ints, Tables

from sharecare.matching.model import Column
from sharecare.matching.words import ALWAYS, Level

_DAY = 1440
_SRID = 4326
_WITH_SRID = 0x2000_0001  # a point, by the extended well-known binary of PostGIS
_BATCH = 100_000

Typed = tuple[str, Column]


def load(address: str, tables: Tables) -> None:
    """Write every table in the order of homes on the map, index it and vacuum it."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute((HERE / "postgis_schema.sql").read_bytes())
        for name, columns in _contents(tables):
            _copy(connection, name, columns)
        connection.execute((HERE / "postgis_indexes.sql").read_bytes())
        connection.execute("VACUUM (FREEZE, ANALYZE)")


def _contents(tables: Tables) -> Iterator[tuple[str, list[Typed]]]:
    order = tables.by_place()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    yield "supporter", [(kind, column[order]) for kind, column in _supporters(tables)]
    a, b, strength = tables.links
    there, back = np.concatenate([a, b]), np.concatenate([b, a])
    yield "link", _sorted(place, [(">i4", there), (">i4", back), (">f8", np.concatenate([strength, strength]))])
    person, community, weight = tables.communities
    yield "member", _sorted(place, [(">i4", person), (">i4", community), (">f8", weight)])
    owner, weekday, start, end, first, last = tables.weekly
    week_minute = weekday.astype(np.int16) * _DAY + start
    hours = [(">i4", first), (">i4", last), (">i2", week_minute), (">i2", end - start)]
    yield "weekly", _sorted(place, [(">i4", owner), *hours])
    owner, start, end = tables.busy
    yield "busy", _sorted(place, [(">i4", owner), (">i4", start), (">i4", end)])


def _supporters(tables: Tables) -> Iterator[Typed]:
    s = tables.supporters
    for column in (s.person_id, s.household_id, s.cell_row, s.cell_column):
        yield ">i4", column
    points = _points((2 * s.cell_column.astype(np.int64) + 1) / 320, (2 * s.cell_row.astype(np.int64) + 1) / 480)
    yield points.dtype.str, points
    yield points.dtype.str, points
    yield ">f8", s.travel_radius_m
    yield ">i4", np.where(s.level >= Level.CERTIFIED, s.certified_until, ALWAYS)
    for column in (s.capacity, s.min_age_months, s.max_age_months, s.kinds):
        yield ">i2", column
    yield "?", np.ones(len(s), np.bool_)


def _sorted(place: Ints, columns: list[Typed]) -> list[Typed]:
    """Sort by where the owner, who stands in the first column, lives."""
    at = np.argsort(place[columns[0][1]], kind="stable")
    return [(kind, column[at]) for kind, column in columns]


def _points(x: Column, y: Column) -> Column:
    points = np.zeros(len(x), [("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    points["order"], points["type"], points["srid"], points["x"], points["y"] = 1, _WITH_SRID, _SRID, x, y
    return points.view(f"V{points.dtype.itemsize}")


def _copy(connection: psycopg.Connection[tuple[object, ...]], name: str, columns: Sequence[Typed]) -> None:
    """Send columns in the format of binary COPY: about a million rows a second."""
    layout = [("fields", ">i2")]
    for at, (kind, _) in enumerate(columns):
        layout += [(f"length{at}", ">i4"), (f"value{at}", kind)]
    rows = np.zeros(len(columns[0][1]), layout)
    rows["fields"] = len(columns)
    for at, (_, values) in enumerate(columns):
        rows[f"length{at}"] = rows.dtype[f"value{at}"].itemsize
        rows[f"value{at}"] = values
    with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for first in range(0, len(rows), _BATCH):
            copy.write(rows[first : first + _BATCH].tobytes())
        copy.write(b"\xff\xff")
