"""How one helps: the profile, a pause, and the ladder with what is missing and what lapses."""

from datetime import date, timedelta
from http import HTTPStatus

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import supporter_profile
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings, Level
from sharecare.areas.service import change_settings
from web.browsing import SMALL, Windows, findings, follow, overflow
from world import a_person

INJECTED = '<script>alert("x")</script>'


async def test_a_newcomer_says_how_they_help_without_scripts(windows: Windows) -> None:
    world = windows.site.world
    dave = await world.do(lambda s: a_person(s, "Dave", requester=False, supporter=True, now=world.now))
    page = await windows.open(dave, scripts=False)
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    await page.goto("/supporter")
    assert page.url.endswith("/supporter/profile")

    await page.get_by_label("徒歩").uncheck()
    await page.get_by_label("相手の家で預かる").check()
    await page.get_by_label("自己紹介").fill(INJECTED)
    await page.get_by_label("下は").select_option("36")
    await follow(page.get_by_role("button", name="保存する"))
    assert "送迎のときの移動手段を選んでください。" in await page.locator("main").inner_text()
    assert await page.get_by_label("自己紹介").input_value() == INJECTED
    assert await page.get_by_label("下は").input_value() == "36"
    await page.get_by_label("自転車").check()
    await follow(page.get_by_role("button", name="保存する"))

    assert page.url.endswith("/supporter?done=offer_saved")
    assert await page.locator(".words").inner_text() == INJECTED
    async with windows.site.runtime.database.read() as session:
        profile = await supporter_profile(session, dave.person_id)
    assert profile is not None
    assert (profile.kinds, profile.means, profile.min_age_months) == (["pickup", "child_home"], ["bicycle"], 36)


async def test_a_pause_is_one_button_and_keeps_the_profile(windows: Windows) -> None:
    dave = await windows.site.world.supporter("Dave")
    page = await windows.open(dave)
    await page.goto("/supporter")

    await follow(page.get_by_role("button", name="しばらく休む"))
    assert "6月1日(月)から、新しいお願いは届きません" in await page.locator("main").inner_text()
    await follow(page.get_by_role("button", name="また手伝う"))

    async with windows.site.runtime.database.read() as session:
        profile = await supporter_profile(session, dave.person_id)
    assert profile is not None
    assert (profile.paused_at, profile.introduction, profile.travel_radius_m) == (None, "近所です", 3000)


async def test_the_ladder_shows_what_is_missing_and_takes_a_paper(windows: Windows) -> None:
    world = windows.site.world
    dave = await world.supporter("Dave", level=Level.TRAINED)
    page = await windows.open(dave)
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST}
    await page.goto("/supporter")
    missing = page.locator(".step.next .papers li")
    assert await missing.all_inner_texts() == ["研修への参加", "緊急救命講習", "面談"]

    await follow(page.get_by_role("link", name="書類を提出する").first)
    await page.get_by_label("書類の種類").select_option("first_aid")
    await page.get_by_label("発行日").evaluate("field => { field.max = ''; field.value = '2027-01-01'; }")
    await page.get_by_label("書類の名前").fill(INJECTED)
    await follow(page.get_by_role("button", name="提出する"))
    assert await page.get_by_role("alert").inner_text() == "発行日・受講日には、今日までの日付を入れてください。"
    assert await page.get_by_label("書類の種類").input_value() == "first_aid"
    await page.get_by_label("発行日").fill("2026-05-20")
    await follow(page.get_by_role("button", name="提出する"))

    assert "スタッフが確認しています" in await missing.nth(1).inner_text()
    await page.get_by_text("8件を見る").click()
    assert INJECTED in await page.locator("details").inner_text()


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_a_lapse_is_told_before_and_after(windows: Windows, language: str, *, dark: bool) -> None:
    world = windows.site.world
    dave = await world.supporter("Dave", first_aid_on=date(2021, 6, 20))
    page = await windows.open(dave, language=language, size=SMALL, dark=dark)
    await page.goto("/supporter")
    last = page.locator(".step").last
    assert {"ja": "2026年6月19日(金)まで", "en": "until Fri 19 Jun 2026"}[language] in await last.inner_text()
    for path in ("/supporter/profile", "/supporter/credentials", "/supporter"):
        await page.goto(path)
        assert await findings(page) == []
        assert await overflow(page) == 0

    world.now += timedelta(days=25)
    await page.goto("/supporter")

    assert {"ja": "期限が切れました", "en": "lapsed on"}[language] in await last.inner_text()
    assert await page.locator(".step.next .papers .chip:not(.calm)").count() == 1


async def test_of_a_criminal_record_check_nothing_is_asked_but_its_date(windows: Windows) -> None:
    # The field stood there, with a hint that said to write nothing into it.
    world = windows.site.world
    bob = await world.supporter("Bob", level=Level.IDENTIFIED)

    async def work(session: AsyncSession) -> None:
        area, settings = await area_by_id(session, world.area_id), AreaSettings(criminal_record_check_required=True)
        await change_settings(session, area=area, settings=settings, by_person_id=world.staff.person_id, now=world.now)

    await world.do(work)
    page = await windows.open(bob)
    await page.goto("/supporter/credentials")
    assert "犯罪" not in await page.locator("#evidence-hint").inner_text()

    for kind, shown in (("first_aid", True), ("criminal_record_check", False)):
        await page.get_by_label("書類の種類").select_option(kind)
        assert await page.get_by_label("書類の名前").is_visible() is shown
        assert await findings(page) == []
