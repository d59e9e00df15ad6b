"""Periods that a report can be of: pure.

What protects families works on fixed periods that don't overlap, the calendar months. A longer period is made of whole
months; a week, which lies across months, tells no more than the totals that staff see anyway.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sharecare.metrics.days import days_between

Span = tuple[date, date]
"""First and last day, both included."""

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY
MONTHS_A_QUARTER = 3
MONTHS_A_YEAR = 12


class Step(StrEnum):
    """How long a period is."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    CUSTOM = "custom"  # any whole months


@dataclass(frozen=True, slots=True)
class Period:
    """Days that belong together; whole weeks or whole months."""

    step: Step
    first: date
    last: date

    @property
    def span(self) -> Span:
        """The first and the last day."""
        return self.first, self.last

    @property
    def before(self) -> "Period":
        """The period before, just as long in weeks or months."""
        if self.step is Step.WEEK:
            return Period(self.step, self.first - _WEEK, self.last - _WEEK)
        length = months_from(self.first, self.last)
        return Period(self.step, plus_months(self.first, -length), self.first - _DAY)

    @property
    def after(self) -> "Period":
        """The period that follows, just as long in weeks or months."""
        if self.step is Step.WEEK:
            return Period(self.step, self.first + _WEEK, self.last + _WEEK)
        first = self.last + _DAY
        return Period(self.step, first, plus_months(first, months_from(self.first, self.last)) - _DAY)

    @property
    def parts(self) -> list[Span]:
        """What it is drawn by: a week by its days, a month by its weeks, more by months."""
        if self.step is Step.WEEK:
            return [(self.first + day * _DAY,) * 2 for day in range(7)]
        if self.step is Step.MONTH:
            return weeks_within(self.first, self.last)
        return self.months

    @property
    def months(self) -> list[Span]:
        """The months it is made of; of a week, the last month that was over with it."""
        if self.step is Step.WEEK:
            following = self.last + _DAY
            return [month_of(following.replace(day=1) - _DAY)]
        return months_between(self.first, self.last)


def week_of(day: date) -> Period:
    """Return the week, Monday to Sunday, that a day lies in."""
    monday = day - day.weekday() * _DAY
    return Period(Step.WEEK, monday, monday + 6 * _DAY)


def month_of(day: date) -> Span:
    """Return the month that a day lies in."""
    first = day.replace(day=1)
    return first, plus_months(first, 1) - _DAY


def quarter_of(day: date) -> Period:
    """Return the quarter of the calendar year that a day lies in."""
    first = date(day.year, (day.month - 1) // MONTHS_A_QUARTER * MONTHS_A_QUARTER + 1, 1)
    return Period(Step.QUARTER, first, plus_months(first, MONTHS_A_QUARTER) - _DAY)


def plus_months(first: date, months: int) -> date:
    """Return the first day of a month some months on, or back."""
    years, month = divmod(first.month - 1 + months, MONTHS_A_YEAR)
    return date(first.year + years, month + 1, 1)


def months_from(first: date, last: date) -> int:
    """Return how many months two days lie in, both included."""
    return (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month + 1


def months_between(first: date, last: date) -> list[Span]:
    """Return every month from that of one day to that of another."""
    start = first.replace(day=1)
    return [month_of(plus_months(start, place)) for place in range(months_from(first, last))]


def weeks_within(first: date, last: date) -> list[Span]:
    """Return a period cut at every Monday; its first and its last week may be short."""
    mondays = [day for day in days_between(first + _DAY, last) if day.weekday() == 0]
    return list(zip([first, *mondays], [*(day - _DAY for day in mondays), last], strict=True))


def is_over(period: Period, today: date) -> bool:
    """Say whether its last day has passed."""
    return period.last < today


def is_known(period: Period, since: date | None) -> bool:
    """Say whether an area whose figures begin on a day has any of the period."""
    return since is not None and period.last >= since
