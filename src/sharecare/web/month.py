"""A month on a page: its weeks, with what each day holds."""

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Generic, TypeVar

import jpholiday

T = TypeVar("T")
MONDAY = 0


@dataclass(frozen=True, slots=True)
class Day(Generic[T]):
    """One day of a month; `holiday` names it in Japanese, as the law does."""

    date: date
    inside: bool
    is_today: bool
    is_past: bool
    holiday: str | None
    holds: T | None


@dataclass(frozen=True, slots=True)
class MonthPage(Generic[T]):
    """The weeks of a month from Monday on, and the first days of the months beside it, where one may go there."""

    first: date
    weeks: list[list[Day[T]]]
    before: date | None
    after: date | None
    holidays: list[tuple[date, str]] = field(default_factory=list)


def month_page(first: date, *, today: date, holds: Mapping[date, T], last: date) -> MonthPage[T]:
    """Return a month from the present one on, through the month of `last`."""
    weeks = [
        [_day(one, first, today, holds) for one in week]
        for week in Calendar(MONDAY).monthdatescalendar(first.year, first.month)
    ]
    after = (first + timedelta(days=31)).replace(day=1)
    return MonthPage(
        first=first,
        weeks=weeks,
        before=(first - timedelta(days=1)).replace(day=1) if first > today else None,
        after=after if after <= last else None,
        holidays=[(day.date, day.holiday) for week in weeks for day in week if day.inside and day.holiday],
    )


def _day(one: date, first: date, today: date, holds: Mapping[date, T]) -> Day[T]:
    return Day(
        date=one,
        inside=one.month == first.month,
        is_today=one == today,
        is_past=one < today,
        holiday=jpholiday.is_holiday_name(one),
        holds=holds.get(one),
    )
