"""Looking at pages as people do: a window for each of them, on a phone or a desk."""

from dataclasses import dataclass, field
from http import HTTPStatus

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, ViewportSize
from sqlmodel import col, func, select

from sharecare.accounts.models import SignIn
from sharecare.accounts.rules import Actor
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.deps import Runtime
from world import World

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
SMALL: ViewportSize = {"width": 320, "height": 640}  # WCAG 1.4.10
DESK: ViewportSize = {"width": 1280, "height": 800}
LOCALES = {"ja": "ja-JP", "en": "en-GB"}
HEAVY = 60_000
WEIGHT = """[
  ...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource").filter(({ name }) => /(?<!leaflet|map)[.](css|js)([?]|$)/.test(name)),
].reduce((bytes, entry) => bytes + entry.decodedBodySize, 0)"""
# What axe found is boiled down where it was found: the whole of it takes longer to bring over than to find.
FOUND = """axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)))"""
AXE = Axe().axe_script


@dataclass(frozen=True, slots=True)
class Site:
    """A served town."""

    base: str
    runtime: Runtime
    world: World


@dataclass(slots=True)
class Windows:
    """Open windows, what their consoles said, and what they asked for from elsewhere."""

    site: Site
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    # Statuses that a test provokes; the console of a browser reports each of them.
    expected: set[HTTPStatus] = field(default_factory=set)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self,
        who: Actor | None = None,
        *,
        language: str = "ja",
        size: ViewportSize | None = None,
        dark: bool = False,
        scripts: bool = True,
    ) -> Page:
        """Open a window, signed in as somebody or as nobody."""
        context = await self.browser.new_context(
            base_url=self.site.base,
            locale=LOCALES[language],
            timezone_id="Asia/Tokyo",
            viewport=size or PHONE,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        self.contexts.append(context)
        await context.add_cookies([{"name": "language", "value": language, "url": self.site.base}])
        if who is not None:
            _, secret = await self.site.runtime.database.write(
                lambda session: start_sign_in(
                    session, person_id=who.person_id, device="test", now=self.site.world.now, days=30
                )
            )
            await context.add_cookies([{"name": "sharecare", "value": secret, "url": self.site.base, "httpOnly": True}])
        page = await context.new_page()
        page.on("console", lambda message: self._heard(message))  # noqa: PLW0108  -- slots: no wrapper fits
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        return page

    async def close(self) -> None:
        """Close every window."""
        for context in self.contexts:
            await context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        provoked = any(f"status of {status.value}" in message.text for status in self.expected)
        if message.type in {"error", "warning"} and not provoked:
            self.complaints.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.site.base, "data:", "blob:")):
            self.foreign.append(url)


async def follow(target: Locator) -> None:
    """Press what leads to another page, and wait until that is there."""
    async with target.page.expect_navigation():
        await target.click()


def token_in(page: str) -> str:
    """Return what the forms of a page carry."""
    return page.partition('name="token" value="')[2].partition('"')[0]


async def live_sign_ins(site: Site) -> int:
    """Count the sign-ins that have not ended."""
    live = select(func.count()).select_from(SignIn).where(col(SignIn.revoked_at).is_(None))
    async with site.runtime.database.read() as session:
        return (await session.exec(live)).one()


async def look_again(page: Page) -> None:
    """Take up the phone again: what is live is fetched at once rather than at its next turn."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def findings(page: Page) -> list[str]:
    """Return what axe finds serious on the page, and that it is too heavy for a cheap phone if it is."""
    weight = await page.evaluate(WEIGHT)
    await page.evaluate(AXE)
    heavy = [f"{weight} bytes without its map"] if weight > HEAVY else []
    return [f"{page.url}: {one}" for one in (*heavy, *await page.evaluate(FOUND))]


async def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def clean(page: Page) -> None:
    """Hold a page to what every page keeps."""
    assert await findings(page) == []
    assert await overflow(page) == 0
