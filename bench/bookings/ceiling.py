"""What the database itself could take: what acceptances send, by the bare driver and with nothing around it.

Their statements are noted as they pass. The ceiling: those that one of them writes with, again and again on copies of
their tables without constraint, trigger and foreign key: as many rows and columns, one transaction, one sync.
Sent again: all of them, reads and all, on a copy of the database that was made before.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import event
from sqlalchemy.engine import URL

from sharecare.db import Database

PREFIX = "ceiling_"
COMMIT = "COMMIT"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON")
_WRITES = re.compile(r"(?P<verb>INSERT INTO|UPDATE) (?P<table>\w+)")


class Sent(NamedTuple):
    """One statement as the driver got it."""

    statement: str
    parameters: Any = ()

    @property
    def writes(self) -> bool:
        """Whether it writes rows."""
        return _WRITES.match(self.statement) is not None

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
def noted(database: Database) -> Iterator[list[Sent]]:
    """Note what a database's writer sends; a transaction ends with its COMMIT."""
    seen: list[Sent] = []
    engine = database._writer.sync_engine  # noqa: SLF001  -- nothing else sees it all

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:  # noqa: ANN401  -- the drivers' own
        if not statement.startswith("BEGIN"):
            seen.append(Sent(statement, parameters))

    def end(_connection: object) -> None:
        seen.append(Sent(COMMIT))

    event.listen(engine, "before_cursor_execute", note)
    event.listen(engine, "commit", end)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
    event.remove(engine, "commit", end)


def again_on_sqlite(path: str, sent: Sequence[Sent]) -> float:
    """Return transactions a second where the statements are sent once more, one after another."""
    with closing(_opened(path)) as connection:
        return _again(connection, "BEGIN IMMEDIATE", sent)


def again_on_postgresql(url: URL, sent: Sequence[Sent]) -> float:
    """Return transactions a second where the statements are sent once more, prepared, one after another."""
    with psycopg.connect(_address(url), autocommit=True, prepare_threshold=0) as connection:
        return _again(connection, "BEGIN", sent)


def on_sqlite(url: URL, writes: Sequence[Sent], *, seconds: float) -> float:
    """Return transactions a second, with the settings that ours have."""
    connection = _opened(str(url.database))
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


def on_postgresql(url: URL, writes: Sequence[Sent], *, seconds: float, clients: int) -> float:
    """Return transactions a second of several clients, each with a connection and prepared statements."""
    address = _address(url)
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


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _again(connection: sqlite3.Connection | psycopg.Connection, begin: str, sent: Sequence[Sent]) -> float:
    cursor: Any = connection.cursor()
    transactions, begun, outside = 0, time.monotonic(), True
    for statement, parameters in sent:
        if outside:
            cursor.execute(begin)
        outside = statement == COMMIT
        transactions += outside
        cursor.execute(statement, parameters)
        if cursor.description:
            cursor.fetchall()
    return transactions / (time.monotonic() - begun)


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
