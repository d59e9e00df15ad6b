"""Who is free when: the minutes of a window that hours offer and that nothing takes."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sharecare.matching.bits import Words, day_bits, week_bits
from sharecare.matching.hours import LENGTH, MINUTE_BIT, Hours
from sharecare.matching.score import BOOKED_DAYS
from sharecare.matching.zones import DAY, WEEK, Piece, ascends, pieces, union_minutes, week_minute

Ints = npt.NDArray[np.int64]
Spans = tuple[Ints, Ints, Ints]
"""Whose, first minute, minute after the last."""

_BOOKED_MIN = BOOKED_DAYS * DAY
_NOTHING: Spans = (np.zeros(0, np.int64),) * 3


def might_offer(hours: Hours, slots: Ints, start: int, end: int) -> npt.NDArray[np.bool_]:
    """Tell all from those who have no hours in the window's parts of the week."""
    week = hours.week.take(slots)
    week &= _week_bits(hours, slots, start, end)
    return week.astype(np.bool_)


def free_minutes(hours: Hours, slots: Ints, window: tuple[int, int], buffer_min: int, least: int = 1) -> Ints:
    """Count the minutes that each slot offers and that no booking, widened by the buffer, takes.

    Slots that offer fewer than `least` are not asked for their bookings; their figure is some number below it.
    """
    start, end = window
    offers = _offers(hours, slots, window)
    stirred = (hours.days.take(slots) & day_bits(start - buffer_min, end + buffer_min)).nonzero()[0]
    removals: list[Spans] = []
    if hours.dated and np.count_nonzero(hours.dated.count.take(slots.take(stirred))):
        adds, removals = _dated(hours, slots, stirred, window)
        offers += adds
    offered = _joined(offers)
    minutes = union_minutes(*offered, len(slots))
    stirred = stirred.compress(minutes.take(stirred) >= least)
    taken = _joined([*removals, *_taken(hours, slots, stirred, window, buffer_min)])
    if not len(taken[0]):
        return minutes
    if not removals and ascends(offered[0]) and ascends(taken[0]):
        minutes[taken[0]] -= _overlap(offered, taken)
        return minutes
    return union_minutes(*_joined([offered, taken]), len(slots)) - union_minutes(*taken, len(slots))


def free_spans(hours: Hours, slots: Ints, window: tuple[int, int], buffer_min: int) -> list[list[tuple[int, int]]]:
    """List the stretches that `free_minutes` counts for each slot, in minutes since the window's start."""
    every = np.arange(len(slots))
    adds, removals = _dated(hours, slots, every, window)
    offered = [*_offers(hours, slots, window), *adds]
    taken = [*removals, *_taken(hours, slots, every, window, buffer_min)]
    free = np.zeros((len(slots), window[1] - window[0] + 2), np.int8)
    for value, spans in ((1, offered), (0, taken)):
        for owner, low, high in zip(*_joined(spans), strict=True):
            free[owner, low - DAY + 1 : high - DAY + 1] = value
    edges = [changes.nonzero()[0].tolist() for changes in np.diff(free)]
    return [list(zip(one[::2], one[1::2], strict=True)) for one in edges]


def booked_minutes(hours: Hours, slots: Ints, start: int) -> Ints:
    """Count the minutes of each slot's bookings in the 28 days before an instant."""
    owner, place = hours.busy.expand(slots)
    low, high = (column.take(place) for column in hours.busy.columns)
    minutes = np.subtract(np.minimum(high, start), np.maximum(low, start - _BOOKED_MIN), dtype=np.int64)
    return np.bincount(owner, np.maximum(minutes, 0), len(slots)).astype(np.int64)


def _week_bits(hours: Hours, slots: Ints, start: int, end: int) -> Words | int:
    numbers = _zones_among(hours, slots)
    if len(numbers) == 1:
        return _zone_bits(hours.zones[numbers[0]], start, end)
    wanted = np.zeros(len(hours.zones), np.uint64)
    wanted[numbers] = [_zone_bits(hours.zones[number], start, end) for number in numbers]
    return wanted.take(hours.zone.take(slots))


@lru_cache(maxsize=4096)
def _zone_bits(zone: str, start: int, end: int) -> int:
    bits = 0
    for piece in pieces(zone, start, end):
        bits |= week_bits(week_minute(piece.start + piece.offset), piece.end - piece.start)
    return bits


def _zones_among(hours: Hours, slots: Ints) -> list[int]:
    if len(hours.zones) == 1:
        return [0]
    return [int(number) for number in (np.bincount(hours.zone.take(slots))).nonzero()[0]]


