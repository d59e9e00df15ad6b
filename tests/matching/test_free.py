from dataclasses import replace
from zoneinfo import available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.reference import is_free
from matching.worlds import Scene, minutes
from sharecare.geo import MeshLevel, cell_of
from sharecare.matching import Circle, Kind, MatchingIndex, Query, Supporter, WeeklyHours

ZONES = sorted(available_timezones() - {"localtime"})
HERE = cell_of(35.87, 139.72)


def somebody(zone: str, *weekly: WeeklyHours) -> Supporter:
    return Supporter(1, 1, HERE, 3000.0, 1, 0, 144, zone, weekly=weekly)


def free(supporter: Supporter, start: int, end: int) -> int:
    index = MatchingIndex()
    index.put(supporter)
    query = Query(2, 2, HERE, start, end, Kind.PICKUP, 12, 12, circle=Circle.ANYONE)
    (fact,) = index.explain(query, [1])
    return fact.free_minutes


def minutes_free(index: MatchingIndex, person_ids: list[int], start: int, end: int) -> list[list[int]]:
    """List the minutes of a window in which each of some supporters is free."""
    query = Query(9, 9, HERE, start, end, Kind.PICKUP, 12, 12, circle=Circle.ANYONE, buffer_min=10)
    return [
        [start + minute for low, high in spans for minute in range(low, high)]
        for spans in index.free_spans(query, person_ids)
    ]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), st.integers(1, 1440), st.data())
def test_stretches_are_the_free_minutes_themselves(zone: str, length: int, data: st.DataObject) -> None:
    start = minutes(2026, 6, 1)
    scene = Scene(start, (0.0, 0.0), [MeshLevel.HALF], 1, data.draw(st.integers(0, 2**32)))
    index, supporters = MatchingIndex(), []
    for person_id in (1, 2, 3):
        hours = data.draw(st.lists(st.integers(-1, 24), max_size=3))
        busy = tuple((start + 60 * at, start + 60 * at + 45) for at in hours)
        one = somebody(zone, *(scene.weekly() for _ in range(4)))
        supporters.append(replace(one, person_id=person_id, household_id=person_id, busy=busy))
        index.put(supporters[-1])

    found = minutes_free(index, [1, 2, 3], start, start + length)

    window = range(start, start + length)
    assert found == [[minute for minute in window if is_free(one, minute, 10)] for one in supporters]


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(ZONES), st.integers(minutes(1990, 1, 1), minutes(2037, 1, 1)), st.integers(1, 2 * 1440), st.data()
)
def test_hours_in_every_zone_agree_with_its_wall_clock(zone: str, start: int, length: int, data: st.DataObject) -> None:
    scene = Scene(start, (0.0, 0.0), [MeshLevel.HALF], 1, data.draw(st.integers(0, 2**32)))
    supporter = somebody(zone, *(scene.weekly() for _ in range(4)))
    expected = sum(is_free(supporter, minute, 0) for minute in range(start, start + length))
    assert free(supporter, start, start + length) == expected


NIGHT = [WeeklyHours(weekday, 60, 210) for weekday in range(7)]  # 01:00 to 03:30


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", (2026, 3, 8, 5), 90),  # 02:00 to 03:00 is skipped
        ("America/New_York", (2026, 11, 1, 4), 210),  # 01:00 to 02:00 comes twice
        ("Australia/Lord_Howe", (2026, 10, 3, 13, 30), 120),  # half an hour is skipped
        ("Australia/Lord_Howe", (2026, 4, 4, 13), 180),  # half an hour comes twice
        ("Asia/Tokyo", (2026, 3, 7, 15), 150),
    ],
)
def test_gap_offers_nothing_and_fold_both_passes(zone: str, day: tuple[int, ...], hours: int) -> None:
    midnight = minutes(*day)
    assert free(somebody(zone, *NIGHT), midnight, midnight + 600) == hours


def test_hours_belong_to_the_date_they_start_on() -> None:
    monday = minutes(2026, 6, 1) // 1440
    late = WeeklyHours(0, 22 * 60, 26 * 60, from_day=monday, until_day=monday)
    start = (monday + 1) * 1440 - 9 * 60  # Tuesday 00:00 in Tokyo
    assert free(somebody("Asia/Tokyo", late), start, start + 180) == 120
    assert free(somebody("Asia/Tokyo", late), start + 7 * 1440, start + 7 * 1440 + 180) == 0


def test_a_window_of_weeks_counts_every_recurrence() -> None:
    start = minutes(2026, 6, 1)
    assert free(somebody("UTC", WeeklyHours(2, 600, 660)), start, start + 5 * 7 * 1440) == 5 * 60
