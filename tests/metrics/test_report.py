"""What each audience is told of an area's month."""

from datetime import date
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from metrics.chronicle import (
    CELL,
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    Chronicle,
    add_areas,
    rolled_up,
    write,
)
from sharecare.areas.models import Area, Goal
from sharecare.areas.rules import GoalMetric
from sharecare.db import Database
from sharecare.journal.rules import FactKind
from sharecare.metrics.report import pace, report, roll_ups
from sharecare.metrics.schemas import AreaReport, Audience, GoalProgress

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
OTHER_CELL = CELL + 1
LATER = MONDAY + 8 * DAY


@pytest.fixture
async def area(database: Database) -> Area:
    return (await add_areas(database, "misono"))[0]


async def told(
    database: Database, area: Area, chronicle: Chronicle, audience: Audience, days: tuple[date, date] = JUNE
) -> AreaReport:
    await write(database, chronicle)
    await rolled_up(database, now=LATER)
    async with database.read() as session:
        return await report(session, area=area, first_day=days[0], last_day=days[1], audience=audience)


def exact(found: AreaReport) -> dict[str, float]:
    return {one.name: one.value for one in found.figures if one.value is not None}


def ranges(found: AreaReport) -> dict[str, tuple[float | None, float | None]]:
    return {one.name: (one.at_least, one.at_most) for one in found.figures if one.at_least is not None}


def withheld(found: AreaReport) -> set[str]:
    return {one.name for one in found.figures if one.withheld}


def groups(found: AreaReport, name: str) -> dict[str, float]:
    return {group.label: group.value for one in found.breakdowns if one.name == name for group in one.groups}


def a_town(families: int, supporters: int) -> Chronicle:
    """Members with one use each: the supporters in turn, all of it covered."""
    chronicle = Chronicle()
    for number in range(families):
        chronicle.joined(100 + number)
    for number in range(supporters):
        chronicle.joined(900 + number, supporter=True)
    for number in range(families):
        chronicle.use(number, requester=100 + number, by=900 + number % supporters, at=MONDAY + number * MINUTE)
    return chronicle


async def test_the_operator_sees_every_figure_exactly(database: Database, area: Area) -> None:
    chronicle = a_town(3, 2)
    chronicle.opened(7, by=100, at=MONDAY + HOUR, hours=1.5)
    chronicle.opened(8, by=101, at=MONDAY + HOUR)
    chronicle.withdrawn(8, at=MONDAY + HOUR + 5 * MINUTE)
    chronicle.use(9, requester=102, by=900, kind="own_home", gap=5, home=2)
    for other in (101, 102, 900):
        chronicle.befriended(100, other)
    for kind in (FactKind.NEAR_MISS_REPORTED, FactKind.NEAR_MISS_REPORTED, FactKind.INCIDENT_REPORTED):
        chronicle.add(kind, MONDAY + DAY, person_id=900, request_id=9)
    found = await told(database, area, chronicle, Audience.OPERATOR)

    assert (withheld(found), ranges(found)) == (set(), {})
    assert exact(found) == {
        "members": 5,
        "requesters": 3,
        "supporters": 2,
        "active_members": 5,
        "active_share": 1,
        "requests": 6,
        "requests_counted": 5,
        "matched": 4,
        "filled": 4,
        "fill_rate": 0.8,
        "minutes_to_offer_median": 5,
        "minutes_to_offer_p90": 5,
        "minutes_to_booking_median": 10,
        "minutes_to_booking_p90": 10,
        "uses": 4,
        "care_hours": 4,
        "coverage": 0.75,
        "gap_minutes": 5,
        "near_misses_per_1000_hours": 500,
        "incidents_per_1000_hours": 250,
        "claims_per_1000_hours": 0,
        "cross_area_share": 0.25,
        "offered_hours": 0,
        "booked_hours": 0,
        "friends_mean": 6 / 5,
        "well_tied_share": 0.2,
        "unmet_hours": 1.5,
    }
    assert groups(found, "uses_by_kind") == {"care": 1, "pickup": 3}
    assert groups(found, "care_hours_by_kind") == {"care": 1, "pickup": 3}
    assert groups(found, "supporters_by_level") == {"registered": 2}
    assert groups(found, "unmet_hours_by_cell") == {str(CELL): 1.5}
    assert groups(found, "unmet_hours_by_time") == {"tue 10-11": 1, "tue 11-12": 0.5}


