"""Writing a backup: one moment of the whole database, while it is in use.

The file is gzipped JSON, one value a line: a heading, then of each table its name, columns and rows, and at the end how
many lines there were and the SHA-256 of them all, so that a file cut short is known as such.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from alembic.migration import MigrationContext
from sqlalchemy import Table
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncConnection

from sharecare.archive.values import CODES, code_of
from sharecare.db import Database
from sharecare.models import metadata

FORMAT = 1
# What only one database can mean: how far readers are in its own numbering of transactions, and that numbering itself.
LEFT_OUT_TABLES = frozenset({"journal_feed_mark"})
LEFT_OUT_COLUMNS = frozenset({("journal_fact", "tx")})
Progress = Callable[[str, int], None]
"""Told the table and how many of its rows are written."""


async def backup(database: Database, path: Path, *, now: datetime, progress: Progress) -> Mapping[str, int]:
    """Write everything to a file that only its owner may read; return the number of rows by table.

    Nothing stands at `path` until the whole is on the disk.
    """
    partial = path.with_name(path.name + ".part")
    handle = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw:
            async with database.snapshot() as connection:
                rows = await _write(connection, raw, now=now, progress=progress)
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return rows


async def _write(connection: AsyncConnection, raw: BinaryIO, *, now: datetime, progress: Progress) -> Mapping[str, int]:
    revision = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as zipped:
        lines = _Lines(zipped)
        lines.add({"sharecare": FORMAT, "revision": revision, "made_at": now.isoformat()})
        rows = {}
        for table in metadata.sorted_tables:
            if table.name not in LEFT_OUT_TABLES:
                rows[table.name] = await _write_table(connection, table, lines, progress)
        lines.end()
    return rows


async def _write_table(connection: AsyncConnection, table: Table, lines: "_Lines", progress: Progress) -> int:
    columns = [column for column in table.columns if (table.name, column.name) not in LEFT_OUT_COLUMNS]
    codes = [code_of(column) for column in columns]
    lines.add({"table": table.name, "columns": dict(zip((column.name for column in columns), codes, strict=True))})
    writers = [CODES[code].write for code in codes]
    count = 0
    found = await connection.stream(select_columns(*columns).order_by(*table.primary_key.columns))
    async for batch in found.partitions(1000):
        for row in batch:
            lines.add([None if value is None else write(value) for write, value in zip(writers, row, strict=True)])
        count += len(batch)
        progress(table.name, count)
    return count


class _Lines:
    """Lines on their way out, counted and hashed."""

    def __init__(self, out: gzip.GzipFile) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self._count = 0

    def add(self, value: Any) -> None:  # noqa: ANN401  -- any JSON
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._hash.update(line)
        self._count += 1
        self._out.write(line)

    def end(self) -> None:
        told = {"lines": self._count, "sha256": self._hash.hexdigest()}
        self._out.write(json.dumps(told).encode() + b"\n")
