"""Without a network: what was seen is shown as of then, and everything else says why it isn't there."""

import re
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest
from playwright.async_api import Page, expect

from care.steps import book, cancel
from sharecare.accounts.rules import Actor
from sharecare.accounts.sign_ins import revoke_all_sign_ins, start_sign_in
from web.browsing import PHONE, Site, Windows, findings, follow, look_again, overflow
from world import PASSWORD

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
# Not by `wait_for_function`: it takes a promise for a yes.
IS_KEPT = """async ([path, wanted]) => {
  for (let tries = 0; tries < 200; tries++) {
    const kept = Boolean(await caches.match(path, { ignoreVary: true }));
    if (kept === wanted) return kept;
    await new Promise((done) => setTimeout(done, 50));
  }
  return !wanted;
}"""
AGED = """async (hours) => {
  for (const name of await caches.keys()) {
    const shelf = await caches.open(name);
    for (const one of await shelf.keys()) {
      if (!/^\\/(home|supports)$/.test(new URL(one.url).pathname)) continue;
      const kept = await shelf.match(one, { ignoreVary: true });
      const headers = new Headers(kept.headers);
      const at = Date.parse(headers.get("Date")); // the worker's clock is not the one that the test set
      headers.set("Date", new Date(at - hours * 3600000).toUTCString());
      await shelf.put(one, new Response(await kept.text(), { headers }));
    }
  }
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
    assert await page.evaluate(IS_KEPT, [f"/bookings/{booking.id}", True])
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


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_what_was_kept_too_long_is_not_shown(windows: Windows) -> None:
    # A phone without a network showed the names and plans of a family for good: only pages of bookings went, and only
    # when a page came by the network.
    page = await at_home(windows)
    await page.context.set_offline(offline=True)
    await page.evaluate(AGED, 47)
    await page.goto("/home")
    await expect(page.locator("h1")).to_have_text("Aliceさん")
    await page.evaluate(AGED, 2)

    await page.goto("/home")

    await expect(page.locator("h1")).to_have_text(AWAY["ja"])
    await expect(page.locator("main a[data-if-kept]:not([hidden])")).to_have_count(0)
    assert [await page.evaluate(IS_KEPT, [path, False]) for path in ("/home", "/supports")] == [False, False]


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_another_person_in_the_same_browser_sees_nothing_of_the_first(windows: Windows) -> None:
    # What Alice had seen was shown to Bob as soon as there was no network.
    world = windows.site.world
    bob = await world.supporter("Bob")
    page = await at_home(windows)
    _, secret = await world.database.write(
        lambda session: start_sign_in(session, person_id=bob.person_id, device="test", now=world.now, days=30)
    )
    await page.context.add_cookies([{"name": "sharecare", "value": secret, "url": windows.site.base}])
    await page.goto("/help")
    await page.context.set_offline(offline=True)

    for path in ("/home", "/supports"):
        await page.goto(path)

        await expect(page.locator("h1")).to_have_text(AWAY["ja"])


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", ["page", "form", "password", "sign-out"])
async def test_nothing_is_left_when_a_sign_in_has_ended(windows: Windows, way: str) -> None:
    # It went by the button that signs out, and by nothing else.
    world = windows.site.world
    alice = (await world.family("Alice")).actor
    page = await at_home(windows, who=alice)
    await page.goto("/me/password" if way == "password" else "/me/profile" if way == "form" else "/me")
    if way in {"page", "form"}:
        windows.expected.add(HTTPStatus.UNAUTHORIZED)
        await world.database.write(
            lambda session: revoke_all_sign_ins(session, person_id=alice.person_id, now=world.now)
        )
    if way == "page":
        await page.goto("/messages")
    elif way == "form":
        await follow(page.locator("form[action='/me/profile'] button.wide"))
    elif way == "password":
        await page.locator("[name=current]").fill(PASSWORD)
        await page.locator("[name=password]").fill(f"{PASSWORD} and more")
        await follow(page.locator("form[action='/me/password'] button"))
    else:
        await follow(page.locator("form[action='/sign-out'] button"))

    assert [await page.evaluate(IS_KEPT, [path, False]) for path in ("/home", "/supports")] == [False, False]
    await page.context.set_offline(offline=True)
    for path in ("/home", "/supports"):
        await page.goto(path)

        await expect(page.locator("h1")).to_have_text(AWAY["ja"])


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", ["/home", "/supports"])
async def test_a_cancelled_support_is_not_kept_any_longer(windows: Windows, path: str) -> None:
    # For two days the phone went on showing where to be, and when.
    world = windows.site.world
    family, bob = await world.family("Carol"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await at_home(windows, who=family.actor)
    assert await page.evaluate(IS_KEPT, [f"/bookings/{booking.id}", True])
    await cancel(world, family.actor, booking)

    await page.goto(path)

    assert not await page.evaluate(IS_KEPT, [f"/bookings/{booking.id}", False])


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
async def test_what_tells_sign_ins_apart_names_nobody(site: Site) -> None:
    alice = (await site.world.family("Alice")).actor
    names = set()
    for _ in range(2):
        _, secret = await site.world.database.write(
            lambda session: start_sign_in(
                session, person_id=alice.person_id, device="test", now=site.world.now, days=30
            )
        )
        async with httpx.AsyncClient(base_url=site.base, cookies={"sharecare": secret}) as browser:
            names |= {(await browser.get(path)).headers["ShareCare-Whose"] for path in ("/home", "/help")}
    async with httpx.AsyncClient(base_url=site.base) as browser:
        nobody = (await browser.get("/help")).headers["ShareCare-Whose"]

    assert nobody == "nobody"
    assert len(names) == 2
    assert {len(name) for name in names} == {32}
