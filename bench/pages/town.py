"""A town of many thousands, made of copies of the demo's: every neighbourhood lives the same month somewhere else.

Rows keep what they say and point at each other as before; ids and whatever must be unique move on by a stride, and
homes and places by some hundred metres, so that each neighbourhood has cells of its own. Only SQLite; nothing checks
the copies' chains of hashes, and no figure of theirs is meant to be published.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Column, Integer, Table, UniqueConstraint

from sharecare.areas.rules import AreaSettings
from sharecare.geo import cell_of
from sharecare.models import metadata

SHARED = frozenset({"area", "demo_mark", "insurance_policy", "insurance_usage", "insurance_bordereau", "town_block",
                    "journal_feed_mark", "journal_seal", "area_day", "area_goal", "idempotency_key"})  # fmt: skip
# Neighbourhoods stand on a square grid of this many, each so far from the next.
ABREAST = 13
STEP_LAT, STEP_LON = 0.0135, 0.0165  # about 1.5 km
CELL_LEVEL = AreaSettings().cell_level
# The journal points at everything without foreign keys: it stands below all rooms.
_JOURNAL_IDS = frozenset({"actor_id", "person_id", "other_id", "request_id", "booking_id"})
Rows = Sequence[tuple[object, ...]]


def multiply(path: Path, times: int) -> None:
    """Add `times` - 1 copies of everyone in a demo's database."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("BEGIN")
        copied = [table for table in metadata.sorted_tables if table.name not in SHARED]
        stride = _stride(connection, copied)  # no longer than needed: what reads by ranges of ids would read gaps
        for table in copied:
            _copy(connection, table, times, stride)
        # The days' figures stay the demo's: pages read as many rows of them whatever they say.
        connection.execute("UPDATE journal_feed_mark SET position = (SELECT max(id) FROM journal_fact)")
        connection.execute("COMMIT")
        for _, statement in triggers:
            connection.execute(statement)
        connection.execute("ANALYZE")
    connection.close()


def _stride(connection: sqlite3.Connection, tables: Sequence[Table]) -> int:
    """Return a power of ten beyond every id."""
    numbered = [f"SELECT max(id) FROM {table.name}" for table in tables if "id" in table.columns]
    return int(10 ** max(len(str(connection.execute(one).fetchone()[0])) for one in numbered))


def _copy(connection: sqlite3.Connection, table: Table, times: int, stride: int) -> None:
    names = [column.name for column in table.columns]
    rows: Rows = connection.execute(f"SELECT {', '.join(names)} FROM {table.name}").fetchall()
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
    for number in range(1, times):
        connection.executemany(statement, _moved(table, rows, number, stride))


def _moved(table: Table, rows: Rows, number: int, stride: int) -> Rows:
    at = {column.name: place for place, column in enumerate(table.columns)}
    shifted = [at[column.name] for column in table.columns if _is_ours(table, column)]
    renamed = [at[name] for name in _unique_texts(table)]
    moved = []
    for row in rows:
        values = list(row)
        for place in shifted:
            if values[place] is not None:
                values[place] = int(str(values[place])) + number * stride
        for place in renamed:
            values[place] = f"{number:03d}{values[place]}"
        _place_elsewhere(values, at, number)
        moved.append(tuple(values))
    return moved


def _place_elsewhere(values: list[object], at: Mapping[str, int], number: int) -> None:
    rows_up, across = divmod(number, ABREAST)
    for lat, lon, cell in (("lat", "lon", "cell"), ("to_lat", "to_lon", None)):
        if lat in at and values[at[lat]] is not None:
            values[at[lat]] = float(str(values[at[lat]])) + rows_up * STEP_LAT
            values[at[lon]] = float(str(values[at[lon]])) + across * STEP_LON
            if cell is not None:
                found = cell_of(float(str(values[at[lat]])), float(str(values[at[lon]])), CELL_LEVEL)
                values[at[cell]] = int(found.code)


def _is_ours(table: Table, column: Column[object]) -> bool:
    """Say whether a column numbers a row of the copies, or points at one."""
    if table.name == "journal_fact" and column.name in _JOURNAL_IDS:
        return True
    targets = {key.column.table.name for key in column.foreign_keys}
    if targets:
        return not targets <= SHARED
    return isinstance(column.type, Integer) and column.name in {"id", "seq"}


def _unique_texts(table: Table) -> list[str]:
    """Name the texts that no two rows may share."""
    alone = [
        column.name for column in table.columns if column.unique or (column.primary_key and not column.foreign_keys)
    ]
    together = [
        column.name
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint) and len(constraint.columns) == 1
        for column in constraint.columns
    ]
    return [
        name
        for name in dict.fromkeys([*alone, *together])
        if "VARCHAR" in str(table.columns[name].type) and name != "end"
    ]  # fmt: skip


def members(path: Path) -> int:
    """Count who lives there."""
    with sqlite3.connect(path) as connection:
        count = int(connection.execute("SELECT count(*) FROM person").fetchone()[0])
    connection.close()
    return count
