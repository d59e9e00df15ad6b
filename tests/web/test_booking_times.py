"""A care that begins later, and one to which somebody did not come, from both sides."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from playwright.async_api import expect

from care.steps import begin, book, finish, propose, row
from sharecare.care.models import Booking, CareRequest
from web.browsing import SMALL, Windows, clean, follow, look_again

OVERDUE = timedelta(minutes=15)


async def test_a_later_start_is_agreed_and_cover_follows(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    here = f"/bookings/{booking.id}"
    parent, helper = await windows.open(family.actor, size=SMALL), await windows.open(bob, size=SMALL)
    await parent.goto(here)
    await helper.goto(here)

    await helper.locator("summary", has_text="遅れて始めたい").click()
    await clean(helper)
    await follow(helper.get_by_role("button", name="15分おくらせる"))
    assert "始まりを17:15に" in await helper.locator("[aria-labelledby=change]").inner_text()
    await look_again(parent)
    await expect(parent.get_by_role("heading", name="始まりを17:15に")).to_be_visible()
    await clean(parent)
    await follow(parent.get_by_role("button", name="そうする"))

    moved = await row(world, Booking, booking.id)
    assert (moved.start_at, moved.end_at) == (booking.start_at + timedelta(minutes=15), booking.end_at)
    assert "17:15" in await parent.locator("[aria-labelledby=cover]").inner_text()


async def test_a_start_that_makes_no_sense_is_refused_and_shown_again(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor, language="en", dark=True, scripts=False)
    await page.goto(f"/bookings/{booking.id}")
    await page.locator("summary", has_text="Propose a later start").click()
    field, go = page.get_by_label("or from this time"), page.get_by_role("button", name="Propose this time").first

    await follow(go)
    assert "check the following" in await page.get_by_role("alert").first.inner_text()
    await field.fill("19:30")
    await follow(go)

    assert "before the end" in await page.get_by_role("alert").first.inner_text()
    assert await field.input_value() == "19:30"
    assert (await row(world, Booking, booking.id)).start_at == booking.start_at


async def test_once_the_care_has_begun_its_start_stays(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    page = await windows.open(family.actor)

    await page.goto(f"/bookings/{booking.id}")

    assert await page.locator("summary", has_text="終わりの時刻を変えたい").count() == 1
    assert await page.locator("summary", has_text="遅れて始めたい").count() == 0
    world.now = booking.end_at
    await finish(world, bob, booking)
    await page.goto(f"/bookings/{booking.id}/no-show")
    assert page.url.endswith(f"/bookings/{booking.id}")


@pytest.mark.parametrize("by_family", [True, False])
async def test_who_did_not_come_is_told_after_a_wait_and_a_second_thought(windows: Windows, by_family: bool) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    await propose(world, bob, booking, booking.end_at + OVERDUE)
    here = f"/bookings/{booking.id}"
    sides = (family.actor, bob) if by_family else (bob, family.actor)
    waits, absent = [await windows.open(one, size=SMALL) for one in sides]
    calls = "Bobさんが来ません" if by_family else "Aliceさんに会えません"

    world.now = booking.start_at
    await waits.goto(here)
    assert "17:15を過ぎても" in await waits.locator("main").inner_text()
    assert await waits.get_by_role("link", name=calls).count() == 0
    await waits.goto(f"{here}/no-show")
    assert "17:15まで待ってください" in await waits.locator("main").inner_text()
    assert await waits.get_by_role("button", name="会えなかったと知らせる").count() == 0

    world.now = booking.start_at + OVERDUE
    await waits.goto(here)
    await follow(waits.get_by_role("link", name=calls))
    await clean(waits)
    assert await waits.get_by_role("link", name="090-1234-5678").count() == 1
    await follow(waits.get_by_role("button", name="会えなかったと知らせる"))
    await clean(waits)
    assert "会えなかったと記録しました" in await waits.locator("main").inner_text()

    ended = await row(world, Booking, booking.id)
    assert (ended.state, ended.no_show, ended.cancelled_by) == (
        "cancelled",
        True,
        "supporter" if by_family else "family",
    )
    assert (await row(world, CareRequest, booking.request_id)).state == "cancelled"
    await absent.goto("/messages")
    assert "来なかったと記録されました" in await absent.locator("main").inner_text()
    await absent.goto(here)
    await clean(absent)
    told = await absent.locator("main").inner_text()
    assert "約束の時刻に会えなかったと" in told
    assert "090-1234-5678" not in told
    assert await absent.locator("[aria-labelledby=change]").count() == 0  # what was proposed waits no more
    await absent.goto("/supports")
    assert await absent.get_by_text("会えませんでした").count() == 1


async def test_a_report_that_comes_too_early_is_refused(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(bob, language="en", dark=True)
    world.now = booking.start_at + OVERDUE
    await page.goto(f"/bookings/{booking.id}/no-show")
    await clean(page)
    world.now = booking.start_at

    await follow(page.get_by_role("button", name="Tell them we didn't meet"))

    assert "15 minutes after the agreed start" in await page.get_by_role("alert").inner_text()
    assert (await row(world, Booking, booking.id)).state == "confirmed"
