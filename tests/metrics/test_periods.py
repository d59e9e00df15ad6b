"""Periods that a report can be of."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sharecare.metrics.periods import Period, Step, month_of, months_between, quarter_of, week_of

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
A_DAY = timedelta(days=1)


def month(day: date) -> Period:
    return Period(Step.MONTH, *month_of(day))


@given(DAYS, st.sampled_from([week_of, month, quarter_of]))
def test_periods_follow_each_other_without_a_gap(day: date, of: Callable[[date], Period]) -> None:
    period = of(day)

    assert period.first <= day <= period.last
    assert period.before.last + A_DAY == period.first
    assert period.after.first == period.last + A_DAY
    assert period.after.before == period


def test_a_period_of_whole_months_is_as_long_as_the_one_before() -> None:
    period = Period(Step.CUSTOM, date(2026, 1, 1), date(2026, 2, 28))

    assert period.before.span == (date(2025, 11, 1), date(2025, 12, 31))
    assert period.after.span == (date(2026, 3, 1), date(2026, 4, 30))


def test_a_week_is_drawn_by_days_a_month_by_its_weeks_more_by_months() -> None:
    assert week_of(date(2026, 6, 4)).parts == [(date(2026, 6, day),) * 2 for day in range(1, 8)]
    assert [(first.day, last.day) for first, last in month(date(2026, 8, 4)).parts] == [
        (1, 2),
        (3, 9),
        (10, 16),
        (17, 23),
        (24, 30),
        (31, 31),
    ]
    assert quarter_of(date(2026, 6, 4)).parts == months_between(date(2026, 4, 1), date(2026, 6, 30))


@given(DAYS)
def test_the_weeks_of_a_month_neither_overlap_nor_leave_a_day_out(day: date) -> None:
    period = month(day)
    weeks = period.parts

    assert (weeks[0][0], weeks[-1][1]) == period.span
    assert all(later[0] == earlier[1] + A_DAY and later[0].weekday() == 0 for earlier, later in pairwise(weeks))


def test_a_weeks_details_are_those_of_the_last_month_that_was_over() -> None:
    assert week_of(date(2026, 6, 4)).months == [month_of(date(2026, 5, 1))]
    assert week_of(date(2026, 5, 31)).months == [month_of(date(2026, 5, 1))]
