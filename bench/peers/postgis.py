"""The same work as one prepared statement of PostgreSQL, in four ways to find the near ones."""

from pathlib import Path
from typing import Any

import psycopg
from bench.peers.peer import Found
from psycopg.types.numeric import Int4

from sharecare.matching.model import Query

HERE = Path(__file__).parent

_WALL_MIN = 540  # everyone of this country lives on Japan's clock
_DAY = 1440
_WEEK = 7 * _DAY
_TO_MONDAY = 3  # 1970-01-01 was a Thursday


class PostGis:
    """A connection with the statement prepared; `near` is `cells`, `box`, `geography` or `unfenced`."""

    def __init__(self, address: str, near: str) -> None:
        self._cursor = psycopg.RawCursor(psycopg.connect(address, autocommit=True))
        self._cursor.format = psycopg.pq.Format.BINARY
        frame = (HERE / "postgis_rank.sql").read_text(encoding="utf-8")
        found = (HERE / f"postgis_{near}.sql").read_text(encoding="utf-8")
        self._statement = frame.replace("-- (how the near ones are found)\n", found).encode()

    def rank(self, query: Query) -> list[tuple[Any, ...]]:
        wall = query.start + _WALL_MIN
        who = query.requester_id, query.household_id, query.cell.row, query.cell.column
        what = query.kind, query.children, query.youngest_months, query.oldest_months
        when = query.start, query.end, query.buffer_min, wall, (wall - _DAY + _TO_MONDAY * _DAY) % _WEEK
        parameters = *map(Int4, who + what), query.max_distance_m, *map(Int4, when)
        return self._cursor.execute(self._statement, parameters, prepare=True).fetchall()

    def found(self, query: Query) -> Found:
        rows = self.rank(query)
        return Found([row[0] for row in rows], [row[1] for row in rows], [row[5] for row in rows])
