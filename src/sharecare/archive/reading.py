"""Reading a backup into an empty database, of the same kind or the other."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, TableClause, column, insert, inspect, literal, table, text
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncConnection

from sharecare.archive.values import CODES, Coded
from sharecare.archive.writing import FORMAT, Progress
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.migrations import HEAD, alembic_config

BATCH = 500
_VERSIONS = "alembic_version"


class UnreadableArchive(Refusal):
    """The file is no backup of ours, or not whole."""

    status = 400
    ja = "バックアップとして読み取れません: {path}({reason})"
    en = "This can't be read as a backup: {path} ({reason})"


class NotEmpty(Refusal):
    """A backup goes into an empty database, so that nothing is mixed or lost."""

    ja = "このデータベースにはすでにデータがあります。空のデータベースを指定してください。"
    en = "This database already holds data. Name an empty one."


async def restore(database: Database, path: Path, *, progress: Progress) -> Mapping[str, int]:
    """Fill an empty database in one transaction and bring it to the newest schema; return the rows by table.

    The file is looked through once before anything is written.

    Raises:
        UnreadableArchive: the file is damaged, cut short or no backup.
        NotEmpty: the database holds something.

    """
    revision = _checked(path)
    async with database.migrating() as connection:
        if await connection.run_sync(_holds_anything):
            raise NotEmpty
        await connection.run_sync(_upgraded, revision)
        rows = await _fill(connection, path, progress)
        await connection.run_sync(_renumber)
        await connection.run_sync(_upgraded, HEAD)
        await connection.run_sync(_require_whole, path)
    return rows


def _checked(path: Path) -> str:
    """Look through the whole file; return the revision of the schema it was made by."""
    heading: Mapping[str, Any] = {}
    for at, value in enumerate(_values(path)):
        if at == 0:
            heading = value if isinstance(value, dict) else {}
    if heading.get("sharecare") != FORMAT or not isinstance(heading.get("revision"), str):
        raise UnreadableArchive(path=path, reason="no ShareCare backup")
    return str(heading["revision"])


def _values(path: Path) -> Iterator[Any]:
    """Yield every line but the last, and hold the last to what was read."""
    seen, count = hashlib.sha256(), 0
    held: bytes | None = None
    try:
        with gzip.open(path) as lines:
            for line in lines:
                if held is not None:
                    seen.update(held)
                    count += 1
                    yield json.loads(held)
                held = line
        told = json.loads(held or b"{}")
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableArchive(path=path, reason=error) from error
    if told != {"lines": count, "sha256": seen.hexdigest()}:
        raise UnreadableArchive(path=path, reason="it is not whole")


async def _fill(connection: AsyncConnection, path: Path, progress: Progress) -> Mapping[str, int]:
    rows: dict[str, int] = {}
    into: _Into | None = None
    for value in _values(path):
        if isinstance(value, list) and into is not None:
            await into.add(value)
        elif isinstance(value, dict) and "table" in value:
            if into is not None:
                await into.flush()
            into = _Into(connection, value["table"], value["columns"], rows, progress)
    if into is not None:
        await into.flush()
    return rows


class _Into:
    """One table being filled."""

    def __init__(
        self,
        connection: AsyncConnection,
        name: str,
        columns: Mapping[str, str],
        rows: dict[str, int],
        progress: Callable[[str, int], None],
    ) -> None:
        self._connection = connection
        self._name = name
        self._table = _described(name, columns)
        self._readers: list[tuple[str, Coded]] = [(one, CODES[code].read) for one, code in columns.items()]
        self._rows = rows
        self._progress = progress
        self._held: list[dict[str, Any]] = []
        rows[name] = 0

    async def add(self, values: list[Any]) -> None:
        named = zip(self._readers, values, strict=True)
        self._held.append({name: None if value is None else read(value) for (name, read), value in named})
        if len(self._held) == BATCH:
            await self.flush()

    async def flush(self) -> None:
        if self._held:
            await self._connection.execute(insert(self._table), self._held)
            self._rows[self._name] += len(self._held)
            self._progress(self._name, self._rows[self._name])
            self._held = []


def _described(name: str, columns: Mapping[str, str]) -> TableClause:
    """Return a table as the backup describes it: the schema of that day, not today's."""
    return table(name, *(column(one, CODES[code].type) for one, code in columns.items()))


def _holds_anything(connection: Connection) -> bool:
    tables = set(inspect(connection).get_table_names()) - {_VERSIONS}
    return any(connection.scalar(select_columns(literal(1)).select_from(table(name)).limit(1)) for name in tables)


def _upgraded(connection: Connection, revision: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, revision) if _is_beyond(connection, revision) else command.upgrade(config, revision)


def _is_beyond(connection: Connection, revision: str) -> bool:
    """Say whether an empty database has a newer schema than the backup."""
    if revision == HEAD or not inspect(connection).has_table(_VERSIONS):
        return False
    held = connection.scalar(text(f"SELECT version_num FROM {_VERSIONS}"))  # noqa: S608  -- a name of our own
    return held is not None and str(held) > revision


def _renumber(connection: Connection) -> None:
    """Let PostgreSQL number on from the largest id; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for name in inspect(connection).get_table_names():
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:name, 'id') FROM information_schema.columns "
                 "WHERE table_name = :name AND column_name = 'id'"),
            {"name": name},
        )  # fmt: skip
        if sequence is not None:
            largest = select_columns(text("max(id)")).select_from(table(name))
            connection.execute(text("SELECT setval(:sequence, :last)"), {
                "sequence": sequence, "last": connection.scalar(largest) or 1,
            })  # fmt: skip


def _require_whole(connection: Connection, path: Path) -> None:
    """Hold SQLite to its foreign keys, which are off while a schema changes."""
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise UnreadableArchive(path=path, reason="rows point at others that are missing")
