"""The painted week: by mouse, finger and keys, and row by row without any script."""

from http import HTTPStatus

import pytest
from playwright.async_api import Page

from sharecare.accounts.rules import Actor
from sharecare.availability.queries import my_hours
from sharecare.availability.rules import MOST_ROWS
from sharecare.availability.schemas import WeeklyDraft
from sharecare.availability.service import set_weekly_hours
from web.browsing import DESK, SMALL, Site, Windows, findings, follow, overflow

EVENING = WeeklyDraft(weekday=0, start="17:10", end="19:00")  # Mondays, from ten past
NIGHT = WeeklyDraft(weekday=5, start="22:00", end="02:00")
SUMMER = WeeklyDraft(weekday=2, start="09:00", end="12:00", from_date="2026-07-01", until_date="2026-08-31")


async def dave(site: Site, *weekly: WeeklyDraft) -> Actor:
    """Make a supporter who offers just these hours."""
    world = site.world
    who = await world.supporter("Dave")
    rows = [row.row() for row in weekly]
    await world.do(lambda session: set_weekly_hours(session, by=who, weekly=rows, now=world.now))
    return who


async def weekly_of(site: Site, who: Actor) -> list[WeeklyDraft]:
    async with site.runtime.database.read() as session:
        return (await my_hours(session, by=who, now=site.world.now)).weekly


async def middle(page: Page, name: str) -> tuple[float, float]:
    box = await page.locator(f'[data-cell="{name}"]').bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def into_view(page: Page, name: str) -> None:
    await page.locator(f'[data-cell="{name}"]').evaluate("cell => cell.scrollIntoView({ block: 'center' })")


async def drag(page: Page, start: str, end: str) -> None:
    await into_view(page, start)
    await page.mouse.move(*await middle(page, start))
    await page.mouse.down()
    await page.mouse.move(*await middle(page, end), steps=4)
    await page.mouse.up()


async def test_painting_with_a_mouse_keeps_what_was_not_touched(windows: Windows) -> None:
    who = await dave(windows.site, EVENING, NIGHT, SUMMER)
    page = await windows.open(who, size=DESK)
    await page.goto("/hours")

    await drag(page, "0-36", "2-37")  # Mondays hold 18:00 already, so this stroke wipes
    await drag(page, "1-18", "3-19")
    await drag(page, "6-20", "6-20")
    await drag(page, "6-20", "6-20")  # painted and wiped again: no change
    assert await page.locator("[data-changed]").count() == 2 + 6
    await follow(page.get_by_role("button", name="この時間で保存する"))

    assert page.url.endswith("/hours?done=hours_saved")
    assert await weekly_of(windows.site, who) == [
        WeeklyDraft(weekday=0, start="17:10", end="18:00"),
        WeeklyDraft(weekday=1, start="09:00", end="10:00"),
        WeeklyDraft(weekday=2, start="09:00", end="10:00"),
        SUMMER,
        WeeklyDraft(weekday=3, start="09:00", end="10:00"),
        NIGHT,
    ]


async def test_painting_with_a_finger(windows: Windows) -> None:
    who = await dave(windows.site)
    page = await windows.open(who)
    await page.goto("/hours")
    await into_view(page, "1-20")
    finger = await page.context.new_cdp_session(page)
    await finger.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    for kind, name in (("touchStart", "1-20"), ("touchMove", "1-22"), ("touchMove", "2-23"), ("touchEnd", "")):
        x, y = await middle(page, name) if name else (0, 0)
        points = [{"x": x, "y": y}] if name else []
        await finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await follow(page.get_by_role("button", name="この時間で保存する"))

    assert await weekly_of(windows.site, who) == [
        WeeklyDraft(weekday=1, start="10:00", end="12:00"),
        WeeklyDraft(weekday=2, start="10:00", end="12:00"),
    ]


