"""Which period a dashboard shows, from its address."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from sharecare.metrics.days import month_days
from sharecare.metrics.periods import Period, Step, is_known, is_over, month_of, plus_months, quarter_of, week_of

FIRST_YEAR, LAST_YEAR = 2000, 2099
MOST_MONTHS = 24


def chosen_period(asked: Mapping[str, str], today: date) -> Period:
    """Return the period that an address asks for; of what isn't over or can't be read, the last one that was."""
    step = asked.get("by", Step.MONTH)
    if step == Step.CUSTOM and (custom := _custom(asked)) is not None and is_over(custom, today):
        return custom
    latest = _last_over(Step(step) if step in set(Step) else Step.MONTH, today)
    day = _day(asked.get("at", ""))
    if day is None:
        return latest
    period = _around(latest.step, day)
    return period if is_over(period, today) else latest


def address_of(period: Period, path: str) -> str:
    """Return the address that shows a period."""
    if period.step is Step.CUSTOM:
        asked = {"by": period.step.value, "from": f"{period.first:%Y-%m}", "to": f"{period.last:%Y-%m}"}
    else:
        asked = {"by": period.step.value, "at": period.first.isoformat()}
    return f"{path}?{urlencode(asked)}"


def steps_around(period: Period, today: date, since: date | None) -> list[Period]:
    """Return the week, month and quarter to change to, of those that are over and have figures.

    Each is the one that the end of this period lies in, or else the last one.
    """
    found = []
    for step in (Step.WEEK, Step.MONTH, Step.QUARTER):
        here = period if step is period.step else _around(step, period.last)
        found += [one for one in (here, _last_over(step, today)) if is_open(one, today, since)][:1]
    return found


def is_open(period: Period, today: date, since: date | None) -> bool:
    """Say whether a period can be looked at: it is over, and there are figures of it."""
    return is_over(period, today) and is_known(period, since)


def first_known(step: Step, since: date) -> Period:
    """Return the first period that has figures, over or not."""
    return _around(step, since)


def months_to_choose(today: date) -> list[date]:
    """Return the months that are over, newest first."""
    this = today.replace(day=1)
    return [plus_months(this, -back) for back in range(1, MOST_MONTHS + 1)]


def months_with_figures(today: date, since: date | None) -> list[date]:
    """Return the months that can be looked at, newest first."""
    return [month for month in months_to_choose(today) if is_known(_around(Step.MONTH, month), since)]


def _around(step: Step, day: date) -> Period:
    if step is Step.WEEK:
        return week_of(day)
    return quarter_of(day) if step is Step.QUARTER else Period(Step.MONTH, *month_of(day))


def _last_over(step: Step, today: date) -> Period:
    return _around(step, _around(step, today).first - timedelta(days=1))


def _custom(asked: Mapping[str, str]) -> Period | None:
    try:
        first, last = month_days(asked.get("from", ""))[0], month_days(asked.get("to", ""))[1]
    except (ValueError, OverflowError):
        return None
    fits = first.year >= FIRST_YEAR and last.year <= LAST_YEAR and first < last
    return Period(Step.CUSTOM, first, last) if fits and (last - first).days <= MOST_MONTHS * 31 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
