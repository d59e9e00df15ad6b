"""A supporter's year: what was given, to whom, and the thanks for it."""

from datetime import timedelta
from http import HTTPStatus

from care.steps import begin, book, finish
from sharecare.care.booking_schemas import Settlement
from sharecare.care.care_day import record_thanks
from web.browsing import SMALL, Windows, findings, follow, overflow

INJECTED = '<script>alert("x")</script>'


async def test_the_year_counts_what_was_really_given(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice", children=2), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    booking = await begin(world, alice, bob)
    world.now = booking.end_at - timedelta(minutes=30)
    await finish(world, bob, booking)
    paid = Settlement.model_validate({"lines": [{"kind": "thanks", "yen": 1200, "note": INJECTED}]})
    await world.do(lambda s: record_thanks(s, by=alice.actor, booking_id=booking.id, settlement=paid, now=world.now))
    await book(world, alice, bob, start_at=world.now + timedelta(days=1), end_at=world.now + timedelta(days=1, hours=1))

    page = await windows.open(bob, size=SMALL)
    await page.goto("/supporter/year")

    figures = await page.locator(".figures dd").all_inner_texts()
    assert figures == ["1回", "1.5時間", "1家庭", "2人", "1,200円"]
    assert await page.locator(".bars rect").nth(5).get_attribute("height") == "100"
    assert await page.locator(".thanked").inner_text() == INJECTED
    assert await page.get_by_role("button", name="印刷する").is_visible()
    assert await findings(page) == []
    assert await overflow(page) == 0


async def test_a_year_belongs_to_its_supporter(windows: Windows) -> None:
    charlie = await windows.site.world.supporter("Charlie")
    page = await windows.open(charlie, language="en", dark=True, scripts=False)
    windows.expected.add(HTTPStatus.NOT_FOUND)
    await page.goto("/supporter/year")
    assert "Nothing yet in this year." in await page.locator("main").inner_text()

    await follow(page.get_by_role("link", name="2025"))
    assert await page.locator("h1").inner_text() == "Your year 2025"
    answer = await page.goto("/supporter/year?year=2027")

    assert answer is not None
    assert answer.status == HTTPStatus.NOT_FOUND
