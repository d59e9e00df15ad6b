"""Engines and transactions: the only place that begins, commits and rolls back.

SQLite has one write connection (`BEGIN IMMEDIATE`, guarded by a lock file against a second writing process) and
read-only connections beside it. PostgreSQL has one pool; every transaction is READ COMMITTED and bounded in time.
"""

import asyncio
import fcntl
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import Busy, Conflict, Refusal
from sharecare.replication import Standby, mark
from sharecare.sessions import open_session
from sharecare.sqlite_driver import OneTripDriver

T = TypeVar("T")

MAX_TRIES = 5
WRITE_QUEUE_S = 15
# serialization_failure, deadlock_detected, out_of_memory, lock_not_available
_RETRIED_STATES = {"40001", "40P01", "53200", "55P03"}
# unique, foreign key, check, exclusion violation, raise_exception (our triggers)
_CONSTRAINT_STATES = {"23505", "23503", "23514", "23P01", "P0001"}
# admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections, read_only_sql_transaction (once a primary)
_GONE_STATES = {"57P01", "57P02", "57P03", "53300", "25006"}
_TOO_SLOW = "57014"  # statement_timeout
_FULL = "53100"
# Two waits for one row, first in line and then for its holder, still leave time for an answer within five seconds.
_PG_OPTIONS = "-c statement_timeout=5000 -c lock_timeout=1500 -c idle_in_transaction_session_timeout=10000"
# A host that is gone says nothing: libpq must ask. An address may say otherwise.
_PG_PATIENCE = {"connect_timeout": 3, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


class AnotherProcessWrites(Refusal):
    """SQLite takes writes from one process; another one holds it now."""

    status = 503
    ja = "別のプロセスがこのデータベースに書き込んでいます({path})。先にそちらを終了してください。"
    en = "Another process is writing to this database ({path}). Stop it first."


class Unreachable(Busy):
    """The database was lost, or never found: whether a write was done is not known."""

    ja = "データベースにつながりません。少し待ってから、もう一度お試しください。"
    en = "We can't reach our database. Wait a moment and try again."


class NoRoom(Busy):
    """The disk is full."""

    ja = "保存する場所がいっぱいのため、いまは変更できません。ご覧になることはできます。"
    en = "We have no room left to save changes. You can still look things up."


class Database:
    """One database and its two ways in: `read()` and `write()`."""

    def __init__(self, url: URL, *, pool_size: int = 10) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._lock: int | None = None
        self.retries = 0
        if self.is_sqlite:
            self._path = Path(url.database or "")
            self._writer = _sqlite_engine(url, writes=True, pool_size=1)
            self._reader = _sqlite_engine(url, writes=False, pool_size=pool_size)
            self._standby: Standby | None = None
        else:
            patience = {name: value for name, value in _PG_PATIENCE.items() if name not in url.query}
            connect_args = {"options": _PG_OPTIONS, **patience}
            self._writer = create_async_engine(
                url,
                pool_size=pool_size,
                max_overflow=0,
                pool_timeout=WRITE_QUEUE_S,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args=connect_args,
            )
            self._standby = Standby(url, self._writer, connect_args)
            self._reader = self._writer.execution_options(postgresql_readonly=True)

    @asynccontextmanager
    async def migrating(self) -> AsyncIterator[AsyncConnection]:
        """Open one transaction for migrations: unbounded in time, SQLite's foreign keys off.

        A batch migration rebuilds a table by dropping it, and with foreign keys on that deletes the child rows.
        """
        self._claim()
        async with self._writer.connect() as connection:
            if self.is_sqlite:
                await _pragma(connection, "foreign_keys=OFF")
            else:
                await connection.execute(text("SET statement_timeout = 0"))
                await connection.execute(text("SET lock_timeout = 0"))
            try:
                yield connection
                await connection.commit()
            finally:
                await connection.rollback()
                if self.is_sqlite:
                    await _pragma(connection, "foreign_keys=ON")
                else:
                    await connection.invalidate()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection that sees one moment of the whole database, for as long as it takes."""
        async with self._reader.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                await connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that can't write.

        Raises:
            Busy: no connection came free.

        """
        if self.is_sqlite and not self._path.exists():
            self._claim()
        async with open_session(self._reader) as session:
            try:
                yield session
            except PoolTimeoutError as error:
                raise Busy from error
            except DBAPIError as error:
                if (trouble := _as_trouble(error)) is not None:
                    raise trouble from error
                raise

    async def write(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Run `work` in one transaction and commit it; lost races are run again from the start, at most five times.

        Raises:
            Refusal: what `work` refused, or what a violated constraint means.
            Busy: every try lost, no connection came free, or the write is not known to be safe.

        """
        self._claim()
        for attempt in range(MAX_TRIES):
            try:
                return await self._try_once(work)
            except PoolTimeoutError as error:
                raise Busy from error
            except DBAPIError as error:
                if _is_race(error):
                    self.retries += 1
                    await asyncio.sleep(random.uniform(0.5, 1.5) * 0.01 * 2**attempt)  # noqa: S311  -- chance, no secret
                    continue
                if (refusal := _as_refusal(error) or _as_trouble(error)) is not None:
                    raise refusal from error
                raise
        raise Busy

    async def _try_once(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async with open_session(self._writer) as session:
            if self._standby is not None:
                self._standby.require()
            try:
                done = await work(session)
            except Refusal as refusal:
                if refusal.keeps_writes:
                    await self._commit(session)
                raise
            await self._commit(session)
            return done

    async def _commit(self, session: AsyncSession) -> None:
        if self._standby is None:
            await session.commit()
        else:
            await self._standby.commit(session)

    async def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the database file; called when idle."""
        if self.is_sqlite:
            self._claim()
            async with self._writer.connect() as connection:
                await _pragma(connection, "wal_checkpoint(PASSIVE)")

    async def ping(self) -> None:
        """Prove that the database takes a write transaction, and its standby too.

        Raises:
            Refusal or DBAPIError: it does not.

        """

        async def nothing(session: AsyncSession) -> None:
            await session.scalar(text("SELECT 1"))
            await mark(session)

        await self.write(nothing)

    async def close(self) -> None:
        """Close readers first, so that the writer's closing checkpoint is the only one."""
        if self.is_sqlite:
            await self._reader.dispose()
        if self._standby is not None:
            await self._standby.close()
        await self._writer.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _claim(self) -> None:
        if not self.is_sqlite or self._lock is not None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        lock = os.open(self._path.with_name(self._path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            raise AnotherProcessWrites(path=self._path) from error
        self._lock = lock


async def attempt(session: AsyncSession, work: Callable[[], Awaitable[T]]) -> T | Refusal:
    """Run a part of a transaction that may be refused: then only this part is undone, and the refusal returned.

    What the part changed on rows loaded before is forgotten with it: read those rows again.
    """
    try:
        async with session.begin_nested():
            return await work()
    except Refusal as refusal:
        return refusal
    except DBAPIError as error:
        if _is_race(error) or (refused := _as_refusal(error)) is None:
            raise
        return refused


def _sqlite_engine(url: URL, *, writes: bool, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        module=OneTripDriver(),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=WRITE_QUEUE_S,
        hide_parameters=True,
    )
    pragmas = ["busy_timeout=5000", "foreign_keys=ON", "trusted_schema=OFF"]
    # Readers never checkpoint: two connections that do can corrupt the log (SQLite 3.7.0 to 3.51.2).
    pragmas += ["journal_mode=WAL", "synchronous=FULL"] if writes else ["query_only=ON", "wal_autocheckpoint=0"]

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  -- the driver's own type
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer fails at once, whatever the busy timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


async def _pragma(connection: AsyncConnection, pragma: str) -> None:
    """Run a pragma outside any transaction, where SQLite heeds those that change a connection."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await (await driver.execute(f"PRAGMA {pragma}")).close()


def _is_race(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRIED_STATES or "database is locked" in str(error.orig)


def _as_refusal(error: DBAPIError) -> Refusal | None:
    state = getattr(error.orig, "sqlstate", None)
    if state in _CONSTRAINT_STATES or isinstance(error, IntegrityError):
        return Refusal.for_constraint(str(error.orig)) or Conflict()
    return None


def _as_trouble(error: DBAPIError) -> Refusal | None:
    """Return what a database in trouble means for people, None where the error is our own."""
    state, cause = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state == _FULL or cause == "database or disk is full":
        return NoRoom()
    if state == _TOO_SLOW:
        return Busy()
    is_postgresql = type(error.orig).__module__.startswith("psycopg")
    lost = error.connection_invalidated or (isinstance(error, OperationalError) and state is None)
    if state in _GONE_STATES or (is_postgresql and lost):
        return Unreachable()
    return None
