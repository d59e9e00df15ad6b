"""Reading the journal while many write: nothing missed, whatever the order of commits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import URL
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.db import Database
from sharecare.journal.feed import BEYOND, Feed
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from statements import statements_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WRITERS, TRANSACTIONS, FLUSHES, FACTS = 30, 10, 2, 5
MANY = 5000


@pytest.fixture
async def wide(database_url: URL) -> AsyncIterator[Database]:
    """Open as many connections as there are writers, and one for the reader."""
    opened = Database(database_url, pool_size=WRITERS + 1)
    yield opened
    await opened.close()


def put(session: AsyncSession, minutes: int = 0) -> None:
    record(session, kind=FactKind.PREVIEWED, at=NOW, minutes=minutes)


async def read(database: Database, feed: Feed) -> list[int]:
    async with database.read() as session:
        return [fact.id for fact in await feed.read(session)]


async def all_ids(database: Database) -> list[int]:
    async with database.read() as session:
        return list(await session.exec(select(Fact.id).order_by(col(Fact.id))))


async def test_thirty_writers_and_not_one_fact_missed(wide: Database) -> None:
    # A reader that remembers the last id (`where id > last`) missed 230 to 255 of these 3,000 on PostgreSQL.
    feed, seen, reads = Feed(), list[int](), 0

    async def write(session: AsyncSession) -> None:
        for _ in range(FLUSHES):
            for _ in range(FACTS):
                put(session)
            await session.flush()  # others write between, so that numbers are not taken in the order of commits

    async def writer() -> None:
        for _ in range(TRANSACTIONS):
            await wide.write(write)

    writing = asyncio.gather(*(writer() for _ in range(WRITERS)))
    while not writing.done():
        seen += await read(wide, feed)
        reads += 1
    await writing
    seen += await read(wide, feed)

    stored = await all_ids(wide)
    assert len(stored) == WRITERS * TRANSACTIONS * FLUSHES * FACTS
    assert sorted(seen) == stored
    assert reads > 1
    assert await read(wide, feed) == []


async def test_one_long_transaction_is_read_when_it_commits_and_holds_nobody_up(wide: Database) -> None:
    # With the mark moved past what was read instead of what is final, the first fact was never read.
    if wide.is_sqlite:
        pytest.skip("SQLite's writers queue: there is no long transaction beside others")
    feed, began, go_on = Feed(), asyncio.Event(), asyncio.Event()

    async def long(session: AsyncSession) -> None:
        put(session, minutes=1)
        await session.flush()
        began.set()
        await go_on.wait()

    async def short(session: AsyncSession) -> None:
        put(session, minutes=2)

    held = asyncio.create_task(wide.write(long))
    await began.wait()
    for _ in range(3):
        await wide.write(short)
    meanwhile = [await read(wide, feed) for _ in range(2)]
    go_on.set()
    await held
    after = [await read(wide, feed) for _ in range(2)]

    assert (meanwhile, after) == ([[2, 3, 4], []], [[1], []])


async def test_a_reader_who_starts_again_from_its_mark_may_repeat_and_misses_nothing(wide: Database) -> None:
    feed = Feed()
    for _ in range(5):
        await wide.write(_one)
        await read(wide, feed)
    await wide.write(_one)

    again = await read(wide, Feed(feed.position))

    assert set(again) >= {6}
    assert set(again) <= set(await all_ids(wide))


async def test_from_now_skips_what_is_over_and_misses_nothing_that_follows(wide: Database) -> None:
    await wide.write(_one)
    async with wide.read() as session:
        feed = await Feed.from_now(session)
    await wide.write(_one)

    assert await read(wide, feed) == [2]


async def test_a_look_does_not_go_through_the_journal_again(wide: Database) -> None:
    # SQLAlchemy wrote `id > ? = 1` for SQLite: `SCAN journal_fact`, a tenth of a second in a town's journal.
    async def fill(session: AsyncSession) -> None:
        for _ in range(MANY):
            put(session)

    await wide.write(fill)
    async with wide.read() as session:
        feed = await Feed.from_now(session)
        with statements_of(wide) as asked:
            await feed.read(session)
            await session.exec(select(BEYOND), params={"position": feed.position})
        plans = [await plan_of(session, one, feed.position) for one in asked]

    assert len(plans) == 2
    assert not [plan for plan in plans if "SCAN journal_fact" in plan or "Seq Scan on journal_fact" in plan]


async def plan_of(session: AsyncSession, statement: str, position: int) -> str:
    """Return how the database goes about a statement."""
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (position,) * statement.count("?"))
    else:
        found = await connection.exec_driver_sql(f"EXPLAIN {statement}", {"position": position})
    return "\n".join(str(row[-1]) for row in found)


async def _one(session: AsyncSession) -> None:
    put(session)
