"""Draw the app's icons as PNG from our own SVG, in Chromium: phones that keep the app among theirs want pictures."""

import asyncio
import base64
import shutil
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import async_playwright

ASSETS = Path(__file__).parents[1] / "src" / "sharecare" / "web" / "assets"
GROUND = "#b4491f"  # of the picture itself, so that no edge shows where it is set into a square
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@dataclass(frozen=True, slots=True)
class Icon:
    """A file to draw: its width, how much of it the picture takes, and whether the rest is filled."""

    name: str
    pixels: int
    part: float = 1
    filled: bool = False


ICONS = (
    Icon("icon-192.png", 192),
    Icon("icon-512.png", 512),
    # Launchers cut these to any shape and keep the middle 80% (W3C App Manifest, safe zone).
    Icon("icon-maskable-192.png", 192, part=0.8, filled=True),
    Icon("icon-maskable-512.png", 512, part=0.8, filled=True),
    Icon("apple-touch-icon.png", 180, filled=True),  # iOS rounds the corners itself
)


def page_of(icon: Icon, svg: bytes) -> str:
    """Return a page that shows the icon in its upper left corner."""
    ground, inner = GROUND if icon.filled else "transparent", round(icon.pixels * icon.part)
    return (
        f'<body style="margin:0"><div style="width:{icon.pixels}px;height:{icon.pixels}px;display:grid;'
        f'place-items:center;background:{ground}"><img width="{inner}" height="{inner}" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"></div>'
    )


async def draw() -> None:
    """Draw every icon."""
    svg = (ASSETS / "icon.svg").read_bytes()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for icon in ICONS:
            page = await browser.new_page(viewport={"width": icon.pixels, "height": icon.pixels})
            await page.set_content(page_of(icon, svg))
            await page.screenshot(path=ASSETS / icon.name, omit_background=True)
            await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(draw())
