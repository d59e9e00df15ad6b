"""A care every week by clicking: asked once, offered once, chosen once; the rest cancelled; strangers see nothing."""

from http import HTTPStatus

from playwright.async_api import expect

from care.test_series import TUESDAYS, open_weekly
from sharecare.areas.rules import Level
from web.browsing import SMALL, Windows, findings, follow, overflow


async def test_every_tuesday_is_asked_offered_chosen_and_cancelled(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, bob)
    parent = await windows.open(family.actor, size=SMALL)
    await parent.goto("/ask")
    for label in ("明日", "17:30", "1時間", "うちで預かり"):
        await parent.locator("label", has_text=label).first.click()
    await parent.get_by_text("くわしく決める").click()
    await parent.get_by_label("毎週くり返す").fill("2026-06-23")
    await follow(parent.get_by_role("button", name="見ずに声をかける"))

    await expect(parent.get_by_role("status")).to_contain_text("くり返しのお願いを出しました")
    assert await parent.locator("main li").count() == 4
    assert await findings(parent) == []
    assert await overflow(parent) == 0
    path = parent.url.removeprefix(windows.site.base).split("?")[0]

    helper = await windows.open(bob, language="en", dark=True, scripts=False)
    await helper.goto(path)
    await follow(helper.get_by_role("button", name="Offer what I can (4 dates)"))
    await expect(helper.get_by_role("status")).to_contain_text("You offered")

    await parent.goto(path)
    await follow(parent.get_by_role("button", name="Bobさんにお願いする"))
    await expect(parent.get_by_role("status")).to_contain_text("すべての日が決まりました")
    assert await parent.locator("main a[href^='/bookings/']").count() == 4

    await parent.get_by_text("残りをすべてやめる").click()
    await follow(parent.get_by_role("button", name="残りをやめる"))
    await expect(parent.get_by_role("status")).to_contain_text("残りを取り消しました")
    await parent.goto("/series")
    assert await parent.locator("main li a").get_attribute("href") == path


async def test_every_week_means_one_day(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    family = await windows.site.world.family("Alice")
    page = await windows.open(family.actor)
    await page.goto("/ask")
    for label in ("今日", "明日", "17:30", "1時間", "うちで預かり"):
        await page.locator("label", has_text=label).first.click()
    await page.get_by_text("くわしく決める").click()
    await page.get_by_label("毎週くり返す").fill("2026-06-23")
    await follow(page.get_by_role("button", name="見ずに声をかける"))

    await expect(page.locator("#until-problem")).to_contain_text("くり返すときは、日を一つだけ選んでください")
    assert await page.get_by_label("毎週くり返す").input_value() == "2026-06-23"


async def test_a_stranger_finds_no_series(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    charlie = await windows.site.world.family("Charlie")
    page = await windows.open(charlie.actor)

    await page.goto("/series/1")

    assert await page.locator("h1").inner_text() == "ページが見つかりません"


async def test_a_date_that_the_one_named_declined_leads_on(windows: Windows) -> None:
    # It waited for their answer, whatever had come of it.
    world = windows.site.world
    family, bob, dora = await world.family("Alice"), await world.supporter("Bob"), await world.supporter("Dora")
    for one in (bob, dora):
        await world.befriend(family.actor, one)
    await open_weekly(world, family, named_supporter_id=bob.person_id, until=TUESDAYS[2])
    helper, page = await windows.open(bob), await windows.open(family.actor, size=SMALL)
    for request in (1, 2):
        await helper.goto(f"/requests/{request}")
        await follow(helper.get_by_role("button", name="今回は難しい"))

    await page.goto("/series/1")

    dates = page.locator("main li")
    assert "Bobさんからの返事がまだない日があります" in await page.locator("main").inner_text()
    assert ["今回は難しい" in await dates.nth(at).inner_text() for at in range(3)] == [True, True, False]
    assert await findings(page) == []
    assert await overflow(page) == 0
    await follow(dates.nth(0).get_by_role("button", name="この日はやめる"))
    assert page.url.endswith("/series/1?done=withdrawn")
    assert "取り下げ" in await dates.nth(0).inner_text()
    await follow(dates.nth(1).get_by_role("button", name="ほかの方に頼む"))
    assert "声かけ中" in await dates.nth(1).inner_text()
    assert await page.get_by_role("button", name="ほかの方に頼む").count() == 0
