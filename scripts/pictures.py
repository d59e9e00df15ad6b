"""Make the pictures in README and docs: serve a fresh demo on a free port and photograph its pages in Chromium."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.async_api import async_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SHARECARE = Path(sys.executable).with_name("sharecare")
SHOTS = (
    ("start-ja", "/", "ja-JP", 900, 640),
    ("start-en", "/", "en-GB", 900, 640),
    ("start-phone", "/", "ja-JP", 390, 844),
)
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
        for name, path, locale, width, height in SHOTS:
            context = await browser.new_context(
                locale=locale, viewport={"width": width, "height": height}, device_scale_factor=2
            )
            page = await context.new_page()
            await page.goto(base + path)
            await page.screenshot(path=PICTURES / f"{name}.png")
            await context.close()
        await browser.close()


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
