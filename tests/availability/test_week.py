"""The painted week against the same week told minute by minute."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sharecare.availability.rules import DAY_MINUTES, Weekly
from sharecare.availability.week import WEEK_MINUTES, cell, changed_week, minutes_in_cells, tidy_week

EVENING = Weekly(0, 17 * 60 + 10, 20 * 60)  # Mondays from 17:10
NIGHT = Weekly(6, 22 * 60, 26 * 60)  # from Sunday into Monday
SUMMER = Weekly(2, 9 * 60, 12 * 60, date(2026, 7, 1), date(2026, 8, 31))


@st.composite
def weekly_hours(draw: st.DrawFn) -> Weekly:
    start = draw(st.integers(0, DAY_MINUTES - 1))
    return Weekly(draw(st.integers(0, 6)), start, start + draw(st.integers(1, DAY_MINUTES)))


def minutes_of(rows: list[Weekly]) -> set[int]:
    return {
        (row.weekday * DAY_MINUTES + minute) % WEEK_MINUTES
        for row in rows
        for minute in range(row.start_minute, row.end_minute)
    }


@given(*[st.lists(weekly_hours(), max_size=8)] * 3)
def test_every_minute_is_what_was_painted_last(weekly: list[Weekly], add: list[Weekly], remove: list[Weekly]) -> None:
    changed = changed_week(weekly, add=add, remove=remove)

    assert minutes_of(changed) == (minutes_of(weekly) | minutes_of(add)) - minutes_of(remove)
    assert all(0 <= row.start_minute < DAY_MINUTES for row in changed)
    assert all(row.start_minute < row.end_minute <= row.start_minute + DAY_MINUTES for row in changed)
    assert sum(row.end_minute - row.start_minute for row in changed) == len(minutes_of(changed)), "rows overlap"


def test_what_does_not_fall_on_the_half_hour_stays() -> None:
    painted = changed_week([EVENING], add=[cell(0, 40)], remove=[cell(0, 35)])

    assert painted == [Weekly(0, 17 * 60 + 10, 17 * 60 + 30), Weekly(0, 18 * 60, 20 * 60 + 30)]


def test_a_night_stays_one_row() -> None:
    assert changed_week([NIGHT], add=[EVENING], remove=[]) == [EVENING, NIGHT]
    assert changed_week([], add=[Weekly(6, 22 * 60, 24 * 60), Weekly(0, 0, 2 * 60)], remove=[]) == [NIGHT]


def test_hours_with_dates_come_and_go_as_a_whole() -> None:
    kept = changed_week([SUMMER], add=[], remove=[Weekly(2, 0, DAY_MINUTES)])
    gone = changed_week([SUMMER, EVENING], add=[], remove=[SUMMER])

    assert kept == [SUMMER]
    assert gone == [EVENING]


def test_the_whole_week_is_seven_days() -> None:
    assert tidy_week([Weekly(day, 0, DAY_MINUTES) for day in range(7)] + [NIGHT]) == [
        Weekly(day, 0, DAY_MINUTES) for day in range(7)
    ]


def test_cells_say_how_much_of_them_is_offered() -> None:
    cells = minutes_in_cells([EVENING, NIGHT, SUMMER])

    assert cells[0][34:41] == [20, 30, 30, 30, 30, 30, 0]
    assert cells[0][:5] == [30, 30, 30, 30, 0]
    assert sum(cells[2]) == 0
