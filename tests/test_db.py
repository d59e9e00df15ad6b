"""The ways into the database: one writer on SQLite, readers that can't write, races run again, pools that run out."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare import db
from sharecare.accounts.models import Household
from sharecare.areas.models import Area
from sharecare.db import AnotherProcessWrites, Database
from sharecare.errors import Busy, Conflict, Refusal
from world import NOW, area

WRITES = """
import asyncio, sys
from sqlalchemy.engine import make_url
from sharecare.db import AnotherProcessWrites, Database

async def main():
    database = Database(make_url(sys.argv[1]))
    try:
        await database.ping()
    except AnotherProcessWrites as refusal:
        sys.exit(refusal.text("en"))
    finally:
        await database.close()

asyncio.run(main())
"""


async def areas(session: AsyncSession) -> list[str]:
    return list(await session.exec(select(Area.slug).order_by(Area.slug)))


async def stored(database: Database) -> list[str]:
    async with database.read() as session:
        return await areas(session)


async def gone_wrong(database: Database) -> None:
    """Migrate, and fail half-way."""
    async with database.migrating() as connection:
        await connection.execute(text("DELETE FROM area"))
        raise ZeroDivisionError


def another_process(url: URL) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WRITES, url.render_as_string(hide_password=False)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def test_a_second_writing_process_is_told_so_on_sqlite_and_let_in_on_postgresql(database: Database) -> None:
    # Without the lock file the second process wrote beside the first.
    await database.ping()

    second = await asyncio.to_thread(another_process, database.url)

    refused = AnotherProcessWrites(path=database.url.database).text("en")
    expected = (1, f"{refused}\n") if database.is_sqlite else (0, "")
    assert (second.returncode, second.stderr) == expected


async def test_the_lock_ends_with_its_process(database_url: URL) -> None:
    assert (await asyncio.to_thread(another_process, database_url)).returncode == 0

    database = Database(database_url)
    await database.ping()
    await database.close()


async def test_a_reading_session_can_not_write(database: Database) -> None:
    # Without query_only (SQLite) or the read-only transaction (PostgreSQL) the area was there.
    async with database.read() as session:
        with pytest.raises(DBAPIError) as refused:
            await area(session)

    assert "read" in str(refused.value.orig).lower()
    assert await stored(database) == []


async def test_a_writing_session_writes_again_after_readers_used_the_same_pool(database: Database) -> None:
    for number in range(8):
        await stored(database)
        await database.write(partial(area, slug=f"area{number}"))

    assert len(await stored(database)) == 8


async def test_a_deadlock_is_run_again_from_the_start(database: Database) -> None:
    # With 40P01 taken out of the states that are retried, one of the two ended in an OperationalError.
    await database.write(lambda session: area(session, "a"))
    await database.write(lambda session: area(session, "b"))
    runs: list[str] = []
    both_hold = asyncio.Barrier(2)

    async def touch(session: AsyncSession, slug: str) -> None:
        connection = await session.connection()
        await connection.execute(text("UPDATE area SET name_en = name_en || :slug WHERE slug = :slug"), {"slug": slug})

    async def crosswise(session: AsyncSession, first: str, second: str) -> None:
        runs.append(first)
        await touch(session, first)
        if len(runs) <= 2 and not database.is_sqlite:  # SQLite lets one in at a time: nobody waits in a ring
            await both_hold.wait()
        await touch(session, second)

    await asyncio.gather(
        database.write(lambda session: crosswise(session, "a", "b")),
        database.write(lambda session: crosswise(session, "b", "a")),
    )

    async with database.read() as session:
        names = sorted(await session.exec(select(Area.name_en)))
    assert names == ["aaa", "bbb"]
    assert sorted(runs)[:2] == ["a", "b"] if database.is_sqlite else len(runs) == 3


async def test_a_serialization_failure_is_run_again(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite's writers queue: none can lose to another")
    await database.write(lambda session: area(session, "a"))
    runs: list[int] = []

    async def append(session: AsyncSession, letter: str) -> None:
        connection = await session.connection()
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
        name = (await session.exec(select(Area.name_en))).one()
        runs.append(len(runs))
        if len(runs) <= 2:
            await both_read.wait()
        await connection.execute(text("UPDATE area SET name_en = :name"), {"name": name + letter})

    both_read = asyncio.Barrier(2)
    await asyncio.gather(*(database.write(partial(append, letter=letter)) for letter in "xy"))

    async with database.read() as session:
        assert (await session.exec(select(Area.name_en))).one() in ("axy", "ayx")
    assert len(runs) == 3


async def test_what_always_loses_gives_up_after_five_tries(database: Database) -> None:
    tries: list[int] = []

    async def lose(_session: AsyncSession) -> None:
        tries.append(1)
        raise OperationalError("", {}, Exception("database is locked"))

    with pytest.raises(Busy):
        await database.write(lose)

    assert len(tries) == 5


@pytest.fixture
async def narrow(database_url: URL, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    """Open a pool of one that waits only briefly."""
    monkeypatch.setattr(db, "WRITE_QUEUE_S", 0.1)
    opened = Database(database_url, pool_size=1)
    yield opened
    await opened.close()


async def test_writers_and_readers_who_get_no_connection_are_told_that_we_are_busy(narrow: Database) -> None:
    # PostgreSQL's pool waited 30 s, and a reader's wait ended in the pool's own error: a 500.
    holding, go_on = asyncio.Event(), asyncio.Event()

    async def hold(session: AsyncSession) -> None:
        await areas(session)
        holding.set()
        await go_on.wait()

    held = asyncio.create_task(narrow.write(hold))
    await holding.wait()
    with pytest.raises(Busy) as refused:
        await narrow.write(areas)
    go_on.set()
    await held

    async with narrow.read() as session:
        await areas(session)
        with pytest.raises(Busy):
            await stored(narrow)
    assert refused.value.status == 503
    assert await stored(narrow) == []


async def test_foreign_keys_are_kept_and_a_broken_one_is_a_refusal(database: Database) -> None:
    # Without the pragma SQLite stored a family in an area that does not exist.
    async def orphan(session: AsyncSession) -> None:
        session.add(Household(area_id=99, created_at=NOW))

    with pytest.raises(Conflict):
        await database.write(orphan)


async def test_migrating_turns_foreign_keys_off_and_on_again(database: Database) -> None:
    # Without the last pragma the write connection kept them off for as long as the process lived.
    async def orphan(session: AsyncSession) -> None:
        session.add(Household(area_id=99, created_at=NOW))

    async with database.migrating() as connection:
        if database.is_sqlite:
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar_one() == 0
    with pytest.raises(ZeroDivisionError):
        await gone_wrong(database)

    with pytest.raises(Conflict):
        await database.write(orphan)


async def test_a_migration_that_fails_leaves_nothing(database: Database) -> None:
    await database.write(area)

    with pytest.raises(ZeroDivisionError):
        await gone_wrong(database)

    assert await stored(database) == ["misono"]


async def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(URL.create("sqlite+aiosqlite", database=str(tmp_path / "new" / "sharecare.db")))
    await database.ping()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "new").iterdir()}
    await database.close()

    assert modes["sharecare.db"] == "0o600"
    assert set(modes.values()) == {"0o600"}


async def test_sqlite_is_set_to_survive_a_crash(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL's durability is its server's setting")

    async def settings(session: AsyncSession) -> list[object]:
        connection = await session.connection()
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        return [(await connection.execute(text(f"PRAGMA {name}"))).scalar_one() for name in names]

    assert await database.write(settings) == ["wal", 2, 1, 5000, 0]


class _Counted(Refusal):
    """A refusal whose writes stay."""

    keeps_writes: ClassVar[bool] = True


class _Undone(Refusal):
    """A refusal that leaves nothing."""


@pytest.mark.parametrize(("refusal", "left"), [(_Counted, ["misono"]), (_Undone, [])])
async def test_a_refusal_keeps_its_writes_only_where_it_says_so(
    database: Database, refusal: type[Refusal], left: list[str]
) -> None:
    async def work(session: AsyncSession) -> None:
        await area(session)
        raise refusal

    with pytest.raises(refusal):
        await database.write(work)

    assert await stored(database) == left


async def test_an_error_of_ours_leaves_nothing_and_frees_the_connection(database: Database) -> None:
    async def work(session: AsyncSession) -> None:
        await area(session)
        raise ZeroDivisionError

    for _ in range(6):  # one more than the pool holds
        with pytest.raises(ZeroDivisionError):
            await database.write(work)

    assert await stored(database) == []


async def test_a_cancelled_writer_frees_the_connection(database: Database) -> None:
    async def stall(session: AsyncSession) -> None:
        await area(session)
        began.set()
        await asyncio.Event().wait()

    for _ in range(6):  # one more than the pool holds
        began = asyncio.Event()
        task = asyncio.create_task(database.write(stall))
        await began.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    assert await stored(database) == []
    await database.write(area)
