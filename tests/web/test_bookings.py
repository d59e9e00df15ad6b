"""A booking from both sides by clicking: handed over, prolonged, handed back, thanked; or kindly cancelled."""

from datetime import timedelta
from http import HTTPStatus

from playwright.async_api import Page, expect

from care.steps import HOUR, begin, book, get_ready, pin_of, row
from sharecare.areas.rules import CareKind
from sharecare.care.day_rules import card_code
from sharecare.care.models import Booking, CareRequest
from sharecare.care.rules import CareEnd
from sharecare.care.schemas import PlaceDraft
from web.browsing import SMALL, Windows, clean, findings, follow, look_again
from world import KEY

EVIL = "熱 <img src=x onerror=\"document.title='taken'\">"


async def agree_by_clicking(parent: Page, helper: Page, here: str) -> None:
    """Write the pre-meeting sheet on one side and agree to it on the other."""
    await parent.goto(here)
    await follow(parent.get_by_role("link", name="事前打合せ票を書く"))
    await clean(parent)
    fields = {
        "避難場所": "美園小学校 校庭",
        "かかりつけ医": "みその小児科",
        "お名前 1": "Alice",
        "間がら 1": "母",
        "連絡先1のお名前": "和子",
        "連絡先1の間がら": "祖母",
        "連絡先1の電話番号": "048-123-4567",
        "連絡先2のお名前": "一郎",
        "連絡先2の間がら": "叔父",
        "連絡先2の電話番号": "090-1111-2222",
    }
    for label, text in fields.items():
        await parent.get_by_label(label).fill(text)
    await follow(parent.get_by_role("button", name="相手に見てもらう"))
    await helper.goto(here)
    await follow(helper.get_by_role("link", name="事前打合せ票を読む"))
    assert "048-123-4567" in await helper.locator("main").inner_text()
    await clean(helper)
    await follow(helper.get_by_role("button", name="読みました"))
    await helper.wait_for_url("**/bookings/*done=sheet_agreed")
    await parent.goto(here)


async def settle_by_clicking(parent: Page) -> None:
    """Put down thanks and a cost, then ask the same person again."""
    assert await parent.get_by_role("spinbutton", name="お礼").input_value() == "1500"
    await parent.locator("summary", has_text="実費も書く").click()
    await parent.get_by_label("食べもの").fill("200")
    await follow(parent.get_by_role("button", name="記録する"))
    assert await parent.locator("[aria-labelledby=after] dd").all_inner_texts() == ["1,500円", "200円"]
    await follow(parent.get_by_role("link", name="Bobさんに、もう一度お願いする"))
    assert "Bobさんだけにお願いします" in await parent.locator(".note").inner_text()


