"""Staff end a policy early, and see before how many bookings that concerns."""

from http import HTTPStatus

import pytest
from playwright.async_api import ViewportSize

from care.steps import book, row
from sharecare.areas.rules import Level
from sharecare.care.models import Booking
from web.browsing import DESK, SMALL, Windows, findings, follow, overflow

JA = (
    *("契約を早く終わらせる", "補償する最後の日", "どうなるか見る", "で終わらせる"),
    *("予約: 1件", "終わりを早めました", "今日から"),
)
EN = (
    *("End this policy early", "Last day it covers", "See what", "End it on"),
    *("beyond it: 1", "ends earlier", "Choose an end"),
)


@pytest.mark.parametrize(("language", "words", "size"), [("ja", JA, SMALL), ("en", EN, DESK)])
async def test_staff_see_what_an_end_means_before_they_end_a_policy(
    windows: Windows, language: str, words: tuple[str, ...], size: ViewportSize
) -> None:
    windows.expected.add(HTTPStatus.BAD_REQUEST)
    link, day, look, end, one, done, refused = words
    world = windows.site.world
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    page = await windows.open(world.staff, size=size, language=language)

    await page.goto("/staff/misono/policies")
    await follow(page.get_by_role("link", name=link))
    assert await page.get_by_role("button", name=end).count() == 0
    await page.get_by_label(day).evaluate("(field) => { field.min = ''; field.value = '2026-05-01' }")
    await follow(page.get_by_role("button", name=look))
    await follow(page.get_by_role("button", name=end))
    assert refused in await page.locator("main").inner_text()
    assert await page.get_by_label(day).input_value() == "2026-05-01"
    await page.get_by_label(day).fill("2026-06-01")
    await follow(page.get_by_role("button", name=look))
    assert one in await page.locator("main").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name=end))

    assert done in await page.get_by_role("status").inner_text()
    assert (await row(world, Booking, booking.id)).state == "cancelled"
    told = await windows.open(family.actor, size=SMALL, language=language)
    await told.goto(f"/bookings/{booking.id}")
    assert (await findings(told), await overflow(told)) == ([], 0)
