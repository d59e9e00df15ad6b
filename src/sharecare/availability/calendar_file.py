"""Reading a calendar file into busy times, in a process of its own that the system ends when it takes too long.

What comes may be hostile: a rule that never meets a date keeps a library busy for minutes, and no check of ours sees
all of them. So the file is read where a limit on processor time and memory holds whatever is in it.
"""

import json
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Component

from sharecare.availability.rules import MOST_BUSY, BusyRow, Period, unite

CPU_S = 1.0
MEMORY_BYTES = 512 * 1024 * 1024  # of addresses; the interpreter and its libraries take half of it
MOST_REPEATED = 1000  # of one rule
ALLOWED = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_TIMES = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"})
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)


class Busy(NamedTuple):
    """What a calendar file holds: `until` is the last date read, `skipped` how many entries could not be."""

    rows: list[BusyRow]
    until: date
    skipped: int


@dataclass(slots=True)
class Reading:
    """The busy times of a stretch of wall time, as they are found."""

    zone: ZoneInfo
    low: datetime
    high: datetime
    busy: list[Period] = field(default_factory=list)
    skipped: int = 0

    def take(self, start: datetime, end: datetime) -> None:
        """Note a busy time, as far as it lies in the stretch."""
        if end > self.low and start < self.high and end > start:
            self.busy.append((max(start, self.low), min(end, self.high)))

    def wall(self, at: date) -> datetime:
        """Return a moment on the wall clock; a date is its midnight, and a time without a zone is taken as it is."""
        if not isinstance(at, datetime):
            return datetime.combine(at, time())
        return at.astimezone(self.zone).replace(tzinfo=None) if at.tzinfo else at


def busy_in(data: bytes, zone: ZoneInfo, *, first: date, last: date) -> Busy:
    """Return the busy times of a calendar file from one date through another, or as far as the most rows reach.

    Raises:
        ValueError: it is no calendar file.

    """
    reading = Reading(zone, datetime.combine(first, time()), datetime.combine(last, time()) + _DAY)
    calendars = Calendar.from_ical(data, multiple=True)
    if not any(calendar.name == "VCALENDAR" for calendar in calendars):
        raise ValueError("no calendar")
    for calendar in calendars:
        _read(calendar, reading)
    rows = [row for start, end in unite(reading.busy) for row in _by_date(start, end)]
    if len(rows) <= MOST_BUSY:
        return Busy(rows, last, reading.skipped)
    cut = rows[MOST_BUSY][0]  # a date is read as a whole or not at all
    return Busy([row for row in rows if row[0] < cut], cut - _DAY, reading.skipped)


def _read(calendar: Component, reading: Reading) -> None:
    events = [one for one in calendar.walk("VEVENT") if _counts(one)]
    replaced: dict[str, set[str]] = {}
    for event in events:
        for at in _all(event, "RECURRENCE-ID"):
            if isinstance(getattr(at, "dt", None), date):
                replaced.setdefault(str(event.get("UID")), set()).add(_instant(at.dt))
    readers = [(_read_event, events), (_read_answer, calendar.walk("VFREEBUSY"))]
    for read, entry in ((read, one) for read, entries in readers for one in entries):
        try:
            read(entry, reading, replaced.get(str(entry.get("UID")), set()))
        except _UNREADABLE:
            reading.skipped += 1


def _read_answer(answer: Component, reading: Reading, _replaced: set[str]) -> None:
    for period in _all(answer, "FREEBUSY"):
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            reading.take(reading.wall(period.start), reading.wall(period.end))


def _counts(event: Component) -> bool:
    """Say whether an event takes time: what is cancelled, or marked as free, doesn't."""
    return str(event.get("TRANSP", "")).upper() != "TRANSPARENT" and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _read_event(event: Component, reading: Reading, replaced: set[str]) -> None:
    if any(name in _TIMES for name, _ in event.errors):
        raise ValueError("a time in it can't be read")
    start: date = _all(event, "DTSTART")[0].dt
    lasts = _length(event, start)
    for begun in _starts(event, start, lasts, reading):
        # Length counts on the wall clock of the event itself, as calendar apps show it.
        if "RECURRENCE-ID" in event or _instant(begun) not in replaced:
            reading.take(reading.wall(begun), reading.wall(begun + lasts))


