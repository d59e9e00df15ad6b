"""The pre-meeting sheet offers what can be agreed on, and nothing that is refused after it was sent."""

from playwright.async_api import Page

from care.steps import book, give_contacts, write
from sharecare.areas.rules import CareKind
from sharecare.care.schemas import PlaceDraft
from web.browsing import Windows, clean

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