async def test_both_sides_live_a_support(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    here = f"/bookings/{booking.id}"
    parent, helper = await windows.open(family.actor, size=SMALL), await windows.open(bob, size=SMALL)
    await parent.goto("/supports")
    await clean(parent)
    await follow(parent.locator("a.line").first)
    await helper.goto(here)
    await clean(parent)
    await clean(helper)
    assert "美園1-2-3" in await helper.content()
    assert "卵" in await helper.locator(".chip.stop").inner_text()
    assert await helper.get_by_role("link", name="090-1234-5678").get_attribute("href") == "tel:090-1234-5678"
    assert await helper.locator(".digits, .qr").count() == 0

    await agree_by_clicking(parent, helper, here)
    world.now = booking.start_at
    await helper.goto(here)
    await helper.get_by_label("6けたの数字").fill(await parent.locator(".digits").inner_text())
    await helper.get_by_label("体温").fill("36.6")
    await clean(helper)
    await follow(helper.get_by_role("button", name="預かりました"))
    await expect(parent.get_by_role("heading", name="終わりの引き渡し")).to_be_visible(timeout=20_000)

    await helper.get_by_label("ようすを書く").fill("公園へ行きました")
    await follow(helper.get_by_role("button", name="伝える"))
    await look_again(parent)
    await expect(parent.get_by_text("公園へ行きました")).to_be_visible()

    await helper.locator("summary", has_text="終わりの時刻を変えたい").click()
    await follow(helper.get_by_role("button", name="30分のばす"))
    await look_again(parent)
    agreeing = parent.get_by_role("button", name="そうする")
    await expect(agreeing).to_be_visible()
    await clean(parent)
    await follow(agreeing)
    assert (await row(world, Booking, booking.id)).end_at == booking.end_at + timedelta(minutes=30)

    world.now = booking.end_at
    await helper.goto(here)
    await helper.get_by_label("6けたの数字").fill(await parent.locator(".digits").inner_text())
    await follow(helper.get_by_role("button", name="引き渡しました"))
    await helper.get_by_label("今日のようす").fill("よく食べました")
    await follow(helper.get_by_role("button", name="報告する"))
    await parent.goto(here)
    await clean(parent)
    assert "よく食べました" in await parent.locator("[aria-labelledby=diary]").inner_text()
    await parent.get_by_label("お礼のことば").fill(EVIL)
    await follow(parent.get_by_role("button", name="お礼を送る"))
    assert await parent.locator("blockquote").inner_text() == EVIL
    await settle_by_clicking(parent)


async def test_wrong_digits_are_said_and_counted(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    await get_ready(world, bob, booking)
    world.now = booking.start_at
    page = await windows.open(bob, language="en", dark=True, size=SMALL)
    await page.goto(f"/bookings/{booking.id}")
    await page.get_by_label("Temperature").fill("36.6")

    for typed, told in (("12", "check the following"), ("000000", "4 attempts are left")):
        await page.get_by_label("The parent's six digits").fill(typed)
        await follow(page.get_by_role("button", name="The child is with me"))
        assert told in await page.get_by_role("alert").first.inner_text()
        assert await page.get_by_label("The parent's six digits").input_value() == typed
        await clean(page)

    assert (await row(world, Booking, booking.id)).pin_failures == 1


async def test_the_agreed_time_is_what_is_covered_and_the_grace_is_told_apart(windows: Windows) -> None:
    # With the grace in the window, a parent read its end as the agreed one.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor, language="en")

    await page.goto(f"/bookings/{booking.id}")

    covered = page.get_by_role("region", name="Insurance").locator("dt:text-is('Covered') + dd")
    assert await covered.inner_text() == (
        "Tue 2 Jun, 17:00–19:00\nIt runs on until 19:30 by itself, in case the handover is late."
    )


async def test_one_button_says_that_one_cannot_come(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(bob, scripts=False)
    await page.goto(f"/bookings/{booking.id}")

    await page.locator("summary", has_text="行けなくなりました").click()  # a tap by accident ends nothing
    await follow(page.get_by_role("button", name="さんに伝える"))

    assert "サポーターの都合で、キャンセルになりました。" in await page.locator("main").inner_text()
    cover = await page.get_by_role("region", name="保険").inner_text()
    assert "取り消されています" in cover
    assert "補償の時間" not in cover  # two families who went ahead anyway would have read that they are insured
    assert (await row(world, CareRequest, booking.request_id)).state == "open"
    assert "090-1234-5678" not in await page.content()


async def test_a_family_cancels_with_a_word(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page, helper = await windows.open(family.actor), await windows.open(bob)
    await page.goto(f"/bookings/{booking.id}")
    await page.locator("summary", has_text="キャンセルする").click()
    await page.get_by_label("理由").fill(EVIL)

    await follow(page.get_by_role("button", name="キャンセルを伝える"))

    assert (await row(world, Booking, booking.id)).close_reason == EVIL
    await helper.goto(f"/bookings/{booking.id}")
    assert EVIL in await helper.locator("main").inner_text()
    await expect(helper).to_have_title("予約 | ShareCare")


async def test_where_a_nursery_hands_over_no_digits_are_asked(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    nursery = PlaceDraft(name="こもれび保育園", lat=35.8952, lon=139.7281)
    facts = {"kind": CareKind.PICKUP, "means": "foot", "place": nursery, "handover_start": "institution"}
    booking = await book(world, family, bob, urgent=True, **facts)
    await get_ready(world, bob, booking)
    world.now = booking.start_at
    parent, helper = await windows.open(family.actor), await windows.open(bob)
    await parent.goto(f"/bookings/{booking.id}")
    assert await parent.locator(".digits").count() == 0
    card = await parent.get_by_role("link", name="お迎えカード").get_attribute("href")
    assert (await (await parent.context.request.get(str(card))).body()).startswith(b"%PDF")
    # The card has the nursery compare a number that the parent had never been told.
    number = f"園に伝える番号 {card_code(KEY, booking.id, bob.person_id)}"
    assert number in await parent.locator("main").inner_text()
    await clean(parent)
    await helper.goto(f"/bookings/{booking.id}")
    assert "園に伝える番号" not in await helper.locator("main").inner_text()
    await helper.get_by_label("体温").fill("36.6")

    await follow(helper.get_by_role("button", name="預かりました"))

    assert (await row(world, Booking, booking.id)).state == "in_care"


async def test_a_proposal_is_declined(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page, helper = await windows.open(family.actor, scripts=False), await windows.open(bob, scripts=False)
    await page.goto(f"/bookings/{booking.id}")
    await page.locator("summary", has_text="終わりの時刻を変えたい").click()
    await page.get_by_label("または、この時刻に").fill("19:40")
    await follow(page.get_by_role("button", name="この時刻で相談する"))
    await helper.goto(f"/bookings/{booking.id}")
    assert "終わりを19:40に" in await helper.locator("main").inner_text()

    await follow(helper.get_by_role("button", name="そのままにする"))

    assert (await row(world, Booking, booking.id)).end_at == booking.end_at
    assert await helper.get_by_role("button", name="そうする").count() == 0


async def test_an_end_that_is_recorded_a_day_late_is_said(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await begin(world, family, bob)
    page = await windows.open(bob)
    await page.goto(f"/bookings/{booking.id}")
    assert await page.locator("[name=ended]").count() == 0
    world.now = booking.end_at + 24 * HOUR

    await page.reload()
    await page.locator("[name=pin]").fill(pin_of(booking, CareEnd.FINISH))
    await page.locator("[name=ended]").fill("2026-06-02T19:05")
    assert await findings(page) == []
    await follow(page.locator("form[action$='/finish'] button"))

    assert (await row(world, Booking, booking.id)).finished_at == booking.end_at + timedelta(minutes=5)
