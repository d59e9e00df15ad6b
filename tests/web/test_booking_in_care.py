"""What a booking's page tells of the child while the care goes on, and to whom."""

from care.steps import HOUR, begin
from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking
from web.browsing import SMALL, Windows, clean, follow
from world import Family, World


async def in_care(world: World, *, children: int = 1) -> tuple[Family, Actor, Booking]:
    """Let Bob look after Alice's children."""
    family, bob = await world.family("Alice", children=children), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    return family, bob, await begin(world, family, bob)


async def test_whom_to_call_where_to_go_and_the_sheet_stay_at_hand_during_care(windows: Windows) -> None:
    # Once the care had begun, contacts, doctor and refuge were nowhere to be found.
    world = windows.site.world
    family, bob, booking = await in_care(world)
    parent, helper = [await windows.open(who, size=SMALL) for who in (family.actor, bob)]

    await helper.goto(f"/bookings/{booking.id}")
    told = await helper.get_by_role("region", name="もしものとき").inner_text()
    needed = ("鈴木 和子 (祖母)", "鈴木 一郎 (叔父)", "みその小児科 048-000-0000", "美園小学校 校庭")
    assert [one for one in needed if one not in told] == []
    assert await helper.locator('[aria-labelledby=emergency] a[href="tel:048-123-4567"]').count() == 1
    await clean(helper)
    await follow(helper.get_by_role("link", name="事前打合せ票"))
    assert "鈴木 和子" in await helper.locator("main").inner_text()
    await parent.goto(f"/bookings/{booking.id}")
    await clean(parent)
    await follow(parent.get_by_role("link", name="事前打合せ票"))


async def test_whom_to_call_closes_with_the_details(windows: Windows) -> None:
    world = windows.site.world
    _, bob, booking = await in_care(world)
    world.now = booking.end_at + 8 * 24 * HOUR
    page = await windows.open(bob)

    await page.goto(f"/bookings/{booking.id}")

    assert "鈴木" not in await page.content()
    assert await page.locator("[aria-labelledby=emergency]").count() == 0
