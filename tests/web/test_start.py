"""The start page in a real browser: both languages, a phone's width, nothing from elsewhere."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, async_playwright
from pydantic import SecretStr
from sqlalchemy.engine import URL

from conftest import skip_or_fail
from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.db import Database
from world import KEY, NOW, make_world

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
async def base(database_url: URL) -> AsyncIterator[str]:
    """Serve a town on a free port of this machine."""
    database = Database(database_url)
    await make_world(database)
    await database.close()
    settings = Settings(
        database_url=database_url.render_as_string(hide_password=False), secret_key=SecretStr(KEY.decode())
    )
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(settings, clock=lambda: NOW), log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        skip_or_fail("no Chromium: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=Path(chromium or ""), args=FLAGS)
        yield opened
        await opened.close()


@pytest.mark.parametrize(("locale", "name", "withheld"), [("ja-JP", "美園", "非公開"), ("en-GB", "Misono", "withheld")])
async def test_the_page_names_the_area_and_withholds_what_concerns_few(
    base: str, browser: Browser, locale: str, name: str, withheld: str
) -> None:
    context = await browser.new_context(locale=locale, viewport={"width": 320, "height": 640})
    page = await context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))

    await page.goto(base)

    assert await page.locator("h2").first.inner_text() == name
    assert withheld in await page.locator("dl").inner_text()
    assert {url.startswith(base) for url in asked} == {True}
    assert said == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await context.close()
