"""Who is free when: the minutes of a window that hours offer and that nothing takes."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sharecare.matching.bits import Words, day_bits, week_bits
from sharecare.matching.hours import Hours
from sharecare.matching.score import BOOKED_DAYS
from sharecare.matching.zones import DAY, WEEK, Piece, pieces, union_minutes, week_minute

Ints = npt.NDArray[np.int64]
Spans = tuple[Ints, Ints, Ints]
"""Whose, first minute, minute after the last."""

_BOOKED_MIN = BOOKED_DAYS * DAY


def might_offer(hours: Hours, slots: Ints, start: int, end: int) -> Ints:
    """Find the positions of all but those whose weekly hours and added dates can't touch a window."""
    found = hours.days.take(slots)
    found &= day_bits(start, end)
    found |= hours.week.take(slots) & _week_bits(hours, slots, start, end)
    return np.flatnonzero(found)


def free_minutes(hours: Hours, slots: Ints, window: tuple[int, int], buffer_min: int) -> Ints:
    """Count the minutes that each slot offers and that no booking, widened by the buffer, takes.

    Offered less taken is the union of both less the taken.
    """
    if not len(slots):
        return slots
    start, end = window
    stirred = np.flatnonzero(hours.days.take(slots) & day_bits(start - buffer_min, end + buffer_min))
    among = slots.take(stirred)
    offered = [_weekly(hours, slots, at, piece, start) for at, piece in _by_zone(hours, slots, window)]
    taken = []
    for rows, widened in ((hours.busy, buffer_min), (hours.unavailable, 0)):
        owner, place = rows.expand(among)
        if len(place):
            low, high = (column.take(place) - np.int64(start) for column in rows.columns)
            taken.append(_clipped((stirred.take(owner), low - widened, high + widened), 0, end - start))
    if hours.dated.count.take(among).any():
        for at, piece in _by_zone(hours, among, window):
            adds, removes = _dated(hours, slots, stirred.take(at), piece, start)
            offered.append(adds)
            taken.append(removes)
    if not sum(len(owner) for owner, _, _ in taken):
        return union_minutes(*_joined(offered), len(slots))
    away = _joined(taken)
    return union_minutes(*_joined([*offered, away]), len(slots)) - union_minutes(*away, len(slots))


def booked_minutes(hours: Hours, slots: Ints, start: int) -> Ints:
    """Count the minutes of each slot's bookings in the 28 days before an instant."""
    owner, place = hours.busy.expand(slots)
    low, high = (column.take(place) - np.int64(start) for column in hours.busy.columns)
    return union_minutes(*_clipped((owner, low + _BOOKED_MIN, high + _BOOKED_MIN), 0, _BOOKED_MIN), len(slots))


def _week_bits(hours: Hours, slots: Ints, start: int, end: int) -> Words | np.uint64:
    wanted = np.zeros(len(hours.zones), np.uint64)
    numbers = _zones_among(hours, slots)
    for number in numbers:
        for piece in pieces(hours.zones[number], start, end):
            wanted[number] |= week_bits(week_minute(piece.start + piece.offset), piece.end - piece.start)
    return wanted[numbers[0]] if len(numbers) == 1 else wanted.take(hours.zone.take(slots))


def _zones_among(hours: Hours, slots: Ints) -> list[int]:
    if len(hours.zones) == 1:
        return [0]
    return [int(number) for number in np.flatnonzero(np.bincount(hours.zone.take(slots)))]


def _by_zone(hours: Hours, slots: Ints, window: tuple[int, int]) -> Iterator[tuple[Ints, Piece]]:
    """Pair the positions of each zone's slots with each stretch of the window on that zone's clock."""
    numbers = _zones_among(hours, slots)
    for number in numbers:
        at = np.arange(len(slots)) if len(numbers) == 1 else np.flatnonzero(hours.zone.take(slots) == number)
        for piece in pieces(hours.zones[number], *window):
            yield at, piece


def _weekly(hours: Hours, slots: Ints, at: Ints, piece: Piece, start: int) -> Spans:
    """Find what weekly hours offer, in minutes since `start`."""
    owner, place = hours.weekly.expand(slots.take(at))
    wall, length = piece.start + piece.offset, piece.end - piece.start
    week, minutes, from_day, until_day = hours.weekly.columns
    # Each entry's one occurrence that starts less than a day before the piece, or in it.
    low = week.take(place)
    low -= np.int16(week_minute(wall - DAY))
    low += (low < 0) * np.int16(WEEK)
    low -= np.int16(DAY)
    high = low + minutes.take(place)
    hit = np.flatnonzero((low < length) & (high > 0))
    place, low, high = place.take(hit), low.take(hit).astype(np.int64), high.take(hit)
    date = (low + wall) // DAY
    valid = (from_day.take(place) <= date) & (date <= until_day.take(place))
    if not valid.all():
        hit, low, high = hit[valid], low[valid], high[valid]
    shift = np.int64(piece.start - start)
    return at.take(owner.take(hit)), np.maximum(low, 0) + shift, np.minimum(high, length) + shift


def _dated(hours: Hours, slots: Ints, at: Ints, piece: Piece, start: int) -> tuple[Spans, Spans]:
    """Find what dated hours add and remove, in minutes since `start`."""
    owner, place = hours.dated.expand(slots.take(at))
    low, high, adds = (column.take(place) for column in hours.dated.columns)
    low, high = (column - np.int64(start + piece.offset) for column in (low, high))
    owner, first, after = at.take(owner), piece.start - start, piece.end - start
    added, removed = (tuple(column[part] for column in (owner, low, high)) for part in (adds, ~adds))
    return _clipped(added, first, after), _clipped(removed, first, after)


def _clipped(spans: Spans, first: int, after: int) -> Spans:
    owner, low, high = spans
    hit = np.flatnonzero((low < after) & (high > first))
    return owner.take(hit), np.maximum(low.take(hit), first), np.minimum(high.take(hit), after)


def _joined(spans: Sequence[Spans]) -> Spans:
    if len(spans) == 1:
        return spans[0]
    owner, low, high = (np.concatenate(column) for column in zip(*spans, strict=True))
    return owner, low, high
