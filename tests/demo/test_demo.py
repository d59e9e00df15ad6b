"""A short demo: lived through the services, equal on both databases, and every invariant holds."""

import asyncio
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import URL, make_url

from sharecare.config import Settings
from sharecare.db import Database
from sharecare.demo.service import Demo, DemoStands, make_demo
from sharecare.demo.story import as_json
from sharecare.verify import Breach, verify
from world import KEY

NOW = datetime(2026, 6, 15, 3, tzinfo=UTC)  # a Monday, noon in Japan
MEMBERS, DAYS = 50, 2  # 48 of them ask, support or both; the last is the staff


async def lived(url: URL, *, seed: int = 1, reset: bool = False) -> Demo:
    settings = Settings(
        database_url=url.render_as_string(hide_password=False), secret_key=SecretStr(KEY.decode()), database_pool=2
    )
    return await make_demo(
        settings, seed=seed, now=NOW, reset=reset, progress=lambda *_: None, members=MEMBERS, length=DAYS
    )


def figures(made: Demo) -> dict[str, object]:
    """Return what was told, but for the time it took."""
    return {name: value for name, value in as_json(made).items() if name != "elapsed_s"}


@pytest.fixture(scope="session")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Demo]:
    """Live the demo once on SQLite."""
    path = tmp_path_factory.mktemp("demo") / "sharecare.db"
    shutil.copyfile(sqlite_template, path)
    return path, asyncio.run(lived(make_url(f"sqlite+aiosqlite:///{path}")))


async def breaches(url: URL) -> list[Breach]:
    database = Database(url, pool_size=2)
    async with database.read() as session:
        found = await verify(session)
    await database.close()
    return found


def test_the_same_seed_gives_the_same_numbers_on_both_databases(
    database_url: URL, on_sqlite: tuple[Path, Demo]
) -> None:
    path, made = on_sqlite
    if database_url.get_backend_name() == "sqlite":
        database_url = make_url(f"sqlite+aiosqlite:///{path}")
        again = made
    else:
        again = asyncio.run(lived(database_url))

    assert figures(again) == figures(made)
    assert (figures(made)["first_day"], figures(made)["last_day"]) == (date(2026, 6, 13), date(2026, 6, 14))
    assert made.bookings > 0
    assert asyncio.run(breaches(database_url)) == []


def test_a_demo_that_stands_is_made_again_only_on_demand(on_sqlite: tuple[Path, Demo], tmp_path: Path) -> None:
    path = tmp_path / "sharecare.db"
    shutil.copyfile(on_sqlite[0], path)

    with pytest.raises(DemoStands):
        asyncio.run(lived(make_url(f"sqlite+aiosqlite:///{path}")))
