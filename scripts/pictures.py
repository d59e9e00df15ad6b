"""Make the pictures in README and docs: serve a fresh demo on a free port and photograph its pages in Chromium."""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHARECARE = Path(sys.executable).with_name("sharecare")
# Of each page: its file's name, whose eyes, its address; what stands after `>` is a link to follow from there.
PAGES = (
    ("start", None, "/"),
    ("sign-up", None, "/sign-up"),
    ("home", "parent", "/home"),
    ("ask", "parent", "/ask"),
    ("requests", "parent", "/requests"),
    ("request", "parent", "/requests > main a[href^='/requests/']"),
    ("booking", "parent", "/supports > main a[href^='/bookings/']"),
    ("supports", "parent", "/supports"),
    ("neighbours", "parent", "/neighbours"),
    ("code", "parent", "/neighbours/code"),
    ("messages", "parent", "/messages"),
    ("settings", "parent", "/me"),
    ("privacy", "parent", "/me/privacy"),
    ("supporter-home", "supporter", "/home"),
    ("asks", "supporter", "/asks"),
    ("hours", "supporter", "/hours"),
    ("profile", "supporter", "/supporter"),
    ("year", "supporter", "/supporter/year"),
    ("dashboard", "staff", "/staff/misono"),
    ("to-do", "staff", "/staff/misono/to-do"),
    ("area-settings", "staff", "/staff/misono/settings"),
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


async def photograph(base: str) -> None:
    """Take every picture."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        for look, language, width, height, scale in LOOKS:
            for who in (None, "parent", "supporter", "staff"):
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
                    await page.goto("/")
                    await page.locator(f".demo button[value={who}]").click()
                for name, whose, address in PAGES:
                    if whose == who:
                        await _go(page, address)
                        await _take(page, PICTURES / f"{name}-{look}.png")
                await context.close()
        await browser.close()


async def _go(page: Page, address: str) -> None:
    path, _, link = address.partition(" > ")
    await page.goto(path)
    if link:
        await page.locator(link).first.click()
    await page.wait_for_load_state("networkidle")


async def _take(page: Page, path: Path) -> None:
    """Photograph what a window shows, in few colours: a picture in a repository should be small."""
    shot = await page.screenshot(style=".demo { display: none }")
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
            asyncio.run(photograph(base))
        finally:
            server.terminate()
            server.wait(timeout=20)


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
