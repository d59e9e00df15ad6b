"""The server's role in PostgreSQL: a town lives by what it was granted, and can't rewrite its past."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import URL, text
from sqlalchemy.exc import ProgrammingError

from care.steps import book, cancel, finish, get_ready, start
from conftest import Copies
from sharecare.areas.rules import Level
from sharecare.db import Database
from sharecare.journal.service import seal_facts
from sharecare.migrations import migrate
from sharecare.privileges import NoRoles, NoSuchRole, grant
from sharecare.verify import verify
from sharecare.verify.chains import APPEND_ONLY
from world import make_world


@pytest.fixture
async def owner(postgresql: Copies) -> AsyncIterator[Database]:
    url = postgresql.copy(postgresql.migrated)
    opened = Database(url, pool_size=2)
    yield opened
    await opened.close()
    postgresql.drop(url)


@pytest.fixture
async def role(owner: Database) -> AsyncIterator[URL]:
    """Give the address of a role that owns nothing."""
    name = f"Server {uuid4().hex}"  # to be quoted
    async with owner.migrating() as connection:
        await connection.execute(text(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'loopback'"))
    yield owner.url.set(username=name, password="loopback")
    async with owner.migrating() as connection:
        await connection.execute(text(f'DROP OWNED BY "{name}"'))
        await connection.execute(text(f'DROP ROLE "{name}"'))


async def test_a_town_lives_by_what_its_role_was_granted(owner: Database, role: URL) -> None:
    # Owned by the server's role, the guards could be dropped by whatever took the server over.
    await grant(owner, role.username or "")
    served = Database(role, pool_size=2)
    await migrate(served)  # as a start does: nothing is left to do
    world = await make_world(served)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    await cancel(world, family.actor, await book(world, family, helper))
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at
    await finish(world, helper, booking)
    await served.write(seal_facts)
    async with served.read() as session:
        assert await verify(session) == []

    attempts = [f"{verb} {table}" for table in APPEND_ONLY for verb in ("DELETE FROM", "TRUNCATE")]
    attempts += ["UPDATE journal_fact SET minutes = 0", "DROP TRIGGER journal_fact_append_only ON journal_fact"]
    attempts += ["DELETE FROM cover_gap", "UPDATE alembic_version SET version_num = '0'"]
    for attempt in attempts:
        async with served.migrating() as connection:
            with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                await connection.execute(text(attempt))
            await connection.rollback()
    await served.close()


async def test_there_must_be_such_a_role(owner: Database) -> None:
    with pytest.raises(NoSuchRole):
        await grant(owner, "nobody; DROP TABLE person")


async def test_sqlite_has_no_roles(sqlite: Copies) -> None:
    database = Database(sqlite.copy(sqlite.migrated), pool_size=2)
    with pytest.raises(NoRoles):
        await grant(database, "sharecare")
    await database.close()