def _length(event: Component, start: date) -> timedelta:
    lasts: timedelta
    if ends := _all(event, "DTEND"):
        lasts = ends[0].dt - start
    elif lengths := _all(event, "DURATION"):
        lasts = lengths[0].dt
    else:
        lasts = timedelta() if isinstance(start, datetime) else _DAY
    if lasts < timedelta():
        raise ValueError("it ends before it begins")
    return lasts


def _starts(event: Component, start: date, lasts: timedelta, reading: Reading) -> Iterator[date]:
    """Yield when an event begins, each time it does."""
    without = {_instant(one.dt) for some in _all(event, "EXDATE") for one in some.dts}
    added = [one.dt for some in _all(event, "RDATE") for one in some.dts]
    rules = _all(event, "RRULE") if "RECURRENCE-ID" not in event else []
    given = [start, *(one[0] if isinstance(one, tuple) else one for one in added)]
    for rule in rules:
        given += _repeated(rule, start, lasts, reading)
    for begun in dict.fromkeys(given):
        if _instant(begun) not in without:
            yield begun


def _repeated(rule: dict[str, list[object]], start: date, lasts: timedelta, reading: Reading) -> Iterator[date]:
    """Yield the repetitions that can touch the stretch.

    Raises:
        ValueError: it repeats more often than daily, or not at all.

    """
    frequencies, intervals = rule.get("FREQ", [""]), rule.get("INTERVAL", [1])
    if str(frequencies[0]).upper() not in ALLOWED or any(not isinstance(one, int) or one < 1 for one in intervals):
        raise ValueError("it repeats too often")
    zone = start.tzinfo if isinstance(start, datetime) else None
    begun = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
    margin = 2 * _DAY  # for the difference between two zones
    parts = {name: value for name, value in rule.items() if name != "UNTIL"}
    until = min((_wall_in(one, zone) for one in rule.get("UNTIL", [])), default=reading.high + margin)
    text = ";".join(f"{name}={','.join(map(_written, value))}" for name, value in parts.items())
    found = 0
    for at in rrulestr(text, dtstart=begun):
        if at > min(until, reading.high + margin):
            return
        if at + lasts > reading.low - margin:
            found += 1
            if found > MOST_REPEATED:
                raise ValueError("it repeats too often")
            yield at.replace(tzinfo=zone) if isinstance(start, datetime) else at.date()


def _wall_in(at: object, zone: tzinfo | None) -> datetime:
    """Return the end of a rule on the wall clock on which the rule counts."""
    if not isinstance(at, date):
        raise TypeError("the rule's end is no date")
    if not isinstance(at, datetime):
        return datetime.combine(at, time.max)
    return (at.astimezone(zone) if at.tzinfo and zone else at).replace(tzinfo=None)


def _written(value: object) -> str:
    to_ical = getattr(value, "to_ical", None)
    return to_ical().decode() if to_ical else str(value)


def _all(component: Component, name: str) -> list[Any]:
    """Return every value of a property: the library knows thirty types of them, and a broken file may hold any."""
    found: Any = component.get(name)
    return [] if found is None else found if isinstance(found, list) else [found]


def _instant(at: date) -> str:
    return (at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo else at).isoformat()


def _by_date(start: datetime, end: datetime) -> Iterator[BusyRow]:
    """Cut a busy time at each midnight; minutes that are only begun count."""
    while start < end:
        midnight = datetime.combine(start.date(), time())
        until = min(end, midnight + _DAY)
        low, high = (start - midnight) // _MINUTE, -((midnight - until) // _MINUTE)
        yield start.date(), low, high
        start = until


def main() -> None:
    """Read a file from standard input as the arguments say, and print what it holds."""
    with suppress(ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    zone, first, last = sys.argv[1:]
    data = sys.stdin.buffer.read()
    signal.setitimer(signal.ITIMER_PROF, CPU_S)  # its signal ends the process
    read = busy_in(data, ZoneInfo(zone), first=date.fromisoformat(first), last=date.fromisoformat(last))
    json.dump(read._asdict(), sys.stdout, default=date.isoformat)


if __name__ == "__main__":
    main()
