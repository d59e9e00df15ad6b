"""The one chain of migrations, on both databases."""

from alembic import command
from sqlalchemy import Connection, inspect

from sharecare.db import Database
from sharecare.migrations import alembic_config
from sharecare.models import metadata


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
