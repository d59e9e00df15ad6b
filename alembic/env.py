"""Alembic runs on a connection that `sharecare.migrations` hands over, or opens the configured database itself."""

import asyncio
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from sharecare.columns import BigId, Json, UtcDateTime
from sharecare.config import Settings
from sharecare.db import Database
from sharecare.journal.models import current_tx
from sharecare.models import metadata


def render(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401  -- Alembic's signature
    """Write our own types by name in a new migration."""
    if kind == "type" and item is BigId:
        context.imports.add("from sharecare.columns import BigId")
        return "BigId"
    if kind == "type" and item is Json:
        context.imports.add("from sharecare.columns import Json")
        return "Json"
    if kind == "type" and isinstance(item, UtcDateTime):
        context.imports.add("from sharecare.columns import UtcDateTime")
        return "UtcDateTime()"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), current_tx):
        context.imports.add("from sharecare.journal.models import current_tx")
        return "current_tx()"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_alone() -> None:
    database = Database(Settings().url)
    async with database.migrating() as connection:
        await connection.run_sync(run)
    await database.close()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    asyncio.run(run_alone())
