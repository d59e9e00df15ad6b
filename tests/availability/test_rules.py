"""Offered periods against the rule itself, minute by minute, in zones that do everything zones can do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sharecare.availability.rules import (
    Dated,
    ExceptionKind,
    Period,
    Weekly,
    clock_of,
    offered_periods,
    span_of,
    subtract,
    unite,
)

MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")

# Days around which the wall clock jumps: summer time, half an hour of it, a date left out, Ramadan.
RESTLESS = {
    "America/New_York": (datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2026, 4, 4, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)),
    "Asia/Tokyo": (datetime(2026, 9, 1, tzinfo=UTC),),
    "Pacific/Apia": (datetime(2011, 12, 30, tzinfo=UTC), datetime(2011, 9, 24, tzinfo=UTC)),
    "Africa/Casablanca": (datetime(2026, 2, 15, tzinfo=UTC), datetime(2026, 3, 22, tzinfo=UTC)),
    "America/St_Johns": (datetime(2006, 10, 29, tzinfo=UTC),),
    "Europe/Dublin": (datetime(2026, 10, 25, tzinfo=UTC),),
}


def holds(row: Weekly | Dated, begun_on: date, on: date, minute: int) -> bool:
    """Say whether hours that begin on one date cover a minute of a date."""
    if isinstance(row, Dated):
        valid = row.on_date == begun_on
    else:
        valid = (
            row.weekday == begun_on.weekday()
            and (row.from_date is None or row.from_date <= begun_on)
            and (row.until_date is None or begun_on <= row.until_date)
        )
    return valid and row.start_minute <= minute + (on - begun_on).days * 1440 < row.end_minute


def is_offered(weekly: list[Weekly], exceptions: list[Dated], wall: datetime) -> bool:
    """Apply the rule of gaps and folds to one instant, read on the wall."""
    on, minute = wall.date(), wall.hour * 60 + wall.minute
    days = (on, on - timedelta(days=1))
    adds = [row for row in exceptions if row.kind is ExceptionKind.ADD]
    removes = [row for row in exceptions if row.kind is ExceptionKind.REMOVE]
    hours: list[Weekly | Dated] = [*weekly, *adds]
    offered = any(holds(row, day, on, minute) for row in hours for day in days)
    return offered and not any(holds(row, day, on, minute) for row in removes for day in days)


def minute_by_minute(
    weekly: list[Weekly], exceptions: list[Dated], zone: ZoneInfo, *, start_at: datetime, end_at: datetime
) -> list[Period]:
    found: list[Period] = []
    at = start_at
    while at < end_at:
        if is_offered(weekly, exceptions, at.astimezone(zone)):
            begun = found.pop()[0] if found and found[-1][1] == at else at
            found.append((begun, at + MINUTE))
        at += MINUTE
    return found


def dates_near(day: datetime) -> st.SearchStrategy[date]:
    return st.integers(-3, 3).map(lambda days: (day + timedelta(days=days)).date())


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Weekly], list[Dated], ZoneInfo, datetime, datetime]:
    name = draw(st.sampled_from(sorted(RESTLESS)))
    day = draw(st.sampled_from(RESTLESS[name]))
    starts, lengths = st.integers(0, 1439), st.integers(1, 1440)
    weekly = [
        Weekly(weekday, start, start + length, from_date, until_date)
        for weekday, start, length, from_date, until_date in draw(
            st.lists(
                st.tuples(st.integers(0, 6), starts, lengths, st.none() | dates_near(day), st.none() | dates_near(day)),
                max_size=6,
            )
        )
    ]
    exceptions = [
        Dated(on_date, start, start + length, kind)
        for on_date, start, length, kind in draw(
            st.lists(st.tuples(dates_near(day), starts, lengths, st.sampled_from(ExceptionKind)), max_size=5)
        )
    ]
    start_at = day + draw(st.integers(-1440, 1440)) * MINUTE
    end_at = start_at + draw(st.integers(1, 2880)) * MINUTE
    return weekly, exceptions, ZoneInfo(name), start_at, end_at


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_offered_periods_follow_the_rule_minute_by_minute(
    case: tuple[list[Weekly], list[Dated], ZoneInfo, datetime, datetime],
) -> None:
    weekly, exceptions, zone, start_at, end_at = case

    offered = offered_periods(weekly, exceptions, zone, start_at=start_at, end_at=end_at)

    assert offered == minute_by_minute(weekly, exceptions, zone, start_at=start_at, end_at=end_at)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(available_timezones())),
    st.integers(5 * 366 * 1440, 70 * 365 * 1440).map(lambda minutes: EPOCH + minutes * MINUTE),
)
@example("Africa/Monrovia", datetime(1972, 1, 7, 0, 0, tzinfo=UTC))
def test_every_zone_follows_the_rule(name: str, start_at: datetime) -> None:
    weekly = [Weekly(weekday, 60, 200) for weekday in range(7)]
    end_at = start_at + timedelta(days=1)

    offered = offered_periods(weekly, [], ZoneInfo(name), start_at=start_at, end_at=end_at)

    assert offered == minute_by_minute(weekly, [], ZoneInfo(name), start_at=start_at, end_at=end_at)


def test_gap_offers_nothing() -> None:
    sunday = [Weekly(6, 120, 180)]
    day = datetime(2026, 3, 8, tzinfo=UTC)

    assert offered_periods(sunday, [], NEW_YORK, start_at=day, end_at=day + timedelta(days=1)) == []


def test_fold_offers_both_its_passes() -> None:
    sunday = [Weekly(6, 60, 120)]
    day = datetime(2026, 11, 1, tzinfo=UTC)

    offered = offered_periods(sunday, [], NEW_YORK, start_at=day, end_at=day + timedelta(days=1))

    assert offered == [(day + timedelta(hours=5), day + timedelta(hours=7))]


def test_hours_past_midnight_belong_to_the_date_they_start_on() -> None:
    friday = [Weekly(4, 22 * 60, 26 * 60, date(2026, 9, 4), date(2026, 9, 4))]
    start_at = datetime(2026, 8, 28, tzinfo=UTC)

    offered = offered_periods(friday, [], TOKYO, start_at=start_at, end_at=start_at + timedelta(days=21))

    assert offered == [(datetime(2026, 9, 4, 13, tzinfo=UTC), datetime(2026, 9, 4, 17, tzinfo=UTC))]


def test_removed_hours_win_over_added_ones() -> None:
    day = date(2026, 9, 1)
    exceptions = [Dated(day, 540, 720, ExceptionKind.ADD), Dated(day, 600, 660, ExceptionKind.REMOVE)]
    start_at = datetime(2026, 8, 31, 15, tzinfo=UTC)

    offered = offered_periods([], exceptions, TOKYO, start_at=start_at, end_at=start_at + timedelta(days=1))

    assert offered == [
        (start_at + timedelta(hours=9), start_at + timedelta(hours=10)),
        (start_at + timedelta(hours=11), start_at + timedelta(hours=12)),
    ]


def test_the_last_date_there_is_breaks_nothing() -> None:
    exceptions = [Dated(date.max, 0, 2879, ExceptionKind.ADD), Dated(date.min, 0, 1440, ExceptionKind.REMOVE)]
    start_at = datetime(2026, 8, 31, tzinfo=UTC)

    assert offered_periods([], exceptions, TOKYO, start_at=start_at, end_at=start_at + timedelta(days=1)) == []


def test_an_empty_window_offers_nothing() -> None:
    start_at = datetime(2026, 8, 31, tzinfo=UTC)

    assert offered_periods([Weekly(0, 0, 1440)], [], TOKYO, start_at=start_at, end_at=start_at) == []


periods = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda drawn: (EPOCH + drawn[0] * MINUTE, EPOCH + sum(drawn) * MINUTE)
    ),
    max_size=6,
)


def minutes_in(found: list[Period]) -> set[datetime]:
    return {start + n * MINUTE for start, end in found for n in range((end - start) // MINUTE)}


@given(periods)
def test_unite_keeps_the_minutes_and_leaves_gaps_between(some: list[Period]) -> None:
    united = unite(some)

    assert minutes_in(united) == minutes_in(some)
    assert all(one[1] < after[0] for one, after in pairwise(united))


@given(periods, periods)
def test_subtract_leaves_what_is_not_taken(some: list[Period], taken: list[Period]) -> None:
    left = list(subtract(unite(some), unite(taken)))

    assert minutes_in(left) == minutes_in(some) - minutes_in(taken)


@pytest.mark.parametrize(
    ("start", "end", "minutes", "shown"),
    [
        ("09:00", "12:30", (540, 750), ("09:00", "12:30")),
        ("22:00", "02:00", (1320, 1560), ("22:00", "02:00")),
        ("22:00", "24:00", (1320, 1440), ("22:00", "24:00")),
        ("22:00", "00:00", (1320, 1440), ("22:00", "24:00")),
        ("00:00", "24:00", (0, 1440), ("00:00", "24:00")),
        ("00:00", "00:00", (0, 1440), ("00:00", "24:00")),
        ("10:00", "10:00", (600, 2040), ("10:00", "10:00")),
    ],
)
def test_hours_are_read_and_shown_on_the_clock(
    start: str, end: str, minutes: tuple[int, int], shown: tuple[str, str]
) -> None:
    assert span_of(start, end) == minutes
    assert (clock_of(minutes[0]), clock_of(minutes[1])) == shown