def _by_zone(hours: Hours, slots: Ints, window: tuple[int, int]) -> Iterator[tuple[Ints | None, Piece]]:
    """Pair the positions of each zone's slots, None for all, with each stretch of the window on that zone's clock."""
    numbers = _zones_among(hours, slots)
    for number in numbers:
        at = None if len(numbers) == 1 else (hours.zone.take(slots) == number).nonzero()[0]
        for piece in pieces(hours.zones[number], *window):
            yield at, piece


def _offers(hours: Hours, slots: Ints, window: tuple[int, int]) -> list[Spans]:
    if len(hours.zones) == 1 and len(whole := pieces(hours.zones[0], *window)) == 1:
        return [_weekly(hours, slots, whole[0])]
    return [
        _moved(_weekly(hours, slots if at is None else slots.take(at), piece), at, piece.start - window[0])
        for at, piece in _by_zone(hours, slots, window)
    ]


def _weekly(hours: Hours, slots: Ints, piece: Piece) -> Spans:
    """Find what weekly hours offer, in minutes since a day before the piece's start."""
    owner, place = hours.weekly.expand(slots)
    dawn = piece.start + piece.offset - DAY
    packed, from_day, until_day = hours.weekly.columns
    entry = packed.take(place)
    # Each entry's one occurrence that starts less than a day before the piece, or in it.
    begin = entry >> MINUTE_BIT
    begin -= week_minute(dawn)
    begin %= WEEK
    entry &= LENGTH
    entry += begin
    low, high = np.maximum(begin, DAY), np.minimum(entry, piece.end - piece.start + DAY)
    hit = (low < high).nonzero()[0]
    place = place.take(hit)
    date = begin.take(hit)
    date += dawn
    date //= DAY
    valid = from_day.take(place) <= date
    valid &= until_day.take(place) >= date
    if np.count_nonzero(valid) < len(hit):
        hit = hit.compress(valid)
    return owner.take(hit), low.take(hit), high.take(hit)


def _taken(hours: Hours, slots: Ints, stirred: Ints, window: tuple[int, int], buffer_min: int) -> Iterator[Spans]:
    """Find what bookings and calendars take, in minutes since a day before the window's start."""
    start, end = window
    among = slots.take(stirred)
    for rows, widened in ((hours.busy, buffer_min), (hours.unavailable, 0)):
        owner, place = rows.expand(among)
        if len(place):
            low, high = rows.columns
            low = np.subtract(low.take(place), start + widened - DAY, dtype=np.int64)
            high = np.subtract(high.take(place), start - widened - DAY, dtype=np.int64)
            owner, low, high = _clipped((owner, low, high), end - start)
            yield stirred.take(owner), low, high


def _overlap(offered: Spans, taken: Spans) -> Ints:
    """Measure how much of each offer is taken, where nobody has more than one span of either and all taken offer."""
    owner, low, high = taken
    at = offered[0].searchsorted(owner)
    minutes: Ints = np.minimum(high, offered[2].take(at)) - np.maximum(low, offered[1].take(at))
    return np.maximum(minutes, 0)


def _dated(hours: Hours, slots: Ints, stirred: Ints, window: tuple[int, int]) -> tuple[list[Spans], list[Spans]]:
    """Find what dated hours add and what they remove, in minutes since a day before the window's start."""
    adds: list[Spans] = []
    removes: list[Spans] = []
    for among, piece in _by_zone(hours, slots.take(stirred), window):
        at = stirred if among is None else stirred.take(among)
        owner, place = hours.dated.expand(slots.take(at))
        low, high, adding = (column.take(place) for column in hours.dated.columns)
        low, high = (column - np.int64(piece.start + piece.offset - DAY) for column in (low, high))
        length, shift = piece.end - piece.start, piece.start - window[0]
        for found, chosen in ((adds, adding), (removes, ~adding)):
            found.append(_moved(_clipped((owner[chosen], low[chosen], high[chosen]), length), at, shift))
    return adds, removes


def _clipped(spans: Spans, length: int) -> Spans:
    owner, low, high = spans
    low, high = np.maximum(low, DAY), np.minimum(high, length + DAY)
    hit = (low < high).nonzero()[0]
    return owner.take(hit), low.take(hit), high.take(hit)


def _moved(spans: Spans, owners: Ints | None, shift: int) -> Spans:
    owner, low, high = spans
    if owners is not None:
        owner = owners.take(owner)
    return (owner, low + shift, high + shift) if shift else (owner, low, high)


def _joined(spans: Sequence[Spans]) -> Spans:
    if len(spans) == 1:
        return spans[0]
    if not spans:
        return _NOTHING
    owner, low, high = (np.concatenate(column) for column in zip(*spans, strict=True))
    return owner, low, high