async def test_painting_by_keyboard_only(windows: Windows) -> None:
    who = await dave(windows.site)
    page = await windows.open(who, language="en", size=DESK)
    await page.goto("/hours")
    await page.keyboard.press("Tab")
    while await page.evaluate("document.activeElement.role") != "gridcell":
        await page.keyboard.press("Tab")

    for key in ("ArrowRight", "ArrowDown", "Space", "Shift+ArrowDown", "Shift+ArrowRight", "End", "Enter"):
        await page.keyboard.press(key)

    assert await page.evaluate("document.activeElement.ariaLabel") == "Sunday 07:00–07:30 free"
    assert "Not saved yet." in await page.get_by_role("status").inner_text()
    while await page.evaluate("document.activeElement.innerText") != "Save these hours":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/hours?done=hours_saved")
    assert await weekly_of(windows.site, who) == [
        WeeklyDraft(weekday=1, start="06:30", end="07:30"),
        WeeklyDraft(weekday=2, start="06:30", end="07:30"),
        WeeklyDraft(weekday=6, start="07:00", end="07:30"),
    ]


async def test_every_act_works_without_scripts(windows: Windows) -> None:
    who = await dave(windows.site, EVENING)
    page = await windows.open(who, scripts=False)
    await page.goto("/hours")

    await page.get_by_text("時間を足す").first.click()
    await page.get_by_label("木", exact=True).check()
    await page.get_by_label("土", exact=True).check()
    await page.get_by_label("始まり").fill("22:15")
    await page.get_by_label("終わり").fill("01:00")
    await page.get_by_text("期間を決める").click()
    await page.get_by_label("この日から").fill("2026-09-01")
    await page.get_by_label("この日まで").fill("2026-08-01")
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    await follow(page.get_by_role("button", name="時間を足す"))
    assert await page.locator("#until_date-problem").inner_text() == "終わりの日は、始まりの日以降にしてください。"
    assert await page.get_by_label("始まり").input_value() == "22:15"
    await page.get_by_label("この日まで").fill("")
    await follow(page.get_by_role("button", name="時間を足す"))
    await follow(page.get_by_role("button", name="月曜日 17:10〜19:00 を消す"))
    await follow(page.get_by_role("link", name="早朝と夜も表示する"))

    assert await page.locator("tr[data-edge]:not([hidden])").count() == 48 - 28
    nights = {"start": "22:15", "end": "01:00", "from_date": "2026-09-01"}
    assert await weekly_of(windows.site, who) == [
        WeeklyDraft.model_validate({"weekday": 3, **nights}),
        WeeklyDraft.model_validate({"weekday": 5, **nights}),
    ]


async def test_a_refusal_keeps_what_was_painted(windows: Windows) -> None:
    many = [SUMMER.model_copy(update={"start": f"09:{n % 60:02}", "weekday": n // 60}) for n in range(MOST_ROWS)]
    who = await dave(windows.site, *many)
    page = await windows.open(who)
    windows.expected.add(HTTPStatus.CONFLICT)
    await page.goto("/hours")

    await page.locator('[data-cell="4-20"]').click()
    await follow(page.get_by_role("button", name="この時間で保存する"))

    assert "200件まで" in await page.get_by_role("alert").inner_text()
    assert await page.locator("[data-changed]").get_attribute("data-cell") == "4-20"


async def test_what_no_page_of_ours_sends_is_refused(windows: Windows) -> None:
    who = await dave(windows.site, EVENING)
    page = await windows.open(who)
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    await page.goto("/hours")

    await page.evaluate("document.querySelector('.save').elements.add.value = '7-48 <script>alert(1)</script>'")
    await follow(page.get_by_role("button", name="この時間で保存する"))

    assert await page.get_by_role("alert").count() == 1
    assert await weekly_of(windows.site, who) == [EVENING]


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_anyone_can_use_the_week(windows: Windows, language: str, *, dark: bool) -> None:
    who = await dave(windows.site, EVENING, NIGHT, SUMMER)
    page = await windows.open(who, language=language, size=SMALL, dark=dark)

    await page.goto("/hours")

    assert await page.locator('[data-cell="5-46"]').is_visible(), "the night is shown where there is one"
    assert await findings(page) == []
    assert await overflow(page) == 0


async def test_only_supporters_have_hours(windows: Windows) -> None:
    alice = await windows.site.world.family("Alice")
    page = await windows.open(alice.actor)
    windows.expected.add(HTTPStatus.FORBIDDEN)

    answer = await page.goto("/hours")

    assert answer is not None
    assert answer.status == HTTPStatus.FORBIDDEN
