"""Whose eyes a demo lends; a database without the demo's mark lends nobody's."""

from http import HTTPStatus

import httpx
import pytest
from playwright.async_api import expect
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.mark import DemoMark
from sharecare.web.demo_bar import Eyes
from web.browsing import PHONE, SMALL, Site, Windows, findings, follow, live_sign_ins, overflow, token_in
from world import PASSWORD, an_insurer


async def mark(site: Site) -> None:
    """Make the town a demo's, as the server finds it when it starts on one."""

    async def work(session: AsyncSession) -> None:
        session.add(DemoMark(seed=1, days=1, made_at=site.world.now))

    await site.runtime.database.write(work)
    site.runtime.shows_demo = True


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_fourth_button_shows_what_the_insurer_sees(windows: Windows, language: str) -> None:
    await an_insurer(windows.site.world)
    await mark(windows.site)
    page = await windows.open(language=language, size=SMALL, dark=language == "en")
    await page.goto("/sign-in")
    bar = page.locator("aside.demo")
    assert await bar.get_by_role("button").count() == len(Eyes)
    assert (await findings(page), await overflow(page)) == ([], 0)

    await follow(bar.get_by_role("button", name={"ja": "保険会社", "en": "Insurer"}[language]))

    assert page.url.endswith("/insurer")
    await expect(page.locator("h1")).to_have_text("さくら損害保険")
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.set_viewport_size(PHONE)
    await follow(bar.get_by_role("button", name={"ja": "地区の運営", "en": "Staff"}[language]))
    assert page.url.endswith("/staff/misono")


@pytest.mark.parametrize("eyes", Eyes)
async def test_without_the_mark_nobody_looks_through_others_eyes(site: Site, eyes: Eyes) -> None:
    # With `is_demo` taken out of `see_as_another`, a server that was a demo's when it started signed anyone in.
    await an_insurer(site.world)
    for believes_in_a_demo in (False, True):
        site.runtime.shows_demo = believes_in_a_demo
        async with httpx.AsyncClient(base_url=site.base) as visitor:
            shown = await visitor.get("/sign-in")
            tried = await visitor.post("/demo/eyes", data={"token": token_in(shown.text), "who": eyes})
        assert ("/demo/eyes" in shown.text, tried.status_code) == (believes_in_a_demo, HTTPStatus.NOT_FOUND)
        assert "sharecare" not in tried.cookies


async def test_looking_through_other_eyes_ends_the_sign_in_before(site: Site) -> None:
    # Each pair of eyes left one more sign-in alive, whose secret nobody's browser held.
    await mark(site)
    await an_insurer(site.world)
    before = await live_sign_ins(site)
    async with httpx.AsyncClient(base_url=site.base) as visitor:
        for eyes in (Eyes.STAFF, Eyes.INSURER, Eyes.STAFF):
            shown = await visitor.get("/staff" if "sharecare" in visitor.cookies else "/sign-in", follow_redirects=True)
            await visitor.post("/demo/eyes", data={"token": token_in(shown.text), "who": eyes})

    assert await live_sign_ins(site) == before + 1


@pytest.mark.parametrize("marked", [True, False])
async def test_who_joins_a_demo_goes_on_without_a_mail(windows: Windows, *, marked: bool) -> None:
    # A demo sends no mail and said it had: whoever tried it was stuck at "wrong password".
    if marked:
        await mark(windows.site)
    windows.site.runtime.shows_demo = True
    page = await windows.open()
    await page.goto("/sign-up")
    await page.get_by_label("お名前").fill("Nina")
    await page.get_by_label("メールアドレス").fill("nina@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await follow(page.get_by_role("button", name="登録する"))

    if not marked:
        assert "/sign-up/sent" in page.url
        return
    assert "デモではメールを送りません" in await page.get_by_role("status").inner_text()
    await follow(page.get_by_role("button", name="登録を終える"))
    await page.get_by_label("メールアドレス").fill("nina@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await follow(page.get_by_role("button", name="サインインする"))
    assert page.url.endswith("/home")
    await page.goto("/messages")
    assert await page.locator("main .unread").count() == 0