async def test_shares_of_nothing_are_undefined(database: Database, area: Area) -> None:
    found = await told(database, area, Chronicle(), Audience.OPERATOR)

    undefined = {one.name for one in found.figures if one.value is None}
    assert undefined == {
        "active_share",
        "fill_rate",
        "minutes_to_offer_median",
        "minutes_to_offer_p90",
        "minutes_to_booking_median",
        "minutes_to_booking_p90",
        "coverage",
        "near_misses_per_1000_hours",
        "incidents_per_1000_hours",
        "claims_per_1000_hours",
        "cross_area_share",
        "utilisation",
        "friends_mean",
        "well_tied_share",
    }
    assert withheld(found) == set()


async def test_a_period_holds_its_first_and_its_last_day(database: Database, area: Area) -> None:
    chronicle = Chronicle()
    for day in range(4):
        chronicle.opened(day, by=day + 1, at=MONDAY + day * DAY)
    days = (date(2026, 6, 2), date(2026, 6, 3))

    assert exact(await told(database, area, chronicle, Audience.OPERATOR, days))["requests"] == 2


async def test_members_who_left_since_are_not_active_members(database: Database, area: Area) -> None:
    chronicle = a_town(2, 1)
    chronicle.add(FactKind.PERSON_LEFT, MONDAY + 5 * DAY, person_id=100)
    found = exact(await told(database, area, chronicle, Audience.OPERATOR))

    assert (found["members"], found["active_members"], found["active_share"]) == (2, 2, 1)


async def test_the_public_sees_totals_only_behind_which_stand_enough(database: Database, area: Area) -> None:
    found = await told(database, area, a_town(12, 10), Audience.PUBLIC)

    assert exact(found) == {"members": 22, "fill_rate": 1, "uses": 12, "care_hours": 12, "coverage": 1}
    assert (found.k, found.breakdowns, found.goals) == (10, [], [])


@pytest.mark.parametrize(("families", "supporters"), [(9, 9), (12, 9)])
async def test_the_public_sees_nothing_of_few_families_or_few_supporters(
    database: Database, area: Area, families: int, supporters: int
) -> None:
    found = await told(database, area, a_town(families, supporters), Audience.PUBLIC)

    assert exact(found) == {}
    assert withheld(found) == {"members", "fill_rate", "uses", "care_hours", "coverage"}


async def test_the_public_sees_no_zero_that_would_tell_of_an_empty_month(database: Database, area: Area) -> None:
    found = await told(database, area, Chronicle(), Audience.PUBLIC)

    assert withheld(found) == {"members", "fill_rate", "uses", "care_hours", "coverage"}


async def test_staff_see_the_totals_behind_their_goals_however_small(database: Database, area: Area) -> None:
    found = await told(database, area, a_town(3, 1), Audience.STAFF)

    assert (exact(found)["members"], exact(found)["uses"]) == (4, 3)
    assert withheld(found) >= {"care_hours", "coverage", "fill_rate", "requests", "matched"}


async def test_one_gap_among_many_uses_is_told_as_a_range(database: Database, area: Area) -> None:
    chronicle = a_town(20, 8)
    chronicle.joined(500)
    chronicle.use(50, requester=500, by=900, gap=7)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert ranges(found)["coverage"] == (15 / 21, 20 / 21)
    assert "gap_minutes" in withheld(found)


async def test_requests_withdrawn_early_by_few_are_no_difference_of_two_figures(database: Database, area: Area) -> None:
    chronicle = a_town(8, 6)
    chronicle.opened(50, by=100, at=MONDAY + HOUR)
    chronicle.withdrawn(50, at=MONDAY + HOUR + MINUTE)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert exact(found)["requests_counted"] == 8
    assert ranges(found)["requests"] == (9, 14)
    assert ranges(found)["matched"] == (8, 14)


async def test_incidents_of_few_families_are_withheld_from_the_report_and_those_of_many_are_told(
    database: Database, area: Area
) -> None:
    chronicle = a_town(8, 8)
    for number in range(8):
        chronicle.add(FactKind.NEAR_MISS_REPORTED, MONDAY + DAY, person_id=900 + number, request_id=number)
    chronicle.add(FactKind.INCIDENT_REPORTED, MONDAY + DAY, person_id=900, request_id=1)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert exact(found)["near_misses_per_1000_hours"] == 1000
    assert exact(found)["claims_per_1000_hours"] == 0
    assert "incidents_per_1000_hours" in withheld(found)


