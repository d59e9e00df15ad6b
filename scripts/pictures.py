"""Make the pictures in README and docs: serve a fresh demo on a free port and photograph its pages in Chromium."""

import asyncio
import io
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright

from sharecare.demo.town import PASSWORD

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHARECARE = Path(sys.executable).with_name("sharecare")
# Of each page: its file's name, whose eyes, its address; what stands after each `>` is pressed there.
PAGES = (
    ("start", None, "/"),
    ("sign-up", None, "/sign-up"),
    # First, so that the pages after it show a request that is open.
    ("request", "parent", "/ask > main a[href^='/ask?like='] > main button[formaction='/requests']"),
    ("home", "parent", "/home"),
    ("ask", "parent", "/ask"),
    ("requests", "parent", "/requests"),
    ("booking", "parent", "/supports > main a[href^='/bookings/']"),
    ("sheet", "parent", "/supports > main a[href^='/bookings/'] > main a[href$='/sheet']"),
    ("supports", "parent", "/supports"),
    ("neighbours", "parent", "/neighbours"),
    ("code", "parent", "/neighbours/code"),
    ("messages", "parent", "/messages"),
    ("settings", "parent", "/me"),
    ("contacts", "parent", "/me/contacts"),
    ("privacy", "parent", "/me/privacy"),
    ("series", "weekly", "/series > main a[href^='/series/']"),
    ("supporter-home", "supporter", "/home"),
    ("asks", "supporter", "/asks"),
    ("hours", "supporter", "/hours"),
    ("profile", "supporter", "/supporter"),
    ("year", "supporter", "/supporter/year"),
    ("dashboard", "staff", "/staff/misono"),
    ("to-do", "staff", "/staff/misono/to-do"),
    ("registrations", "staff", "/staff/misono/registrations"),
    ("claim", "staff", "/staff/misono/claims > main a[href^='/claims/']"),
    ("bordereau", "staff", "/staff/misono/bordereaux > main a[href$='/supports']"),
    ("area-settings", "staff", "/staff/misono/settings"),
    ("policy", "insurer", "/insurer > main a[href^='/policies/']"),
)
# A phone in Japanese, a desk in English; the dashboard once more in the dark.
LOOKS = (("phone-ja", "ja", 390, 844, 1.5), ("desk-en", "en", 1280, 800, 1.0))
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


async def photograph(base: str, weekly: str) -> None:
    """Take every picture; `weekly` is the address of a parent who asks every week."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        for look, language, width, height, scale in LOOKS:
            for who in (None, "parent", "weekly", "supporter", "staff", "insurer"):
                context = await browser.new_context(
                    base_url=base,
                    locale={"ja": "ja-JP", "en": "en-GB"}[language],
                    timezone_id="Asia/Tokyo",
                    viewport={"width": width, "height": height},
                    device_scale_factor=scale,
                    service_workers="block",
                )
                await context.add_cookies([{"name": "language", "value": language, "url": base}])
                page = await context.new_page()
                if who is not None:
                    await _come_in(page, who, weekly)
                for name, whose, address in PAGES:
                    if whose == who:
                        await _go(page, address)
                        await _take(page, PICTURES / f"{name}-{look}.png")
                await context.close()
        await browser.close()


async def _come_in(page: Page, who: str, weekly: str) -> None:
    await page.goto("/sign-in")
    async with page.expect_navigation():
        if who == "weekly":
            await page.locator("[name=email]").fill(weekly)
            await page.locator("[name=password]").fill(PASSWORD)
            await page.locator("main form button").first.click()
        else:
            await page.locator(f".demo button[value={who}]").click()


async def _go(page: Page, address: str) -> None:
    path, *pressed_there = address.split(" > ")
    await page.goto(path)
    for pressed in pressed_there:
        async with page.expect_navigation():
            await page.locator(pressed).first.click()
    await page.wait_for_load_state("networkidle")


async def _take(page: Page, path: Path) -> None:
    """Photograph what a window shows, in few colours: a picture in a repository should be small."""
    await page.locator(".demo").evaluate_all("bars => bars.forEach(bar => bar.remove())")  # a style is refused
    shot = await page.screenshot()
    Image.open(io.BytesIO(shot)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Make a demo, serve it, photograph it, end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SHARECARE_DATABASE_URL": f"sqlite:///{folder}/demo.db"}
        subprocess.run([SHARECARE, "demo", "--no-serve"], env=environment, check=True)
        server = subprocess.Popen([SHARECARE, "serve", "--port", str(port)], env=environment)
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(f"{base}/ready")
            asyncio.run(photograph(base, _weekly(Path(folder) / "demo.db")))
        finally:
            server.terminate()
            server.wait(timeout=20)


def _weekly(demo: Path) -> str:
    with closing(sqlite3.connect(demo)) as connection:
        asks = "SELECT email FROM person JOIN care_series ON requester_id = person.id"
        return str(connection.execute(asks).fetchone()[0])


def wait_for(url: str) -> None:
    """Wait up to twenty seconds until an address answers."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")


if __name__ == "__main__":
    main()
