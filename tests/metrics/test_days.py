"""Local days and months, and the hours of the week."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sharecare.metrics.days import bounds, day_of, last_month, minutes_by_hour_of_week, month_days

TOKYO, BERLIN = ZoneInfo("Asia/Tokyo"), ZoneInfo("Europe/Berlin")


def test_a_day_is_the_areas_own() -> None:
    assert day_of(datetime(2026, 6, 1, 15, 0, tzinfo=UTC), TOKYO) == date(2026, 6, 2)
    assert bounds(date(2026, 6, 2), TOKYO) == (
        datetime(2026, 6, 1, 15, 0, tzinfo=UTC),
        datetime(2026, 6, 2, 15, 0, tzinfo=UTC),
    )


def test_a_day_on_which_clocks_change_is_shorter() -> None:
    start, end = bounds(date(2026, 3, 29), BERLIN)

    assert (end - start).total_seconds() == 23 * 3600


def test_minutes_fall_into_the_hours_of_the_week_they_touch() -> None:
    start = datetime(2026, 6, 7, 23, 30, tzinfo=TOKYO)  # a Sunday

    assert minutes_by_hour_of_week(start, datetime(2026, 6, 8, 1, 15, tzinfo=TOKYO), TOKYO) == {167: 30, 0: 60, 1: 15}


def test_an_hour_that_is_lived_twice_counts_twice() -> None:
    start, end = datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)

    assert minutes_by_hour_of_week(start, end, BERLIN) == {6 * 24 + 1: 30, 6 * 24 + 2: 120}


def test_months_have_their_own_length() -> None:
    assert month_days("2026-02") == (date(2026, 2, 1), date(2026, 2, 28))
    assert month_days("2026-12") == (date(2026, 12, 1), date(2026, 12, 31))


def test_the_last_month_is_over_where_the_area_lies() -> None:
    just_july_in_japan = datetime(2026, 6, 30, 15, 0, tzinfo=UTC)

    assert last_month(just_july_in_japan, TOKYO) == (date(2026, 6, 1), date(2026, 6, 30))
    assert last_month(just_july_in_japan, BERLIN) == (date(2026, 5, 1), date(2026, 5, 31))
