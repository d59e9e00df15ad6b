"""How often a page asks the database: bounded, and the same however much there is to show."""

import re
from collections.abc import Mapping

from playwright.async_api import Page

from care.steps import HOUR, ask, book
from sharecare.accounts.rules import Actor
from statements import statements_of
from web.browsing import Site, Windows
from world import Family

DAY = 24 * HOUR
MOST = {
    "/home": 13,
    "/ask": 12,
    "/requests": 4,
    "/requests/N": 12,
    "/bookings/N": 26,
    "/supports": 4,
    "/neighbours": 3,
    "/messages": 6,
    "/me": 9,
    "/asks": 15,
    "/hours": 6,
    "/staff/misono": 8,
    "/staff/misono/to-do": 21,
    "/staff/misono/desk": 9,
}


async def lived(site: Site, family: Family, helper: Actor, *, days: range) -> tuple[int, int]:
    """Book and ask on each of some days; return the last booking and the last request."""
    usual, booking_id, request_id = family.need(), 0, 0
    for day in days:
        start = usual.start_at + day * DAY
        booking = await book(site.world, family, helper, urgent=True, start_at=start, end_at=start + HOUR)
        request = await ask(site.world, family, urgent=True, start_at=start + 2 * HOUR, end_at=start + 3 * HOUR)
        booking_id, request_id = booking.id, request.id
    return booking_id, request_id


async def counted(site: Site, page: Page, paths: list[str]) -> dict[str, int]:
    """Open each page and count."""
    counts = {}
    for path in paths:
        with statements_of(site.runtime.database) as seen:
            answer = await page.context.request.get(path)
        assert answer.ok, path
        counts[path] = len(seen)
    return counts


async def test_pages_ask_little_and_no_more_where_there_is_more_to_show(windows: Windows) -> None:
    site, world = windows.site, windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    parent, helper, staff = [await windows.open(who) for who in (family.actor, bob, world.staff)]
    booking, request = await lived(site, family, bob, days=range(1, 3))
    of_parent = ["/home", "/ask", "/requests", f"/requests/{request}", f"/bookings/{booking}", "/supports"]
    of_parent += ["/neighbours", "/messages", "/me"]
    of_helper = ["/home", "/asks", "/supports", f"/bookings/{booking}", "/hours", "/messages"]
    of_staff = ["/staff/misono", "/staff/misono/to-do", "/staff/misono/desk"]

    async def all_of_them() -> Mapping[str, dict[str, int]]:
        await counted(site, parent, [f"/requests/{request}"])  # the first page that needs the index catches it up
        return {
            "parent": await counted(site, parent, of_parent),
            "helper": await counted(site, helper, of_helper),
            "staff": await counted(site, staff, of_staff),
        }

    few = await all_of_them()
    await lived(site, family, bob, days=range(3, 9))

    assert await all_of_them() == few
    over = [
        (path, count)
        for counts in few.values()
        for path, count in counts.items()
        if count > MOST[re.sub(r"\d+", "N", path)]
    ]
    assert over == []
