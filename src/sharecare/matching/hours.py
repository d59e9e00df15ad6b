"""When supporters offer care and are free, by slot: weekly and dated hours, calendars, bookings."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from sharecare.matching.bits import Words, days_of_bits, weeks_of_bits
from sharecare.matching.model import Column, DatedHours, Period, Supporter, WeeklyHours
from sharecare.matching.rows import Rows, rearranged
from sharecare.matching.slots import Slots
from sharecare.matching.words import ALWAYS, NEVER
from sharecare.matching.zones import DAY, WEEK, united, week_minute

Ints = npt.NDArray[np.int64]


Lay = Callable[..., list[Ints]]

MINUTE_BIT = 11
LENGTH = (1 << MINUTE_BIT) - 1
"""Weekly hours are one number: the minute of the week they start at, above their length."""

WEEKLY = np.dtype([("minute_and_length", "i4"), ("from_day", "i4"), ("until_day", "i4")])
DATED = np.dtype([("low", "i4"), ("high", "i4"), ("adds", "?")])
"""In wall minutes since 1970."""
PERIOD = np.dtype([("low", "i4"), ("high", "i4")])
"""In UTC minutes since 1970."""
_NO_BITS = np.uint64(0)


class LaidHours(NamedTuple):
    """One supporter's hours as the columns of `Hours`."""

    weekly: Sequence[Ints]
    dated: Sequence[Ints]
    unavailable: Sequence[Ints]
    busy: Sequence[Ints]


class Hours:
    """Hours of every slot in packed rows, with two words each that sieve out most slots at a glance.

    Both lie with the slots: `week` marks the parts of the week in which a slot may have hours, weekly or added; `days`
    marks, on a ring of 64 UTC days, where anything dated lies: added or removed hours, calendars, bookings.
    """

    __slots__ = ("_slots", "busy", "dated", "unavailable", "weekly", "zone", "zones")

    def __init__(self, slots: Slots, zones: Sequence[str] = (), zone: Column | None = None) -> None:
        self._slots = slots
        self.zones = list(zones)
        self.zone = np.zeros(0, np.int16) if zone is None else zone.astype(np.int16)
        count = len(self.zone)
        self.weekly = Rows(WEEKLY, count)
        self.dated = Rows(DATED, count)
        # United and in order.
        self.unavailable = Rows(PERIOD, count)
        self.busy = Rows(PERIOD, count)

    def columns(self) -> list[Column]:
        """List the columns that native/layout.h reads, in its order."""
        rows = self.weekly.laid(), self.dated.laid(), self.unavailable.laid(), self.busy.laid()
        return [self.zone, *chain.from_iterable(rows)]

    def rearrange(self, order: Ints, slots: int) -> None:
        self.zone = rearranged(self.zone, order, slots)
        for rows in (self.weekly, self.dated, self.unavailable, self.busy):
            rows.rearrange(order, slots)

    def load_weekly(self, slot: Column, hours: Sequence[Column]) -> None:
        """Replace all weekly hours; columns as the fields of `WeeklyHours`."""
        self._load(self.weekly, slot, hours, _weekly_columns)

    def load_dated(self, slot: Column, hours: Sequence[Column]) -> None:
        """Replace all dated hours; columns as the fields of `DatedHours`."""
        self._load(self.dated, slot, hours, _dated_columns)

    def load_periods(self, slot: Column, start: Column, end: Column, *, busy: bool) -> None:
        """Replace all bookings, or all calendars."""
        rows = self.busy if busy else self.unavailable
        self._load(rows, slot, (start, end), _period_columns)
        rows.rewrite(_united)

    def _load(self, rows: Rows, slot: Column, raw: Sequence[Column], lay: Lay) -> None:
        def pick(part: slice) -> list[Ints]:
            laid = lay(*(column[part].astype(np.int64) for column in raw))
            np.bitwise_or.at(self._slots["week"], slot[part], _week_bits(lay, laid))
            np.bitwise_or.at(self._slots["days"], slot[part], _day_bits(lay, laid))
            return laid

        rows.load([(slot, pick)], len(self.zone))

    def put(self, slot: int, zone: str, laid: LaidHours) -> None:
        """Replace all of a slot's hours, calendars and bookings."""
        self.put_zone(slot, zone)
        self.unavailable.replace(slot, laid.unavailable)
        self.busy.replace(slot, laid.busy)
        self.put_offered(slot, laid.weekly, laid.dated)

    def put_zone(self, slot: int, zone: str) -> None:
        """Let a slot's hours be read in a zone."""
        if zone not in self.zones:
            self.zones.append(zone)
        self.zone[slot] = self.zones.index(zone)

    def put_offered(self, slot: int, weekly: Sequence[Ints], dated: Sequence[Ints]) -> None:
        """Replace a slot's weekly and dated hours."""
        self.weekly.replace(slot, weekly)
        self.dated.replace(slot, dated)
        bits = _week_bits(_weekly_columns, weekly), _week_bits(_dated_columns, dated)
        self._slots["week"][slot] = np.bitwise_or.reduce(np.concatenate(bits))
        self._mark_days(slot)

    def clear(self, slot: int) -> None:
        for rows in (self.weekly, self.dated, self.unavailable, self.busy):
            rows.clear(slot)

    def put_busy(self, slot: int, busy: Sequence[Period]) -> None:
        """Replace a slot's bookings.

        Raises:
            ValueError: one ends before it starts.

        """
        self.busy.replace(slot, _periods(busy))
        self._mark_days(slot)

    def _mark_days(self, slot: int) -> None:
        kinds = (self.dated, _dated_columns), (self.unavailable, _period_columns), (self.busy, _period_columns)
        bits = [_day_bits(lay, [column.astype(np.int64) for column in rows.row(slot)]) for rows, lay in kinds]
        self._slots["days"][slot] = np.bitwise_or.reduce(np.concatenate(bits))


