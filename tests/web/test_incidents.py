"""If something happened: facts from a booking by clicking, a photo, the certificate; each sees what is theirs."""

from http import HTTPStatus
from io import BytesIO

from PIL import Image
from playwright.async_api import expect

from care.steps import HOUR, book, start
from web.browsing import SMALL, Windows, findings, follow, overflow

EVIL = '<script>document.title = "taken"</script> 段差でつまずいた'


def a_photo() -> bytes:
    """Draw a small picture."""
    kept = BytesIO()
    Image.new("RGB", (40, 30), "orange").save(kept, "PNG")
    return kept.getvalue()


async def test_an_accident_is_taken_down_with_a_photo_and_shown_to_both(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    world.now = booking.start_at
    await start(world, bob, booking)
    world.now += HOUR
    page, parent = await windows.open(bob, size=SMALL), await windows.open(family.actor, language="en", dark=True)
    await page.goto(f"/bookings/{booking.id}")
    await follow(page.get_by_role("link", name="何かあったとき"))
    assert await findings(page) == []
    assert await overflow(page) == 0

    await page.locator("label", has_text="事故・けが・破損").click()
    await page.get_by_label("どこで").fill("園の玄関前")
    await page.get_by_label("何がありましたか").fill(EVIL)
    await page.locator("label", has_text="お子さん").first.click()
    await page.get_by_label("いつ").fill("2026-06-02T23:00")
    await follow(page.get_by_role("button", name="記録する"))
    assert "起きた時刻が、いまより後" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("何がありましたか").input_value() == EVIL
    await page.get_by_label("いつ").fill("2026-06-02T17:30")
    await follow(page.get_by_role("button", name="記録する"))
    await page.get_by_label("写真").set_input_files({"name": "here.png", "mimeType": "image/png", "buffer": a_photo()})
    await follow(page.get_by_role("button", name="写真を加える"))

    await expect(page.get_by_role("img", name="写真")).to_be_visible()
    await parent.goto("/incidents/1")
    assert EVIL in await parent.locator("section.card").inner_text()
    assert await parent.get_by_role("img", name="Photo").evaluate("one => one.naturalWidth") == 40
    assert await findings(parent) == []
    await expect(parent).to_have_title("If something happened | ShareCare")


async def test_a_near_miss_stays_with_who_told_of_it(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    here = f"/bookings/{booking.id}/incidents"
    world.now = booking.start_at
    page = await windows.open(bob, scripts=False)
    await page.goto(here)
    await page.locator("label", has_text="ヒヤリハット").click()
    await page.get_by_label("どこで").fill("横断歩道")
    await page.get_by_label("何がありましたか").fill("手を離しかけた")

    await follow(page.get_by_role("button", name="記録する"))

    assert "手を離しかけた" in await page.locator("section.card").inner_text()
    parent, charlie = await windows.open(family.actor), await windows.open((await world.family("Charlie")).actor)
    await parent.goto(here)
    assert await parent.locator("section.card").count() == 0
    for path in (here, f"/bookings/{booking.id}/certificate"):
        await charlie.goto(path)
        assert await charlie.locator("h1").inner_text() == "ページが見つかりません"


async def test_the_certificate_is_a_pdf_for_its_two_sides(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    await page.goto(f"/bookings/{booking.id}")

    address = await page.get_by_role("link", name="補償証明書").get_attribute("href")

    answer = await page.context.request.get(str(address))
    assert answer.headers["content-type"] == "application/pdf"
    assert (await answer.body()).startswith(b"%PDF")
