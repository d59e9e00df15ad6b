"""A child changes hands on both sides' pages: with digits, past them by the staff, or locked."""

from http import HTTPStatus

import pytest

from care.steps import begin, book, get_ready, row
from sharecare.accounts.rules import Actor
from sharecare.care.handovers import pass_handover
from sharecare.care.models import Booking
from sharecare.care.rules import CareEnd
from web.browsing import SMALL, Windows, clean, follow
from world import Family, World

PASSED = {
    "ja": "地区の運営が、番号なしの引き渡しを認めました。",
    "en": "The staff let this handover pass without digits.",
}


async def about_to_begin(world: World, **changes: object) -> tuple[Family, Actor, Booking]:
    """Stand at the door, after the pre-meeting."""
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True, **changes)
    await get_ready(world, bob, booking)
    world.now = booking.start_at
    return family, bob, booking


async def let_pass(world: World, booking: Booking, end: CareEnd) -> None:
    await world.do(
        lambda s: pass_handover(s, by=world.staff, booking_id=booking.id, end=end, reason="電話で確認", now=world.now)
    )


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_no_digits_are_shown_or_asked_for_where_staff_let_the_handover_pass(
    windows: Windows, language: str
) -> None:
    # The field stayed, and had to be filled in: the browser kept the supporter from pressing the button.
    world = windows.site.world
    family, bob, booking = await about_to_begin(world)
    await let_pass(world, booking, CareEnd.START)
    parent, helper = [await windows.open(who, language=language, size=SMALL) for who in (family.actor, bob)]

    for page in (parent, helper):
        await page.goto(f"/bookings/{booking.id}")
        assert PASSED[language] in await page.locator("[aria-labelledby=handover]").inner_text()
        assert await page.locator(".digits, .qr, [name=pin]").count() == 0
        await clean(page)
    await helper.locator("[type=number]").fill("36.6")
    await follow(helper.locator("form[action$='/start'] button"))

    assert (await row(world, Booking, booking.id)).state == "in_care"
    await parent.reload()
    assert await parent.locator(".digits").count() == 1  # the other end has its own
    assert await helper.locator("[name=pin]").count() == 1


async def test_a_child_comes_back_without_digits_where_staff_let_that_pass(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await begin(world, family, bob)
    await let_pass(world, booking, CareEnd.FINISH)
    page = await windows.open(bob, scripts=False)

    await page.goto(f"/bookings/{booking.id}")
    await follow(page.get_by_role("button", name="引き渡しました"))

    assert (await row(world, Booking, booking.id)).state == "completed"


async def test_the_fifth_wrong_digits_tell_both_sides_that_they_are_locked(windows: Windows) -> None:
    # The parent went on showing digits that nobody could enter; the supporter read "0 attempts are left".
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.LOCKED}
    world = windows.site.world
    family, bob, booking = await about_to_begin(world)
    parent, helper = [await windows.open(who, size=SMALL) for who in (family.actor, bob)]
    await helper.goto(f"/bookings/{booking.id}")

    for _ in range(5):
        await helper.get_by_label("体温").fill("36.6")
        await helper.locator("[name=pin]").fill("000000")
        await follow(helper.get_by_role("button", name="預かりました"))
    assert "あと" not in await helper.get_by_role("alert").inner_text()
    await parent.goto(f"/bookings/{booking.id}")

    for page in (parent, helper):
        assert "番号を5回まちがえたため、止まっています。" in await page.locator("main").inner_text()
        assert await page.locator(".digits, .qr, [name=pin]").count() == 0
        await clean(page)
    await let_pass(world, booking, CareEnd.START)
    await helper.goto(f"/bookings/{booking.id}")
    assert PASSED["ja"] in await helper.locator("main").inner_text()
