"""SQLite's driver: what is quick runs where it is asked, what is new or slow keeps nobody waiting."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from sharecare import sqlite_driver
from sharecare.sqlite_driver import OneTripDriver

BEGIN = "BEGIN IMMEDIATE"
HERE = "SELECT thread()"
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT thread(), max(i) FROM n"
TRIES = 1000  # a busy machine makes a quick statement slow now and then


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """Open an engine in whose connections `thread()` tells where a statement runs."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'here.db'}", module=OneTripDriver())

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401  -- the driver's own type
        connection.isolation_level = None
        connection.create_function("thread", 0, threading.get_ident)

    yield engine
    await engine.dispose()


async def runs_here(connection: AsyncConnection, statement: str) -> bool:
    return bool((await connection.exec_driver_sql(statement)).one()[0] == threading.get_ident())


async def test_a_statement_that_was_quick_runs_where_it_is_asked(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        first = await runs_here(connection, HERE)
        later = [await runs_here(connection, HERE) for _ in range(TRIES)]

    assert not first
    assert any(later)


async def test_what_is_known_of_statements_is_bounded(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without a bound, a list of ids of every length that was ever asked for stayed in memory.
    monkeypatch.setattr(sqlite_driver, "MOST_KNOWN", 5)
    async with engine.connect() as connection:
        while not await runs_here(connection, HERE):
            pass
        for number in range(TRIES):
            await connection.exec_driver_sql(f"SELECT {number}")

        assert not await runs_here(connection, HERE)


async def test_a_slow_statement_always_goes_to_the_thread(engine: AsyncEngine) -> None:
    # With every statement run where it is asked, all five were here.
    async with engine.connect() as connection:
        assert not any([await runs_here(connection, SLOW) for _ in range(5)])


async def test_whoever_waits_to_write_keeps_nobody_else_waiting(engine: AsyncEngine) -> None:
    # Where it counted as quick like others, the waiter stood in the holder's way until "database is locked".
    async with engine.connect() as holder, engine.connect() as waiter:
        for connection in (holder, waiter):
            await connection.exec_driver_sql(BEGIN)
            await connection.exec_driver_sql("ROLLBACK")
        await holder.exec_driver_sql(BEGIN)

        waiting = asyncio.create_task(waiter.exec_driver_sql(BEGIN))
        await asyncio.sleep(0)
        await holder.exec_driver_sql("COMMIT")
        await waiting


async def test_a_write_that_nobody_waits_for_any_more_is_taken_back(engine: AsyncEngine) -> None:
    # Told by what SQLite said at that moment, there was nothing to take back: then it began, and stayed.
    async with engine.connect() as holder, engine.connect() as waiter:
        raw: Any = await waiter.get_raw_connection()
        adapted, driver = raw.dbapi_connection, raw.driver_connection
        await holder.exec_driver_sql(BEGIN)
        begun = asyncio.ensure_future(greenlet_spawn(adapted.cursor().execute, BEGIN))
        await asyncio.sleep(0)
        begun.cancel()
        given_back = asyncio.ensure_future(greenlet_spawn(adapted.rollback))
        await asyncio.sleep(0)
        await holder.exec_driver_sql("COMMIT")
        await given_back
        await driver.execute("SELECT 1")  # whatever was on its way has ended

        assert not driver.in_transaction
