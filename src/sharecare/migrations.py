"""Bringing a database to the newest schema."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from sharecare.db import Database

if TYPE_CHECKING:
    from alembic.config import Config  # loaded when it is used: a server that starts has no need of it

HEAD = "head"


def alembic_config() -> "Config":
    """Return Alembic's configuration; the chain lies beside `src` in a checkout and inside the package in a wheel."""
    from alembic.config import Config  # noqa: PLC0415  -- see above

    package = Path(__file__).parent
    checkout = package.parents[1] / "alembic"
    config = Config()
    config.set_main_option("script_location", str(checkout if checkout.is_dir() else package / "_alembic"))
    return config


async def migrate(database: Database, revision: str = HEAD) -> None:
    """Upgrade to a revision (default: the newest)."""
    from alembic import command  # noqa: PLC0415  -- see above

    config = alembic_config()

    def upgrade(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with database.migrating() as connection:
        await connection.run_sync(upgrade)


async def wipe(database: Database) -> None:
    """Take every table down and build it anew; only ever called on a database that carries the demo's mark."""
    from alembic import command  # noqa: PLC0415  -- see above

    config = alembic_config()

    def rebuild(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        command.upgrade(config, HEAD)

    async with database.migrating() as connection:
        await connection.run_sync(rebuild)
