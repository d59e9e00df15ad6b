"""Commits that wait for a synchronous standby: bounded, refused while it is away, and never acknowledged before."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare import replication
from sharecare.areas.models import Area
from sharecare.db import Database
from sharecare.replication import NotReplicated, mark
from world import area

Standby = Callable[[str], None]
ABSENT, NO_ONE = "absent", ""
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'SyncRep'"


def connected(url: URL) -> psycopg.Connection:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def run(url: URL, *statements: str) -> list[tuple[object, ...]]:
    with connected(url) as connection:
        connection.execute("SET synchronous_commit = off")
        done = [connection.execute(one.encode()) for one in statements][-1]
        return done.fetchall() if done.description else []


def commits_wait(url: URL) -> bool:
    """Tell by a commit: the server takes up its settings when it comes to it, after a checkpoint at times."""
    with connected(url) as connection:
        server = connection.pgconn
        server.send_query(b"SELECT pg_logical_emit_message(true, '', '')")
        while not (waits := (server.backend_pid,) in run(url, WAITING)) and server.is_busy():
            server.consume_input()
        connection.cancel()
        while server.get_result():
            pass
        return waits


async def stored(database: Database) -> list[str]:
    async with database.read() as session:
        return sorted(await session.exec(select(Area.slug)))


@pytest.fixture
async def standby(database_url: URL, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Standby]:
    """Say which standby commits wait for, in this database alone."""
    if database_url.get_backend_name() == "sqlite":
        pytest.skip("SQLite has no standby")
    run(database_url, f"ALTER DATABASE {database_url.database} SET synchronous_commit = on")
    monkeypatch.setattr(replication, "COMMIT_WITHIN_S", 0.3)
    monkeypatch.setattr(replication, "LOOK_AGAIN_S", 0.01)

    def wait_for(name: str) -> None:
        run(database_url, f"ALTER SYSTEM SET synchronous_standby_names = '{name}'", "SELECT pg_reload_conf()")
        while commits_wait(database_url) is not bool(name):
            pass

    with connected(database_url.set(database="postgres")) as turn:
        turn.execute("SELECT pg_advisory_lock(1)")  # the setting is the server's, which another run may share
        yield wait_for
        wait_for(NO_ONE)


async def healed(database: Database) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                return await database.ping()
            except NotReplicated:
                await asyncio.sleep(0.01)


async def until(database: Database, *, waits: bool) -> list[tuple[object, ...]]:
    async with asyncio.timeout(30):
        while bool(waiting := run(database.url, WAITING)) is not waits:  # noqa: ASYNC110  -- the server sets no event
            await asyncio.sleep(0.01)
    return waiting


async def test_a_commit_without_its_standby_is_refused_and_seen_only_once_it_is_safe(
    database: Database, standby: Standby
) -> None:
    # With session.commit() alone the first write waited for ever, and so did the ping.
    standby(ABSENT)
    with pytest.raises(NotReplicated) as refused:
        await database.write(lambda session: area(session, "a"))
    with pytest.raises(NotReplicated):
        await database.ping()
    unseen = await stored(database)

    standby(NO_ONE)
    await healed(database)
    await until(database, waits=False)
    await database.write(lambda session: area(session, "b"))

    assert (refused.value.status, unseen) == (503, [])
    assert await stored(database) == ["a", "b"]


async def test_while_it_is_away_no_try_is_left_waiting_on_the_server(database: Database, standby: Standby) -> None:
    # Without `require` each of the twenty left a connection that waits on the server.
    standby(ABSENT)
    with pytest.raises(NotReplicated):
        await database.write(lambda session: area(session, "a"))
    for number in range(20):
        with pytest.raises(NotReplicated):
            await database.write(partial(area, slug=f"b{number}"))

    assert len(run(database.url, WAITING)) <= 2  # the first, and one who looks for the standby
    standby(NO_ONE)
    await healed(database)


async def test_a_wait_that_the_server_gave_up_is_no_success(
    database: Database, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the notice handler the write was acknowledged.
    monkeypatch.setattr(replication, "COMMIT_WITHIN_S", 30)
    standby(ABSENT)
    writing = asyncio.create_task(database.write(lambda session: area(session, "a")))
    ((pid,),) = await until(database, waits=True)
    run(database.url, f"SELECT pg_cancel_backend({pid})")

    with pytest.raises(NotReplicated):
        await writing

    assert await stored(database) == ["a"]  # there, and a failover might lose it: so nobody was told
    standby(NO_ONE)
    await healed(database)


async def test_a_slow_commit_of_a_server_alone_refuses_nobody(
    database: Database, standby: Standby, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without `_is_awaited` a busy server without any standby refused writes as not confirmed.
    standby(NO_ONE)
    monkeypatch.setattr(replication, "COMMIT_WITHIN_S", 0)
    monkeypatch.setattr(replication, "DOUBTFUL_AFTER_S", 0)

    await asyncio.gather(*(database.write(partial(area, slug=slug)) for slug in ("a", "b", "c")))

    assert await stored(database) == ["a", "b", "c"]


async def test_only_a_mark_makes_a_reading_transaction_wait(database: Database, standby: Standby) -> None:
    # A replay without `mark` answered what a failover could still take back.
    standby(ABSENT)

    async def look(session: AsyncSession) -> None:
        await session.exec(text("SELECT 1"))  # type: ignore[call-overload]  # SQLModel knows no text

    async def marked(session: AsyncSession) -> None:
        await mark(session)

    await database.write(look)
    with pytest.raises(NotReplicated):
        await database.write(marked)
    standby(NO_ONE)
    await healed(database)