def laid_hours(supporter: Supporter) -> LaidHours:
    """Lay out a supporter's hours, before anything is changed for them.

    Raises:
        ValueError: hours or periods that can't be.
        zoneinfo.ZoneInfoNotFoundError: their zone isn't known.

    """
    ZoneInfo(supporter.timezone)
    return LaidHours(
        *laid_offered(supporter.weekly, supporter.dated),
        _periods(supporter.unavailable),
        _periods(supporter.busy),
    )


def laid_offered(weekly: Sequence[WeeklyHours], dated: Sequence[DatedHours]) -> tuple[list[Ints], list[Ints]]:
    """Lay out weekly and dated hours.

    Raises:
        ValueError: hours that can't be.

    """
    every_week = [(h.weekday, h.start_min, h.end_min, h.from_day, h.until_day) for h in weekly]
    on_dates = [(h.day, h.start_min, h.end_min, h.adds) for h in dated]
    return _weekly_columns(*_columns(every_week, 5)), _dated_columns(*_columns(on_dates, 4))


def _week_bits(lay: Lay, columns: Sequence[Ints]) -> Words:
    """Mark the parts of the week that entries may add hours to, in wall time."""
    if lay is _weekly_columns:
        return weeks_of_bits(columns[0] >> MINUTE_BIT, columns[0] & LENGTH)
    if lay is _dated_columns:
        start, end, adds = columns
        return np.where(adds, weeks_of_bits(week_minute(start), end - start), _NO_BITS)
    return np.zeros(len(columns[0]), np.uint64)


def _day_bits(lay: Lay, columns: Sequence[Ints]) -> Words:
    """Mark the UTC days on which entries may make a difference to weekly hours."""
    if lay is _weekly_columns:
        return np.zeros(len(columns[0]), np.uint64)
    far = DAY if lay is _dated_columns else 0  # wall time is never further than a day from UTC
    return days_of_bits(columns[0] - far, columns[1] + far)


def _period_columns(start: Ints, end: Ints) -> list[Ints]:
    if (end <= start).any():
        raise ValueError("a period ends after it starts")
    return [np.clip(start, ALWAYS, NEVER - 1), np.clip(end, ALWAYS + 1, NEVER)]


def _periods(entries: Sequence[Period]) -> Sequence[Column]:
    start, end = _period_columns(*_columns(entries, 2))
    return _united(np.zeros(len(start), np.int64), (start, end))[1]


def _united(owner: Ints, columns: Sequence[Column]) -> tuple[Ints, Sequence[Column]]:
    owner, *columns = united(owner, *columns)
    return owner, columns


def _columns(entries: Sequence[tuple[int, ...]], width: int) -> list[Ints]:
    return list(np.array(entries, np.int64).reshape(-1, width).T)


def _weekly_columns(weekday: Ints, start: Ints, end: Ints, *dates: Ints) -> list[Ints]:
    if (
        (weekday < 0) | (weekday >= WEEK // DAY) | (start < 0) | (start > DAY) | (end <= start) | (end > start + DAY)
    ).any():
        raise ValueError("weekly hours start on weekday 0 to 6, at minute 0 to 1440, and last up to a day")
    # Hours that start at 24:00 start on the next day, but belong to this one.
    late = start // DAY
    valid = (np.clip(np.clip(date, ALWAYS, NEVER) + late, ALWAYS, NEVER) for date in dates)
    return [(weekday * DAY + start) % WEEK << MINUTE_BIT | end - start, *valid]


def _dated_columns(day: Ints, start: Ints, end: Ints, adds: Ints) -> list[Ints]:
    if ((start < 0) | (start > DAY) | (end <= start) | (end > start + DAY)).any():
        raise ValueError("dated hours start at minute 0 to 1440 and last up to a day")
    midnight = np.clip(day, ALWAYS // DAY, NEVER // DAY - 2) * DAY
    return [midnight + start, midnight + end, adds]
