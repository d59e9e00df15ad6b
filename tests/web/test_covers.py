"""The page behind the code on a certificate: open to whoever scans it, silent about everyone."""

from datetime import timedelta
from http import HTTPStatus

from sqlmodel import select

from care.steps import book
from sharecare.insurance.models import Cover
from web.browsing import SMALL, Windows, findings, overflow


async def test_the_code_tells_whether_a_cover_is_valid_and_names_nobody(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob)
    async with world.database.read() as session:
        cover = (await session.exec(select(Cover))).one()
    nursery = await windows.open(size=SMALL)

    await nursery.goto(f"/c/{cover.code}")
    assert await nursery.get_by_role("status").inner_text() == "6月2日(火) 17:00から有効です"
    world.now = booking.start_at
    await nursery.reload()
    assert await nursery.get_by_role("status").inner_text() == "いま有効です"
    world.now = booking.end_at + timedelta(hours=2)
    await nursery.reload()
    assert await nursery.get_by_role("status").inner_text() == "いまは有効ではありません"

    assert cover.number in await nursery.content()
    for name in ("Alice", "Bob", "美園1-2-3"):
        assert name not in await nursery.content()
    assert await findings(nursery) == []
    assert await overflow(nursery) == 0
    await nursery.goto("/c/nothing-has-this-code")
    assert await nursery.locator("h1").inner_text() == "ページが見つかりません"
