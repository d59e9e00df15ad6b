"""What the database itself could take: the rows of an acceptance, written by the bare driver and nothing around them.

The statements that one acceptance writes with are noted as they pass, and run again and again on copies of their tables
that have no constraint, no trigger and no foreign key: as many rows, as many columns, one transaction, one sync.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import URL

from sharecare.db import Database

PREFIX = "ceiling_"
_WRITES = re.compile(r"(?P<verb>INSERT INTO|UPDATE) (?P<table>\w+)")


class Write(NamedTuple):
    """One statement as the driver got it."""

    statement: str
    parameters: Any

    @property
    def table(self) -> str:
        """Where it writes."""
        found = _WRITES.match(self.statement)
        assert found is not None
        return found["table"]

    @property
    def bare(self) -> str:
        """The same on the copy; what it would return is not asked for."""
        copied = re.sub(rf"\b{self.table}\b", PREFIX + self.table, self.statement)
        return copied.split(" RETURNING ")[0].split("\nRETURNING ")[0]


@contextmanager
def noted(database: Database) -> Iterator[list[Write]]:
    """Note what a database's writer writes."""
    seen: list[Write] = []
    engine = database._writer.sync_engine  # noqa: SLF001  -- nothing else sees it all

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:  # noqa: ANN401  -- the drivers' own
        if _WRITES.match(statement):
            seen.append(Write(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def on_sqlite(url: URL, writes: Sequence[Write], *, seconds: float) -> float:
    """Return transactions a second, with the settings that ours have."""
    connection = sqlite3.connect(str(url.database), isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    for table in dict.fromkeys(write.table for write in writes):
        connection.execute(f"DROP TABLE IF EXISTS {PREFIX}{table}")
        connection.execute(f"CREATE TABLE {PREFIX}{table} AS SELECT * FROM {table}")

    def one() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for write in writes:
            connection.execute(write.bare, write.parameters)
        connection.execute("COMMIT")

    try:
        return _rate([one], seconds)
    finally:
        connection.close()


def on_postgresql(url: URL, writes: Sequence[Write], *, seconds: float, clients: int) -> float:
    """Return transactions a second of several clients, each with a connection and prepared statements."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        for table in dict.fromkeys(write.table for write in writes):
            connection.execute(f"DROP TABLE IF EXISTS {PREFIX}{table}")
            connection.execute(f"CREATE TABLE {PREFIX}{table} AS SELECT * FROM {table}")
    connections = [psycopg.connect(address, autocommit=True) for _ in range(clients)]

    def client(connection: psycopg.Connection) -> Callable[[], None]:
        def one() -> None:
            with connection.transaction(), connection.pipeline():
                for write in writes:
                    connection.execute(write.bare, write.parameters, prepare=True)

        return one

    try:
        return _rate([client(one) for one in connections], seconds)
    finally:
        for connection in connections:
            connection.close()


def _rate(clients: Sequence[Callable[[], None]], seconds: float) -> float:
    until = time.monotonic() + seconds

    def work(one: Callable[[], None]) -> int:
        count = 0
        while time.monotonic() < until:
            one()
            count += 1
        return count

    with ThreadPoolExecutor(len(clients)) as pool:
        return sum(pool.map(work, clients)) / seconds
