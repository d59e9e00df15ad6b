"""The sealed journal: in order, once, and altered by nobody unseen."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.db import Database
from sharecare.journal.audit import BrokenSeal, broken_seals
from sharecare.journal.models import Seal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record, seal_facts

NOW = datetime(2026, 6, 1, tzinfo=UTC)


async def five_facts(session: AsyncSession) -> None:
    for minutes in range(5):
        record(session, kind=FactKind.PREVIEWED, at=NOW, minutes=minutes)


async def seals(database: Database) -> list[tuple[int, int]]:
    async with database.read() as session:
        return list((await session.exec(select(Seal.seq, Seal.fact_id).order_by(col(Seal.seq)))).all())


async def broken(database: Database) -> list[BrokenSeal]:
    async with database.read() as session:
        return await broken_seals(session)


async def tamper(database: Database, *statements: str) -> None:
    """Rewrite rows as someone with the database's own password could."""

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        if database.is_sqlite:
            for verb in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER journal_fact_no_{verb}"))
        else:
            await connection.execute(text("ALTER TABLE journal_fact DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.execute(text(statement))

    await database.write(work)


async def test_facts_are_sealed_in_order_and_once(database: Database) -> None:
    sealed = []
    for _ in range(2):
        await database.write(five_facts)
        sealed.append(await database.write(seal_facts))
    sealed.append(await database.write(seal_facts))

    assert sealed == [5, 5, 0]
    assert await seals(database) == [(number, number) for number in range(1, 11)]
    assert await broken(database) == []


async def test_sealers_at_the_same_time_seal_each_fact_once(database: Database) -> None:
    # Without the lock in `seal_facts` one or more ended in Conflict on PostgreSQL, and the rest of their round with it.
    await database.write(five_facts)

    ended = await asyncio.gather(*(database.write(seal_facts) for _ in range(5)), return_exceptions=True)

    assert Counter(ended) == {5: 1, 0: 4}
    assert await seals(database) == [(number, number) for number in range(1, 6)]


async def test_an_altered_and_a_removed_fact_are_found(database: Database) -> None:
    await database.write(five_facts)
    await database.write(seal_facts)

    await tamper(database, "UPDATE journal_fact SET minutes = 99 WHERE id = 2", "DELETE FROM journal_fact WHERE id = 4")

    assert await broken(database) == [BrokenSeal(2, 2), BrokenSeal(4, 4)]


async def test_facts_that_changed_places_are_found(database: Database) -> None:
    await database.write(five_facts)
    await database.write(seal_facts)

    await tamper(
        database,
        "UPDATE journal_fact SET minutes = 1 - minutes WHERE id IN (1, 2)",
    )

    assert await broken(database) == [BrokenSeal(1, 1), BrokenSeal(2, 2)]


async def test_what_may_still_be_preceded_is_not_sealed_yet(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite's writers queue: nothing can come before what is committed")
    began, go_on = asyncio.Event(), asyncio.Event()

    async def long(session: AsyncSession) -> None:
        await five_facts(session)
        await session.flush()
        began.set()
        await go_on.wait()

    held = asyncio.create_task(database.write(long))
    await began.wait()
    await database.write(five_facts)
    meanwhile = await database.write(seal_facts)
    go_on.set()
    await held

    assert (meanwhile, await database.write(seal_facts)) == (0, 10)
    assert [fact_id for _, fact_id in await seals(database)] == list(range(1, 11))
