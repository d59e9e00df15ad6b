"""SQLite's driver, with at most one trip to its thread for each statement.

SQLAlchemy's own cursor goes there four times: to be opened, to run, to fetch and to be closed. Each trip wakes two
threads, which takes longer than most statements do. So a statement that was quick the last time runs where it is asked,
and only one that is new or was slow goes to the thread, where it keeps nobody else waiting.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)

# About what the way to the thread and back takes, in wall time, on a machine that is busy.
QUICK_S = 0.0005
MOST_KNOWN = 2_000  # lists of ids of every length would fill the memory
_quick: set[str] = set()


class _Outcome(NamedTuple):
    """What a cursor knows once a statement has run."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: Sequence[Any] = ()
    arraysize: int = 1


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Holds an outcome where SQLAlchemy's holds the driver's cursor."""

    __slots__ = ()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Outcome()

    async def _async_soft_close(self) -> None:
        """Do nothing: the driver's cursor was closed when it had run."""

    def close(self) -> None:
        self._rows.clear()

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        values = () if parameters is None else parameters
        if operation in _quick and self._way.is_idle():
            self._take(_execute(self._driver._conn, operation, values))
        else:
            await self._run(_execute, operation, values)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._run(_execute_many, operation, seq_of_parameters)

    async def _run(self, work: Any, operation: str, parameters: Any) -> None:
        async with self._way._execute_mutex:
            self._way.is_out = True  # and stays so if it fails, or whoever asked has gone before it ends
            self._take(await self._driver._execute(work, self._driver._conn, operation, parameters))
            self._way.is_out = False

    def _take(self, done: Any) -> None:
        self._cursor, self._rows = done, deque(done.rows)

    @property
    def _way(self) -> "_Connection":
        way: Any = self._adapt_connection
        return way  # type: ignore[no-any-return]  # `_Connection` makes no other cursors

    @property
    def _driver(self) -> Any:
        return self._connection


class _Connection(AsyncAdapt_aiosqlite_connection):
    """Knows whether its thread may be at work for somebody who has gone, or failed."""

    __slots__ = ("is_out",)
    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.is_out = False

    def is_idle(self) -> bool:
        """Say whether nothing runs in its thread."""
        return not self.is_out and not self._execute_mutex.locked()

    def rollback(self) -> None:
        """Roll back at once, which syncs nothing; but behind whatever its thread is still at."""
        driver: Any = self._connection
        if self.is_idle() and driver._connection:
            driver._conn.rollback()
        else:
            super().rollback()
            self.is_out = False


class OneTripDriver(AsyncAdapt_aiosqlite_dbapi):
    """What `create_async_engine` takes for its `module`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        """Open a connection as SQLAlchemy does, with cursors of our own; the mutex of each keeps its threads apart."""
        return _Connection(self, super().connect(*arg, **(kw | {"check_same_thread": False}))._connection)


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Outcome:
    began = time.perf_counter()
    done = _outcome(connection.execute(operation, parameters))
    # Whoever wants to write may have to wait for others first, however quick it was before.
    if time.perf_counter() - began <= QUICK_S and not operation.startswith("BEGIN IMMEDIATE"):
        if len(_quick) >= MOST_KNOWN:
            _quick.clear()
        _quick.add(operation)
    else:
        _quick.discard(operation)
    return done


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Outcome:
    return _outcome(connection.executemany(operation, parameters))


def _outcome(cursor: sqlite3.Cursor) -> _Outcome:
    """Take everything out of a cursor in the thread that it belongs to."""
    rows = cursor.fetchall() if cursor.description else ()
    done = _Outcome(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    cursor.close()
    return done
