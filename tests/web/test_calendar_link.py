"""One's plans in a calendar app: times and kinds, nobody's name, and closed at once."""

from http import HTTPStatus

import httpx
from icalendar import Calendar

from care.steps import ask, book, cancel
from sharecare.registration.service import suspend
from web.browsing import SMALL, Site, Windows, findings, follow, overflow


async def fetched(site: Site, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=site.base) as app:
        return await app.get(path)


async def test_the_link_shows_both_roles_names_nobody_and_closes_at_once(windows: Windows) -> None:
    site, world = windows.site, windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    booking = await book(world, alice, bob)
    paths = []
    for who, language in ((alice.actor, "ja"), (bob, "en")):
        page = await windows.open(who, language=language, dark=language == "en", size=SMALL, scripts=language == "en")
        await page.goto("/supports/calendar")
        await follow(page.locator("main form button"))
        paths.append("/calendar/" + (await page.locator("#address").input_value()).rpartition("/")[2])
        if language == "en":
            assert await findings(page) == []
            assert await overflow(page) == 0

    answers = [await fetched(site, path) for path in paths]

    told = [next(iter(Calendar.from_ical(answer.text).walk("VEVENT"))) for answer in answers]
    assert [str(event["SUMMARY"]) for event in told] == [
        "ShareCare お願い: 依頼者宅での預かり",
        "ShareCare 手伝う: 依頼者宅での預かり",
    ]
    assert all(event.decoded("DTSTART") == booking.start_at for event in told)
    for answer in answers:
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert not any(private in answer.text for private in ("Alice", "Bob", "美園", "090", "卵"))

    await cancel(world, bob, booking)
    await follow(page.get_by_role("button", name="Make a new one"))
    assert (await fetched(site, paths[1])).status_code == HTTPStatus.NOT_FOUND
    fresh = "/calendar/" + (await page.locator("#address").input_value()).rpartition("/")[2]
    assert "STATUS:CANCELLED" in (await fetched(site, fresh)).text
    await follow(page.get_by_role("button", name="Close it"))
    assert (await fetched(site, fresh)).status_code == HTTPStatus.NOT_FOUND
    assert (await fetched(site, paths[0])).status_code == HTTPStatus.OK


async def test_nobody_else_reads_it(windows: Windows) -> None:
    site, world = windows.site, windows.site.world
    alice = await world.family("Alice")
    await ask(world, alice)
    page = await windows.open(alice.actor)
    await page.goto("/supports/calendar")
    await follow(page.locator("main form button"))
    path = "/calendar/" + (await page.locator("#address").input_value()).rpartition("/")[2]

    assert "VEVENT" not in (await fetched(site, path)).text, "a request is no plan yet"
    assert (await fetched(site, "/calendar/guess.ics")).status_code == HTTPStatus.NOT_FOUND
    await world.do(
        lambda s: suspend(s, by=world.staff, person_id=alice.actor.person_id, reason="確認のため", now=world.now)
    )
    assert (await fetched(site, path)).status_code == HTTPStatus.NOT_FOUND
