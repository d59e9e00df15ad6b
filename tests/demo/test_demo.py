"""A short demo: lived through the services, equal on both databases, and every invariant holds."""

import asyncio
from datetime import UTC, date, datetime

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import URL

from conftest import Copies
from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.db import Database
from sharecare.demo.service import Demo, DemoStands, make_demo
from sharecare.demo.story import as_json
from sharecare.demo.town import INSURER
from sharecare.verify import Breach, verify
from sharecare.web.demo_bar import Eyes
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
def on_sqlite(sqlite: Copies) -> tuple[URL, Demo]:
    """Live the demo once on SQLite."""
    url = sqlite.copy(sqlite.migrated)
    return url, asyncio.run(lived(url))


async def breaches(url: URL) -> list[Breach]:
    database = Database(url, pool_size=2)
    async with database.read() as session:
        found = await verify(session)
    await database.close()
    return found


def test_the_same_seed_gives_the_same_numbers_on_both_databases(database_url: URL, on_sqlite: tuple[URL, Demo]) -> None:
    url, made = on_sqlite
    if database_url.get_backend_name() == "sqlite":
        again = made
    else:
        url, again = database_url, asyncio.run(lived(database_url))

    assert figures(again) == figures(made)
    assert (figures(made)["first_day"], figures(made)["last_day"]) == (date(2026, 6, 13), date(2026, 6, 14))
    assert made.bookings > 0
    assert asyncio.run(breaches(url)) == []


def test_a_demo_that_stands_is_made_again_only_on_demand(sqlite: Copies, on_sqlite: tuple[URL, Demo]) -> None:
    stands = sqlite.copy(on_sqlite[0])

    with pytest.raises(DemoStands):
        asyncio.run(lived(stands))


async def test_a_demo_lends_everybodys_eyes(sqlite: Copies, on_sqlite: tuple[URL, Demo]) -> None:
    url = sqlite.copy(on_sqlite[0])
    settings = Settings(database_url=url.render_as_string(hide_password=False), secret_key=SecretStr(KEY.decode()))
    app, led_to = create_app(settings, clock=lambda: NOW), {}
    async with app.router.lifespan_context(app):
        for eyes in Eyes:
            door = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=door, base_url="http://town.example", follow_redirects=True) as one:
                shown = (await one.get("/sign-in")).text
                token = shown.partition('name="token" value="')[2].partition('"')[0]
                answer = await one.post("/demo/eyes", data={"token": token, "who": eyes})
            led_to[eyes.value] = (answer.url.path, answer.status_code, INSURER in answer.text)

    assert led_to == {
        "parent": ("/home", 200, False),
        "supporter": ("/home", 200, False),
        "staff": ("/staff/misono", 200, False),
        "insurer": ("/insurer", 200, True),
    }
