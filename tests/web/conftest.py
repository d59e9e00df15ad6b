"""A served town and a real browser for the tests of pages."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright
from pydantic import SecretStr

from conftest import Staged, skip_or_fail
from sharecare.app import create_app
from sharecare.config import Settings
from web.browsing import FLAGS, Site, Windows
from world import KEY, make_world

FOLDER = Path(__file__).parent
# What a page says in one language doesn't hang on the database it was read from.
IN_TURN = {("sqlite", "ja"), ("postgresql", "en")}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take databases and languages in turn: a page's test runs on both and in both, in two runs and not four."""
    out_of_turn = {item for item in items if FOLDER in item.path.parents and not _is_in_turn(item)}
    config.hook.pytest_deselected(items=list(out_of_turn))
    items[:] = [item for item in items if item not in out_of_turn]


def _is_in_turn(item: pytest.Item) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    return not {"copies", "language"} <= given.keys() or (given["copies"], given["language"]) in IN_TURN


@pytest.fixture
async def site(staged: Staged) -> AsyncIterator[Site]:
    """Serve a town on a free port of this machine, on the clock of its world."""
    world = await staged(make_world)
    settings = Settings(
        database_url=world.database.url.render_as_string(hide_password=False),
        secret_key=SecretStr(KEY.decode()),
        tile_url="",
    )
    app = create_app(settings, clock=lambda: world.now)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        async with app.router.lifespan_context(app):
            serving = asyncio.create_task(server.serve(sockets=[bound]))
            world.database = app.state.runtime.database  # one process, one writer
            yield Site(f"http://127.0.0.1:{bound.getsockname()[1]}", app.state.runtime, world)
            server.should_exit = True
            await serving


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Open Chromium; its shell without a desktop's window takes half of the processor time."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if chromium is None:
        skip_or_fail("no Chromium: apt-get install chromium-headless-shell fonts-noto-cjk")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=Path(chromium or ""), args=FLAGS)
        yield opened
        await opened.close()


@pytest.fixture
async def windows(site: Site, browser: Browser) -> AsyncIterator[Windows]:
    """Open windows on the town; none may complain, or ask for anything from elsewhere."""
    opened = Windows(site, browser)
    yield opened
    await opened.close()
    assert opened.complaints == []
    assert opened.foreign == []
