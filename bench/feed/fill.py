"""Filling a database in bulk: no service calls, no constraints checked, secondary indexes built at the end."""

import re
import sqlite3
from pathlib import Path

import psycopg
from bench.feed.world import Table, tables
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from sharecare.accounts.models import Person
from sharecare.db import Database
from sharecare.migrations import migrate

_NUMBERED = frozenset({"area", "household", "person", "weekly_hours", "community", "booking"})


async def fill_once(url: URL, people: int) -> None:
    """Fill a database unless people live in it already."""
    database = Database(url, pool_size=1)
    try:
        async with database.read() as session:
            lived_in = (await session.exec(select(Person.id).limit(1))).first() is not None
    except DBAPIError:  # it has no tables yet
        lived_in = False
    finally:
        await database.close()
    if not lived_in:
        await fill(url, people)


async def fill(url: URL, people: int) -> None:
    """Migrate an empty database and fill it."""
    database = Database(url, pool_size=1)
    await migrate(database)
    await database.close()
    if url.get_backend_name() == "sqlite":
        _fill_sqlite(Path(url.database or ""), people)
    else:
        _fill_postgresql(url, people)


def _fill_sqlite(path: Path, people: int) -> None:
    with sqlite3.connect(path, isolation_level=None) as connection:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", "cache_size=-200000"):
            connection.execute(f"PRAGMA {pragma}")
        later = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
            " AND tbl_name NOT LIKE 'journal%'"
        ).fetchall()
        for kind, name, _ in later:
            connection.execute(f"DROP {kind} {name}")
        connection.execute("BEGIN")
        for table in tables(people):
            marks = ", ".join("?" * len(table.columns.split(",")))
            for columns in table.chunks:
                connection.executemany(
                    f"INSERT INTO {table.name} ({table.columns}) VALUES ({marks})",
                    zip(*columns, strict=True),
                )
        connection.execute("COMMIT")
        for _, _, statement in later:
            connection.execute(statement)
        connection.execute("ANALYZE")
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _fill_postgresql(url: URL, people: int) -> None:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        # Foreign keys and triggers rest; the bookings' overlap guard would take longer than all else.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET maintenance_work_mem = '512MB'")
        connection.execute("ALTER TABLE booking DROP CONSTRAINT IF EXISTS ex_booking_supporter_overlap")
        later = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'journal%'"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ).fetchall()
        for name, _ in later:
            connection.execute(f"DROP INDEX {name}".encode())
        for table in tables(people):
            _copy(connection, table)
        for _, definition in later:
            connection.execute(definition.encode())
        for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            connection.execute(f"ANALYZE {name}".encode())
            if name in _NUMBERED:
                last = f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"
                connection.execute(last.encode())
        connection.commit()


def _copy(connection: psycopg.Connection, table: Table) -> None:
    with connection.cursor().copy(f"COPY {table.name} ({table.columns}) FROM STDIN".encode()) as copy:
        for columns in table.chunks:
            rows = zip(*(list(map(_as_text, column)) for column in columns), strict=True)
            copy.write("\n".join(map("\t".join, rows)) + "\n")


def _as_text(value: object) -> str:
    if value is None:
        return r"\N"
    text = str(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}", text):
        return text[:19] + "+00"
    return text
