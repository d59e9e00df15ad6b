"""When a person offers care: wall hours in their zone, turned into UTC periods.

All arithmetic is on the wall clock (naive datetimes), between the moments at which the zone changes its offset. So a
gap offers nothing and a fold offers both its passes without anybody asking for either.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
MOST_ROWS = 200
MOST_BUSY = 1000  # imported; few people have more until further than requests can be opened
AHEAD = timedelta(days=2 * 365)  # calendars are read so far, and single dates offered

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)

Period = tuple[datetime, datetime]
BusyRow = tuple[date, int, int]
"""A date, and the minutes of it between which one is busy."""


class ExceptionKind(StrEnum):
    """What a dated exception does to the hours of its date."""

    ADD = "add"
    REMOVE = "remove"


class Weekly(NamedTuple):
    """Hours of every week. Minutes count from midnight; an end beyond 1440 lies on the next date."""

    weekday: int
    start_minute: int
    end_minute: int
    from_date: date | None = None
    until_date: date | None = None


class Dated(NamedTuple):
    """Hours added to one date, or removed; minutes as in `Weekly`."""

    on_date: date
    start_minute: int
    end_minute: int
    kind: ExceptionKind


def minutes_of(clock: str) -> int:
    """Return minutes since midnight of a checked `HH:MM`; `24:00` is the midnight that ends the date."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def span_of(start: str, end: str) -> tuple[int, int]:
    """Return the minutes of hours written `HH:MM`; an end not after the start lies on the next date."""
    start_minute, end_minute = minutes_of(start), minutes_of(end)
    return start_minute, end_minute if end_minute > start_minute else end_minute + DAY_MINUTES


def clock_of(minute: int) -> str:
    """Return `HH:MM` of a minute since midnight; midnight itself is `24:00` where a date ends with it."""
    hours, minutes = divmod(minute if minute <= DAY_MINUTES else minute - DAY_MINUTES, 60)
    return f"{hours:02}:{minutes:02}"


def offered_periods(
    weekly: Sequence[Weekly], exceptions: Sequence[Dated], zone: ZoneInfo, *, start_at: datetime, end_at: datetime
) -> list[Period]:
    """Return the periods in `[start_at, end_at)` that are offered: UTC, half-open, united, in order."""
    offered: list[Period] = []
    for began, ended, offset in _stretches(zone, _naive(start_at), _naive(end_at)):
        low, high = began + offset, ended + offset
        adds, removes = (_dated(exceptions, kind, low, high) for kind in ExceptionKind)
        hours = subtract(unite([*_recurring(weekly, low, high), *adds]), unite(removes))
        here = ((max(start, low), min(end, high)) for start, end in hours if start < high and end > low)
        offered += [(start - offset, end - offset) for start, end in here]
    return [(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)) for start, end in unite(offered)]


def unite(periods: Iterable[Period]) -> list[Period]:
    """Return the same time as periods that neither overlap nor touch, in order."""
    united: list[Period] = []
    for start, end in sorted(periods):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def subtract(periods: Iterable[Period], taken: Sequence[Period]) -> Iterator[Period]:
    """Yield what is left of periods when others, united, are taken away."""
    for start, end in periods:
        rest = start
        for away, back in taken:
            if away < end and back > rest:
                if away > rest:
                    yield rest, away
                rest = back
        if rest < end:
            yield rest, end


def _recurring(weekly: Sequence[Weekly], low: datetime, high: datetime) -> Iterator[Period]:
    """Yield the wall periods of weekly hours that may touch a wall period."""
    for day in _dates(low, high):
        for row in weekly:
            begun = row.from_date is None or row.from_date <= day
            if row.weekday == day.weekday() and begun and (row.until_date is None or day <= row.until_date):
                yield _period(day, row)


def _dated(exceptions: Sequence[Dated], kind: ExceptionKind, low: datetime, high: datetime) -> list[Period]:
    """Return the wall periods of exceptions of one kind that may touch a wall period."""
    days = set(_dates(low, high))
    return [_period(row.on_date, row) for row in exceptions if row.kind is kind and row.on_date in days]


def _dates(low: datetime, high: datetime) -> list[date]:
    """Return the dates whose hours may touch a wall period; those of the date before reach into it."""
    return [date.fromordinal(ordinal) for ordinal in range(low.toordinal() - 1, high.toordinal() + 1)]


def _period(day: date, row: Weekly | Dated) -> Period:
    midnight = datetime.combine(day, time())
    return midnight + row.start_minute * _MINUTE, midnight + row.end_minute * _MINUTE


@lru_cache(maxsize=256)  # many people are asked about the same days in the same zone
def _stretches(zone: ZoneInfo, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Cut a UTC period where the zone changes its offset: each stretch with the offset that holds in it.

    Looking once a day is enough: no zone has ever changed twice within six days.
    """
    stretches: list[tuple[datetime, datetime, timedelta]] = []
    began, look = start, start
    while look < end:
        after = min(look + _DAY, end)
        if _offset(zone, look) != _offset(zone, after):
            change = _first_change(zone, look, after)
            stretches.append((began, change, _offset(zone, look)))
            began = change
        look = after
    return (*stretches, (began, end, _offset(zone, began))) if began < end else tuple(stretches)


def _first_change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first moment in `(low, high]` that has another offset than `low`; there is one change."""
    before = _offset(zone, low)
    while high - low > timedelta.resolution:
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
