"""Without a network: what was seen is shown as of then, and everything else says why it isn't there."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, expect

from care.steps import book
from sharecare.accounts.rules import Actor
from web.browsing import PHONE, Windows, findings, follow, look_again, overflow

TOLD = {"ja": "オフライン: 9:00 の内容です", "en": "Offline: as of 09:00"}
KEPT_IN = """async (language) => {
  for (let tries = 0; tries < 200; tries++) {
    const away = await caches.match("/offline", { ignoreVary: true });
    const home = await caches.match("/home", { ignoreVary: true });
    if (home && away?.headers.get("Content-Language") === language) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}"""
KEPT = {"ja": ["ホーム", "予定"], "en": ["Home", "Plans"]}
AWAY = {"ja": "電波がありません", "en": "No network"}


@pytest.fixture(autouse=True)
def provoked(windows: Windows) -> Iterator[None]:
    """Let the console of a browser report that there was no network, and nothing else."""
    yield
    windows.complaints[:] = [one for one in windows.complaints if "net::ERR_INTERNET_DISCONNECTED" not in one]


async def at_home(windows: Windows, *, language: str = "ja", who: Actor | None = None) -> Page:
    """Open /home once the worker that answers without a network is there, on the clock of the town."""
    who = who or (await windows.site.world.family("Alice")).actor
    page = await windows.open(who, language=language, size=PHONE)
    await page.clock.set_fixed_time(windows.site.world.now)
    await page.goto("/home")
    await page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    await page.wait_for_function("navigator.serviceWorker.controller !== null")
    await page.goto("/supports")
    async with page.expect_response("**/home/live"):
        await page.goto("/home")
    assert await page.evaluate(KEPT_IN, language)
    return page


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)  # no database is asked where there is no network
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_page_that_is_not_kept_says_why(windows: Windows, language: str) -> None:
    # It ended in the browser's own error.
    page = await at_home(windows, language=language)
    await page.context.set_offline(offline=True)

    for path in ("/ask", "/messages", "/bookings/1"):
        await page.goto(path)

        await expect(page.locator("h1")).to_have_text(AWAY[language])
        assert page.url.endswith(path)
        assert (await findings(page), await overflow(page)) == ([], 0)
    links = page.locator("main a[data-if-kept]:not([hidden])")
    await expect(links).to_have_text(KEPT[language])

    await page.context.set_offline(offline=False)
    await page.goto("/ask")
    await expect(page.locator("h1")).not_to_have_text(AWAY[language])


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_kept_page_says_of_when_it_is_until_the_network_is_back(windows: Windows, language: str) -> None:
    # It looked as if it were of now.
    page = await at_home(windows, language=language)
    note = page.locator("[data-offline][role=status]")
    await expect(note).to_be_hidden()
    await page.context.set_offline(offline=True)

    for path in ("/supports", "/home"):
        await page.goto(path)

        await expect(note).to_have_text(TOLD[language])
        assert (await findings(page), await overflow(page)) == ([], 0)

    await page.context.set_offline(offline=False)
    await expect(note).to_be_hidden()
    await expect(page.locator("body[data-kept]")).to_have_count(0, timeout=20_000)


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_a_page_that_renews_itself_says_of_when_it_is(windows: Windows) -> None:
    page = await at_home(windows)
    note = page.locator("[data-offline][role=status]")
    await page.context.set_offline(offline=True)

    await look_again(page)

    await expect(note).to_have_text(TOLD["ja"])
    await page.context.set_offline(offline=False)
    await expect(note).to_be_hidden()


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_the_next_support_is_there_though_nobody_opened_it(windows: Windows) -> None:
    # Only what had been opened before was there when the network was not.
    world = windows.site.world
    family, bob = await world.family("Carol"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await at_home(windows, who=family.actor)
    kept = "(address) => caches.match(address, { ignoreVary: true }).then(Boolean)"
    await page.wait_for_function(kept, arg=f"/bookings/{booking.id}")
    await page.context.set_offline(offline=True)

    await page.goto("/supports")
    await follow(page.locator(f"a[href='/bookings/{booking.id}']").first)

    await expect(page.locator("h1")).to_have_text("予約")
    await expect(page.locator("[data-offline][role=status]")).to_have_text(TOLD["ja"])


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_what_was_kept_yesterday_names_its_day(windows: Windows) -> None:
    page = await at_home(windows)
    await page.clock.set_fixed_time("2026-06-02T08:00:00+09:00")
    await page.context.set_offline(offline=True)

    await page.goto("/supports")

    await expect(page.locator("[data-offline]")).to_have_text(re.compile(r"オフライン: 6月1日\(月\) 9:00 の内容です"))
