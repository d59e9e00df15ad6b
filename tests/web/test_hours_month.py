"""Special days on a month, and one's own calendar brought in: a look first, and only then the change."""

from datetime import date
from http import HTTPStatus

import httpx
import pytest
from playwright.async_api import FilePayload

from sharecare.accounts.rules import Actor
from sharecare.availability.calendar_import import MAX_BYTES
from sharecare.availability.queries import my_hours
from web.browsing import SMALL, Site, Windows, findings, follow, overflow

EVENTS = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    b"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260602T010000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\n"
    b"SUMMARY:<script>alert(1)</script> with Hanako\r\nLOCATION:1-2-3\r\nEND:VEVENT\r\n"
    b"BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260603T010000Z\r\nRRULE:FREQ=HOURLY\r\nEND:VEVENT\r\n"
    b"END:VCALENDAR\r\n"
)


def file(data: bytes) -> FilePayload:
    return {"name": "mine.ics", "mimeType": "text/calendar", "buffer": data}


async def exceptions_of(site: Site, who: Actor) -> list[tuple[date, str, str, str, bool]]:
    async with site.runtime.database.read() as session:
        hours = await my_hours(session, by=who, now=site.world.now)
    return [(one.on_date, one.start, one.end, one.kind, one.imported) for one in hours.exceptions]


async def test_a_day_is_changed_and_changed_back_without_scripts(windows: Windows) -> None:
    dave = await windows.site.world.supporter("Dave")
    page = await windows.open(dave, scripts=False)
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    await page.goto("/hours/exceptions")
    assert await page.locator(".month td > a").count() == 30

    await follow(page.get_by_role("link", name="6月12日(金)"))
    await follow(page.get_by_role("button", name="この日は休む"))
    assert "この日は、できる時間がありません" in await page.locator("#day").inner_text()
    await follow(page.get_by_role("button", name="元に戻す"))
    await page.get_by_text("時間を決めて外す・足す").click()
    await page.get_by_label("始まり").fill("19:30")
    await page.get_by_label("終わり").fill("")
    await page.locator("form").filter(has_text="この時間を足す").evaluate("form => form.noValidate = true")
    await follow(page.get_by_role("button", name="この時間を足す"))
    assert await page.get_by_label("始まり").input_value() == "19:30"
    await page.get_by_label("終わり").fill("21:15")
    await follow(page.get_by_role("button", name="この時間を足す"))

    assert await page.locator("#day .when").inner_text() == "6:00〜21:15"
    assert await exceptions_of(windows.site, dave) == [(date(2026, 6, 12), "19:30", "21:15", "add", False)]


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_a_calendar_is_looked_at_before_it_counts(windows: Windows, language: str, *, dark: bool) -> None:
    dave = await windows.site.world.supporter("Dave")
    page = await windows.open(dave, language=language, dark=dark, size=SMALL)
    await page.goto("/hours/import")
    assert await findings(page) == []

    await page.locator("input[type=file]").set_input_files(file(EVENTS))
    await follow(page.locator("main form.card button"))
    assert "Hanako" not in await page.content()
    assert {"ja": "読み取れない予定が1件", "en": "1 entry could not be read"}[language] in await page.content()
    assert (await findings(page), await overflow(page)) == ([], 0)
    assert await exceptions_of(windows.site, dave) == []
    await follow(page.locator("main form button").first)
    assert page.url.endswith("/hours/exceptions?done=calendar_imported")
    await page.goto("/hours/exceptions?day=2026-06-02")

    assert (await findings(page), await overflow(page)) == ([], 0)
    assert await page.locator("#day .strip rect").count() == 3, "the ground, and the hours before and after"
    assert await exceptions_of(windows.site, dave) == [
        (date(2026, 6, day), "10:00", "11:00", "remove", True) for day in (2, 9)
    ]
    await page.goto("/hours/import")
    await follow(page.locator("main form[action$=confirm] button"))
    assert await exceptions_of(windows.site, dave) == []


async def test_a_bad_file_is_refused_in_words(windows: Windows) -> None:
    dave = await windows.site.world.supporter("Dave")
    page = await windows.open(dave)
    windows.expected |= {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY}
    await page.goto("/hours/import")

    for data, said in ((b"hello", "読み取れませんでした"), (b"x" * (MAX_BYTES + 1), "大きすぎます(1MBまで)")):
        await page.locator("input[type=file]").set_input_files(file(data))
        await follow(page.get_by_role("button", name="中身を確かめる"))
        assert said in await page.get_by_role("alert").inner_text()

    await page.locator("input[type=file]").set_input_files(file(EVENTS))
    await follow(page.get_by_role("button", name="中身を確かめる"))
    await page.locator("[name=busy]").evaluate("field => field.value = '2026-06-02 600 60 <b>'")
    await follow(page.get_by_role("button", name="この時間を外す"))
    assert await page.get_by_role("alert").count() == 1
    assert await exceptions_of(windows.site, dave) == []


async def test_only_this_path_takes_large_bodies(site: Site) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(base_url=site.base, headers=form) as client:
        answers = [await client.post(path, content=b"x" * 100_000) for path in ("/hours", "/hours/import/confirm")]
        large = await client.post("/hours/import", content=b"x" * MAX_BYTES)
        huge = await client.post("/hours/import", content=b"x" * (2 * MAX_BYTES))

    assert [answer.status_code for answer in (*answers, large, huge)] == [413, 413, HTTPStatus.UNAUTHORIZED, 413]
