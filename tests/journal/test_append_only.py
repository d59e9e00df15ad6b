"""The database itself refuses to rewrite what happened."""

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book, snapshot
from sharecare.areas.rules import Level
from sharecare.db import Database
from sharecare.errors import Conflict
from sharecare.journal.service import seal_facts
from world import World, make_world

TABLES = {"journal_fact": "minutes = 1", "journal_seal": "seal = 'x'", "insurance_ledger": "hash = 'x'"}


@pytest.fixture
async def world(database: Database) -> World:
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    await book(world, family, helper)
    await database.write(seal_facts)
    return world


async def test_journal_seals_and_ledger_can_not_be_changed_deleted_or_emptied(world: World) -> None:
    # Without the triggers of migration 0002 every statement went through.
    before = await snapshot(world)
    kinds = ["UPDATE {0} SET {1}", "DELETE FROM {0}"]
    kinds += [] if world.database.is_sqlite else ["TRUNCATE {0} CASCADE"]

    for table, change in TABLES.items():
        for statement in kinds:
            sql = text(statement.format(table, change))

            async def rewrite(session: AsyncSession, sql: TextClause = sql) -> None:
                await (await session.connection()).execute(sql)

            with pytest.raises((Conflict, DBAPIError)):
                await world.database.write(rewrite)

    assert all(before[table] for table in TABLES)
    assert await snapshot(world) == before
