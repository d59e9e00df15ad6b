"""The same work as one prepared statement of PostgreSQL, on clustered tables with covering indexes."""

from pathlib import Path

import numpy as np
import psycopg
from psycopg.types.numeric import Int4

from bench.peers.peer import Found
from bench.peers.tables import Ints, Tables
from sharecare.matching.model import Column, Query

_HERE = Path(__file__).parent
_TYPES = {"int2": ">i2", "int4": ">i4", "float8": ">f8", "bool": "?", "geometry": "V21"}
_WALL_MIN = 540  # everyone of this country lives on Japan's clock
_DAY = 1440
_WEEK = 7 * _DAY
_MONDAY = 3  # 1970-01-01 was a Thursday
_MORE_INDEXES = """
    CREATE INDEX ON block (blocker, blocked);
    CREATE INDEX ON member (person_id) INCLUDE (community_id);
    CREATE INDEX ON member (community_id) INCLUDE (person_id, weight);
    CREATE INDEX ON link (a) INCLUDE (b, strength);
    CREATE INDEX ON weekly (person_id) INCLUDE (from_day, until_day, week_minute, minutes);
    CREATE INDEX ON busy (person_id) INCLUDE (start_min, end_min);
    CREATE INDEX ON supporter (cell_row, cell_column) INCLUDE (
        person_id, household_id, radius_m, certified_until, capacity, min_age_months, max_age_months, kinds, active
    );
"""


class PostGis:
    """A connection with the statement prepared."""

    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        self._cursor = psycopg.RawCursor(self._connection)
        self._cursor.format = psycopg.pq.Format.BINARY
        self._statement = (_HERE / "postgis.sql").read_bytes()

    def rank(self, query: Query) -> Found:
        wall = query.start + _WALL_MIN
        whole = (
            *(query.requester_id, query.household_id, query.cell.row, query.cell.column, query.kind),
            *(query.children, query.youngest_months, query.oldest_months),
        )
        times = query.start, query.end, query.buffer_min, wall, (wall + (_MONDAY - 1) * _DAY) % _WEEK
        parameters = *map(Int4, whole), query.max_distance_m, *map(Int4, times)
        rows = self._cursor.execute(self._statement, parameters, prepare=True).fetchall()
        return Found(*map(list, zip(*((row[0], row[1], row[5]) for row in rows), strict=True))) if rows else Found([], [], [])


def load(address: str, tables: Tables) -> None:
    """Fill a fresh database, every table in the order of homes on the map, and vacuum it."""
    order = tables.by_place()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute((_HERE / "postgis_schema.sql").read_bytes())
        for name, columns in _contents(tables, order, place):
            _copy(connection, name, columns)
        connection.execute(_MORE_INDEXES.encode())
        connection.execute("VACUUM (FREEZE, ANALYZE)")


def _contents(tables, order, place):
    s = tables.supporters
    lat, lon = (2 * s.cell_row.astype(np.int64) + 1) / 480, (2 * s.cell_column.astype(np.int64) + 1) / 320
    yield "supporter", [
        ("int4", s.person_id[order]), ("int4", s.household_id[order]), ("int4", s.cell_row[order]), ("int4", s.cell_column[order]),
        ("geometry", _points(lon[order], lat[order])), ("float8", s.travel_radius_m[order]),
        ("int4", np.where(s.level >= 3, s.certified_until, -2**31)[order]), ("int2", s.capacity[order]), ("int2", s.min_age_months[order]),
        ("int2", s.max_age_months[order]), ("int2", s.kinds[order]), ("bool", np.ones(len(order), np.bool_)),
    ]
    a, b, strength = tables.links
    a, b, strength = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([strength, strength])
    at = np.argsort(place[a], kind="stable")
    yield "link", [("int4", a[at]), ("int4", b[at]), ("float8", strength[at])]
    yield "member", list(zip(("int4", "int4", "float8"), tables.communities))
    owner, weekday, start, end, first, last = tables.weekly
    at = np.argsort(place[owner], kind="stable")
    yield "weekly", [("int4", owner[at]), ("int4", first[at]), ("int4", last[at]), ("int2", (weekday.astype(np.int16)*1440+start)[at]), ("int2", (end-start)[at])]
    owner, start, end = tables.busy
    at = np.argsort(place[owner], kind="stable")
    yield "busy", [("int4", owner[at]), ("int4", start[at]), ("int4", end[at])]


def _points(x, y):
    """Lay out points as PostGIS reads them: little-endian well-known binary."""
    points = np.zeros(len(x), [("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
    points["order"], points["type"], points["x"], points["y"] = 1, 1, x, y
    return points.view("V21")


def _copy(connection, name, columns):
    """Load columns by the binary copy format, a million rows a second."""
    fields = [("fields", ">i2")]
    for at, (kind, _) in enumerate(columns):
        fields += [(f"length{at}", ">i4"), (f"value{at}", _TYPES[kind])]
    rows = np.zeros(len(columns[0][1]), fields)
    rows["fields"] = len(columns)
    for at, (kind, values) in enumerate(columns):
        rows[f"length{at}"] = rows.dtype[f"value{at}"].itemsize
        rows[f"value{at}"] = values
    with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT binary)".encode()) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for first in range(0, len(rows), 100_000):
            copy.write(rows[first : first + 100_000].tobytes())
        copy.write(b"\xff\xff")
