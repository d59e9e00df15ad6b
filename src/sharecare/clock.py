"""The clock that doors read and everything below them is given."""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]
_FIRST_DAY = date(1970, 1, 1)


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def to_minutes(moment: datetime) -> int:
    """Return whole minutes since 1970-01-01T00:00Z, rounded down."""
    return int(moment.timestamp() // 60)


def from_minutes(minutes: int) -> datetime:
    """Return the moment that many minutes after 1970-01-01T00:00Z."""
    return datetime.fromtimestamp(minutes * 60, UTC)


def to_days(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _FIRST_DAY).days


def minutes_between(start_at: datetime, end_at: datetime) -> int:
    """Return the length of `[start_at, end_at)` in whole minutes, rounded down."""
    return int((end_at - start_at).total_seconds() // 60)
