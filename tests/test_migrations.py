"""The one chain of migrations, on both databases."""

from alembic import command
from sqlalchemy import Connection, inspect, text

from care.steps import MINUTE, book
from care.test_contests import said_against
from care.test_no_show import contest, missed, take_back
from sharecare.db import Database
from sharecare.migrations import alembic_config
from sharecare.models import metadata
from world import make_world


async def test_models_and_migrations_agree(database: Database) -> None:
    config = alembic_config()

    def check(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.check(config)

    async with database.migrating() as connection:
        await connection.run_sync(check)


async def test_downgrade_leaves_nothing_and_upgrade_brings_all_back(database: Database) -> None:
    config = alembic_config()

    def down_and_up(connection: Connection) -> tuple[set[str], set[str]]:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        bare = set(inspect(connection).get_table_names())
        command.upgrade(config, "head")
        return bare, set(inspect(connection).get_table_names())

    async with database.migrating() as connection:
        bare, full = await connection.run_sync(down_and_up)

    assert bare == {"alembic_version"}
    assert full == {"alembic_version", *metadata.tables}


async def test_what_was_said_against_a_report_keeps_its_report(database: Database) -> None:
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, helper)
    for because in ("前にいました", "裏にいました"):
        await missed(world, family.actor, booking)
        await contest(world, helper, booking, because)
        if because == "前にいました":
            await take_back(world, family.actor, booking)
            world.now += 20 * MINUTE
    config = alembic_config()

    def down_and_up(connection: Connection) -> list[str]:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        kept = connection.execute(text("SELECT because FROM no_show_contest")).scalars().all()
        command.upgrade(config, "head")
        return list(kept)

    async with database.migrating() as connection:
        assert await connection.run_sync(down_and_up) == ["裏にいました"]

    assert await said_against(world, booking) == ("裏にいました", [("裏にいました", None)])
