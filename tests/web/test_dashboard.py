"""The staff's dashboard: seen at a glance, with a table and a file behind every chart."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from playwright.async_api import Page

from metrics.chronicle import CELL, DAY, HOUR, MINUTE, MONDAY, Chronicle, rolled_up, write
from sharecare.areas.rules import GoalMetric
from sharecare.areas.schemas import GoalDraft
from sharecare.areas.service import set_goal
from sharecare.journal.rules import FactKind
from web.browsing import DESK, SMALL, Site, Windows, findings, follow, overflow

CHARTS = (
    "uses",
    "members",
    "coverage",
    "safety",
    "fill_rate",
    "waiting",
    "unmet",
    "requests",
    "care_hours",
    "trust",
    "levels",
)


@pytest.fixture
async def june(site: Site) -> Site:
    """Live through a June in which eight families were helped and six were not, looked at in July."""
    told = Chronicle()
    for number in range(8):
        told.joined(9000 + number)
        told.joined(9500 + number, supporter=True)
        told.use(number, requester=9000 + number, by=9500 + number, at=MONDAY + number * HOUR)
    for number in range(8, 14):
        start = MONDAY + DAY + number % 3 * HOUR
        told.opened(number, by=9000 + number, at=MONDAY + number * MINUTE, start=start, cell=CELL)
    for number in range(6):
        told.add(FactKind.NEAR_MISS_REPORTED, MONDAY + DAY, person_id=9500 + number, request_id=number)
    told.add(FactKind.INCIDENT_REPORTED, MONDAY + DAY, person_id=9500, request_id=0)
    site.world.now += timedelta(days=31)
    await write(site.world.database, told)
    await rolled_up(site.world.database, now=site.world.now)
    goal = GoalDraft(metric=GoalMetric.USES, target=10, from_date=MONDAY.date(), until_date=MONDAY.date() + 60 * DAY)
    area = site.world.area_id
    await site.world.database.write(
        lambda session: set_goal(session, area_id=area, draft=goal, by_person_id=None, now=site.world.now)
    )
    return site


async def headline(page: Page, panel: str) -> str:
    return (await page.locator(f".panel.{panel} .big").inner_text()).replace("\n", " ")


async def test_staff_see_the_month_that_is_over(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff, size=SMALL)

    await page.goto("/staff")

    assert page.url.endswith("/staff/misono")
    assert await page.locator("#period-heading").inner_text() == "2026年6月"
    shown = {panel: await headline(page, panel) for panel in ("uses", "coverage", "fill_rate", "unmet")}
    assert shown == {"uses": "8", "coverage": "100%", "fill_rate": "57%", "unmet": "6時間"}
    assert await page.locator(".goals .big").inner_text() == "8\n/ 10"
    # Six families at three hours are too few for each hour: the part of the week they lie in is one block.
    assert await page.locator(".unmet rect title").all_text_contents() == ["平日 9:00–12:00: 6時間"]
    assert await page.locator("svg.chart[role=img] > title").count() == len(CHARTS) + 1
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_every_chart_has_its_figures_as_table_and_file(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff, language="en", size=DESK, dark=True)
    await page.goto("/staff/misono?by=month&at=2026-06-01")

    files = {
        name: await (await page.request.get(f"/staff/misono/figures/{name}.csv?by=month&at=2026-06-01")).text()
        for name in (*CHARTS, "goals")
    }
    await page.locator(".panel.care_hours summary").focus()
    await page.keyboard.press("Enter")

    assert await page.locator(".panel.care_hours tbody").inner_text() == "Jun 2026\t8\t8"
    assert files["care_hours"].splitlines() == ["\ufeffMonth,At least,At most", "Jun 2026,8,8"]
    assert files["unmet"].splitlines()[1:] == ["Weekdays 9:00–12:00,6"]
    assert files["goals"].splitlines()[1].startswith("Uses,10,8,")
    assert all(len(text.splitlines()) > 1 for name, text in files.items() if name != "levels"), files
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_safety_is_told_per_thousand_hours_and_one_familys_accident_to_nobody(
    june: Site, windows: Windows
) -> None:
    page = await windows.open(june.world.staff, size=SMALL)
    await page.goto("/staff/misono")
    file = await page.request.get("/staff/misono/figures/safety.csv?by=month&at=2026-06-01")

    assert (await headline(page, "safety")) == "–"
    assert "5家族より少ない" in await page.locator(".panel.safety").inner_text()
    assert (await file.text()).splitlines()[1:] == ["ヒヤリハット,750,750", "事故,,", "保険の請求,0,0"]


async def test_a_week_tells_totals_and_nothing_finer(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff, scripts=False)
    await page.goto("/staff/misono?by=week&at=2026-06-02")

    assert await page.locator("#period-heading").inner_text() == "2026年6月1日〜2026年6月7日"
    assert await headline(page, "uses") == "8"
    # Details of a week that lies in June are those of May, the last month that was over with it.
    assert await page.locator(".panel.care_hours header p").inner_text() == "2026年5月"
    assert await headline(page, "care_hours") == "–"
    await follow(page.get_by_role("link", name="四半期", exact=True))
    assert await page.locator("#period-heading").inner_text() == "2026年 第2四半期"


async def test_a_period_that_is_not_over_or_makes_no_sense_is_the_last_month(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff)

    for asked in ("by=month&at=2026-07-01", "by=month&at=0001-01-01", "by=never&at=x", "by=custom"):
        await page.goto(f"/staff/misono?{asked}")

        assert await page.locator("#period-heading").inner_text() == "2026年6月", asked


async def test_months_can_be_chosen(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff)
    await page.goto("/staff/misono")

    await page.get_by_text("期間を選ぶ").click()
    await page.get_by_label("はじめの月").select_option("2026-04")
    await follow(page.get_by_role("button", name="見る"))

    assert await page.locator("#period-heading").inner_text() == "2026年4月〜2026年6月"
    assert await headline(page, "care_hours") == "8時間"


async def test_nobody_else_sees_the_dashboard(june: Site, windows: Windows) -> None:
    windows.expected |= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    charlie = (await june.world.family("Charlie")).actor
    stranger, staff = await windows.open(charlie), await windows.open(june.world.staff)

    answers = [
        (await stranger.goto(path), await staff.goto(path.replace("misono", "elsewhere")))
        for path in ("/staff/misono", "/staff/misono/figures/uses.csv")
    ]

    statuses = [(one.status, other.status) for one, other in answers if one is not None and other is not None]
    assert statuses == [(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)] * 2