async def test_unmet_need_of_few_families_is_shown_by_a_larger_cell(database: Database, area: Area) -> None:
    chronicle = Chronicle()
    for number in range(9):
        cell = CELL if number < 6 else OTHER_CELL
        chronicle.opened(number, by=number, at=MONDAY, start=MONDAY + DAY + number % 4 * HOUR, cell=cell)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert groups(found, "unmet_hours_by_cell") == {str(CELL)[:8]: 9}
    assert groups(found, "unmet_hours_by_time") == {"all": 9}
    assert exact(found)["unmet_hours"] == 9


async def test_unmet_need_of_very_few_families_is_withheld(database: Database, area: Area) -> None:
    chronicle = Chronicle()
    for number in range(12):
        chronicle.opened(number, by=number % 4, at=MONDAY)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert {one.name for one in found.breakdowns if one.withheld} == {"unmet_hours_by_cell", "unmet_hours_by_time"}
    assert "unmet_hours" in withheld(found)


async def test_a_goal_of_certified_supporters_tells_nothing_of_the_few_who_are_not(
    database: Database, area: Area
) -> None:
    chronicle = a_town(10, 2)
    await set_goals(database, Goal(area_id=area.id, metric="certified_supporters", target=9, **span_of_june()))
    found = await told(database, area, chronicle, Audience.STAFF)

    assert [(goal.metric, goal.result) for goal in found.goals] == [(GoalMetric.CERTIFIED_SUPPORTERS, 0)]
    assert "supporters" in withheld(found)
    assert groups(found, "supporters_by_level") == {}
    assert groups(found, "supporters_by_cell") == {}


async def test_supporters_are_shown_by_a_cell_in_which_enough_live(database: Database, area: Area) -> None:
    chronicle = a_town(6, 11)
    for number in range(11):
        cell = CELL if number < 6 else OTHER_CELL + 10
        home = {"household_id": 900 + number}
        chronicle.add(FactKind.HOME_MOVED, MONDAY, person_id=900 + number, cell=cell, data=home)
    found = await told(database, area, chronicle, Audience.STAFF)

    assert groups(found, "supporters_by_cell") == {str(CELL): 6, str(OTHER_CELL + 10): 5}


async def test_goals_tell_their_result_and_the_pace_they_need(database: Database, area: Area) -> None:
    await set_goals(
        database,
        Goal(area_id=area.id, metric="uses", target=100, from_date=date(2026, 6, 2), until_date=date(2026, 7, 7)),
        Goal(area_id=area.id, metric="members", target=4, from_date=date(2026, 4, 1), until_date=date(2026, 6, 30)),
    )
    found = await told(database, area, a_town(3, 1), Audience.STAFF, (date(2026, 6, 8), date(2026, 6, 30)))

    assert (found.as_of, exact(found)["uses"]) == (LATER.date(), 0)
    assert found.goals == [
        GoalProgress(
            metric=GoalMetric.MEMBERS,
            target=4,
            result=4,
            from_date=date(2026, 4, 1),
            until_date=date(2026, 6, 30),
            pace_per_week=0,
        ),
        GoalProgress(
            metric=GoalMetric.USES,
            target=100,
            result=3,
            from_date=date(2026, 6, 2),
            until_date=date(2026, 7, 7),
            pace_per_week=97 / 4,
        ),
    ]


@pytest.mark.parametrize(
    ("missing", "days_left", "expected"), [(10, 7, 10), (10, 14, 5), (0, 0, 0), (-3, 7, 0), (1, 0, None), (1, -5, None)]
)
def test_pace_is_what_each_week_must_add(missing: int, days_left: int, expected: float | None) -> None:
    assert pace(missing, days_left) == expected


async def set_goals(database: Database, *goals: Goal) -> None:
    async def work(session: AsyncSession) -> None:
        session.add_all(goals)

    await database.write(work)


def span_of_june() -> dict[str, Any]:
    return {"from_date": JUNE[0], "until_date": JUNE[1]}


async def test_the_first_day_is_known_wherever_the_looking_begins(database: Database, area: Area) -> None:
    await write(database, a_town(2, 1))
    await rolled_up(database, now=MONDAY + 60 * DAY)

    async def since(first: date) -> date | None:
        async with database.read() as session:
            return (await roll_ups(session, area=area, first_day=first, last_day=date(2026, 7, 31))).since

    assert [await since(date(2026, month, 1)) for month in (1, 6, 7)] == [MONDAY.date()] * 3
