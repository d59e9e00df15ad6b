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
    # Six families at three hours are too few for each hour: the part of the week they lie in is one, and so a sentence.
    assert await page.locator(".unmet p.quiet").all_inner_texts() == ["平日 9:00–12:00: 6時間"]
    # What is drawn has a scale of more than one step; the rest are figures.
    drawn = await page.locator("svg.chart[role=img] > title").all_text_contents()
    assert drawn == [
        "利用(送迎・託児)",
        "利用",
        "会員",
        "かなったお願い",
        "決まるまでの時間",
        "支援1,000時間あたりの事故とヒヤリハット",
    ]
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
    # Details of a week that lies in June would be those of May, when nobody was there yet.
    assert await page.locator(".panel").count() == 2
    assert "いちばん早いのは2026年6月で、2026年7月1日から見られます" in await page.locator("main").inner_text()
    await follow(page.get_by_role("link", name="四半期", exact=True))
    assert await page.locator("#period-heading").inner_text() == "2026年 第2四半期"


async def test_a_week_shows_the_details_of_the_last_month_that_was_over_with_it(june: Site, windows: Windows) -> None:
    june.world.now += timedelta(days=14)
    page = await windows.open(june.world.staff)
    await page.goto("/staff/misono?by=week&at=2026-07-06")

    assert await page.locator(".panel.care_hours header p").inner_text() == "2026年6月"
    assert (await headline(page, "uses"), await headline(page, "care_hours")) == ("0 前の期間 0", "8時間")


async def test_only_periods_with_figures_are_offered(june: Site, windows: Windows) -> None:
    # Two years of months were offered, and an arrow to the month before, of a town that began in June.
    page = await windows.open(june.world.staff)
    await page.goto("/staff/misono")

    offered = await page.locator("#from option").all_text_contents()
    steps = await page.locator(".period a").all_text_contents()
    assert (offered, steps) == (["2026年6月"], ["週", "月", "四半期"])
    assert (
        "2026年7月の数字は、その月が終わったあと、2026年8月1日から見られます。"
        in await page.locator("main").inner_text()
    )
    # Nothing before is drawn, and so nothing needs a key.
    assert await page.locator(".keys").count() == 0


@pytest.mark.parametrize(
    ("asked", "first", "instead"),
    [
        ("by=quarter&at=2026-01-01", "2026年 第2四半期で、2026年7月1日から", "2026年 第2四半期"),
        ("by=month&at=2026-03-01", "2026年6月で、2026年7月1日から", "2026年 第2四半期"),
        ("by=week&at=2026-05-20", "2026年6月1日〜2026年6月7日で、2026年6月8日から", "2026年 第2四半期"),
        ("by=custom&from=2025-01&to=2026-05", "2026年6月で、2026年7月1日から", "2026年 第2四半期"),
    ],
    ids=["quarter", "month", "week", "custom"],
)
async def test_a_period_without_figures_says_from_when_there_are_some(
    june: Site, windows: Windows, asked: str, first: str, instead: str
) -> None:
    # Thirteen cards of dashes and two empty maps stood there.
    page = await windows.open(june.world.staff, size=SMALL)
    await page.goto(f"/staff/misono?{asked}")

    assert await page.locator(".panel").count() == 0
    assert first in await page.locator(".empty p").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("link", name=f"{instead}を見る"))
    assert await page.locator("#period-heading").inner_text() == instead
    assert await headline(page, "care_hours") == "8時間"


async def test_before_the_first_day_there_are_no_periods_to_choose(site: Site, windows: Windows) -> None:
    # A town without a single day yet was led through two years of dashes.
    page = await windows.open(site.world.staff, language="en")
    await page.goto("/staff/misono")

    assert await page.locator(".empty p").last.inner_text() == (
        "There are no figures yet. They appear here once the area is active."
    )
    assert await page.locator(".period a, details.custom, .panel").count() == 0


async def test_requests_met_are_a_part_of_those_that_count(june: Site, windows: Windows) -> None:
    # Requests that were withdrawn at once made the bar of offers longer than that of the requests.
    told = Chronicle()
    for number in (50, 51):
        told.opened(number, by=9000 + number, at=MONDAY)
        told.withdrawn(number, at=MONDAY + 2 * MINUTE)
    await write(june.world.database, told)
    await rolled_up(june.world.database, now=june.world.now)
    page = await windows.open(june.world.staff)
    await page.goto("/staff/misono")

    assert await headline(page, "requests") == "15〜20"
    texts = await page.locator(".fill_rate svg text").all_text_contents()
    assert texts == ["お願い(すぐの取り下げを除く)", "14", "手があがった", "8〜14", "決まった", "8"]
    widths = [
        (await bar.get_attribute("class"), await bar.get_attribute("width"))
        for bar in await page.locator(".fill_rate rect:not(.track)").all()
    ]
    assert widths == [("now", "300.0"), ("now range", "300.0"), ("now", "171.4"), ("now", "171.4")]
    assert await page.locator(".keys").text_content() == " この期間\n はばで示す数字\n"


async def test_blocks_and_cells_hold_their_numbers(june: Site, windows: Windows) -> None:
    # A block or a square without number or scale said nothing.
    told = Chronicle()
    for number in range(60, 66):
        start = MONDAY + 5 * DAY + HOUR
        told.opened(number, by=9000 + number, at=MONDAY, start=start, hours=2, cell=CELL + 10)
    await write(june.world.database, told)
    await rolled_up(june.world.database, now=june.world.now)
    page = await windows.open(june.world.staff, scripts=False)
    await page.goto("/staff/misono")

    assert await page.locator(".unmet svg text.in").all_text_contents() == ["6", "6", "6"]
    assert "色が目立つほど" in await page.locator(".unmet").inner_text()
    assert await page.locator(".unmet_cells svg[role=img] text").all_text_contents() == ["6時間", "12時間"]
    assert await page.locator(".unmet_cells .chip").inner_text() == "少ない → 多い(最大 12時間)"


async def test_a_period_that_is_not_over_or_makes_no_sense_is_the_last_month(june: Site, windows: Windows) -> None:
    page = await windows.open(june.world.staff)

    for asked in ("by=month&at=2026-07-01", "by=month&at=0001-01-01", "by=never&at=x", "by=custom"):
        await page.goto(f"/staff/misono?{asked}")

        assert await page.locator("#period-heading").inner_text() == "2026年6月", asked


async def test_months_can_be_chosen(june: Site, windows: Windows) -> None:
    june.world.now += timedelta(days=31)
    page = await windows.open(june.world.staff)
    await page.goto("/staff/misono")

    await page.get_by_text("期間を選ぶ").click()
    await page.get_by_label("はじめの月").select_option("2026-06")
    await follow(page.get_by_role("button", name="見る"))

    assert await page.locator("#period-heading").inner_text() == "2026年6月〜2026年7月"
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
