"""Local days and months of an area, and the hours of its week."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOURS_A_DAY = 24
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the local day that a moment falls on."""
    return at.astimezone(zone).date()


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return a local day as a UTC period; it lasts 23 or 25 hours where the clocks change."""
    return _midnight(day, zone), _midnight(day + _DAY, zone)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    return (date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1))


def minutes_by_hour_of_week(start_at: datetime, end_at: datetime, zone: ZoneInfo) -> dict[int, int]:
    """Return a period's minutes by local hour of the week: 0 is Monday 00:00 to 01:00, 167 the last of Sunday."""
    minutes: dict[int, int] = {}
    at = start_at
    while at < end_at:
        local = at.astimezone(zone)
        left = _HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        until = min(at + left, end_at)
        hour = local.weekday() * HOURS_A_DAY + local.hour
        minutes[hour] = minutes.get(hour, 0) + (until - at) // timedelta(minutes=1)
        at = until
    return minutes


def month_days(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month written `YYYY-MM`."""
    first = date.fromisoformat(f"{month}-01")
    return first, (first + 31 * _DAY).replace(day=1) - _DAY


def last_month(now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day of the last month that is over."""
    last = day_of(now, zone).replace(day=1) - _DAY
    return last.replace(day=1), last


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
