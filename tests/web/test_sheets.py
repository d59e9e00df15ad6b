"""The pre-meeting sheet offers what can be agreed on, and nothing that is refused after it was sent."""

import pytest
from playwright.async_api import Page

from care.steps import book, get_ready, give_contacts, row, write
from sharecare.accounts.models import Child
from sharecare.areas.rules import CareKind
from sharecare.care.schemas import PlaceDraft
from web.browsing import SMALL, Windows, clean, follow

NURSERY = PlaceDraft(name="こもれび保育園", lat=35.8952, lon=139.7281)
PICKUP = {"kind": CareKind.PICKUP, "means": "foot", "place": NURSERY}


async def rides_on(page: Page) -> list[str]:
    offered = page.locator("input[name=rides]")
    return [str(await offered.nth(at).get_attribute("value")) for at in range(await offered.count())]


async def test_a_sheet_offers_only_the_rides_that_the_policy_covers(windows: Windows) -> None:
    # A car stood among the choices of every sheet, and was refused once it had been sent.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True, **PICKUP)
    page = await windows.open(family.actor)

    await page.goto(f"/bookings/{booking.id}/sheet")

    assert await rides_on(page) == ["foot", "bicycle"]
    await clean(page)


async def test_where_nobody_travels_no_ride_is_asked_for_and_an_agreed_one_stays(windows: Windows) -> None:
    # Care at home asked how to travel; leaving it out would take back what the pair had agreed on for its pick-ups.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    await page.goto(f"/bookings/{booking.id}/sheet")
    assert await rides_on(page) == []
    assert await page.get_by_role("group", name="移動のしかた").count() == 0

    await give_contacts(world, family.actor)
    await write(world, family.actor, booking, rides=["foot"])
    await page.reload()

    assert await rides_on(page) == ["foot"]
    assert await page.locator("input[name=rides]").is_checked()


@pytest.mark.parametrize(
    ("language", "none"), [("ja", "アレルギー: なし(登録なし)"), ("en", "Allergies: none on record")]
)
async def test_a_sheet_speaks_of_allergies_where_none_are_on_record(windows: Windows, language: str, none: str) -> None:
    # Where the child's page said nothing of them, the word stood nowhere, and neither side was asked.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    [child] = family.child_ids
    booking = await book(world, family, bob, urgent=True)
    await get_ready(world, bob, booking)
    parent, helper = [await windows.open(who, language=language, size=SMALL) for who in (family.actor, bob)]
    await parent.goto(f"/bookings/{booking.id}/sheet")
    assert none not in await parent.locator("main").inner_text()
    await follow(parent.locator(f"a[href='/me/children/{child}']"))
    await parent.locator("[name=allergies]").fill("")
    await follow(parent.locator("form[action^='/me/children/'] button").first)
    assert (await row(world, Child, child)).allergies == ""

    for page in (parent, helper):
        await page.goto(f"/bookings/{booking.id}/sheet")
        assert none in await page.locator("main").inner_text()
        await clean(page)
