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
_NOTHING: Spans = (np.zeros(0, np.int64),) * 3


def might_offer(hours: Hours, slots: Ints, start: int, end: int) -> Ints:
    """Find the positions of all but those who have no hours in the window's parts of the week."""
    found = hours.week.take(slots)
    found &= _week_bits(hours, slots, start, end)
    return found.nonzero()[0]


def free_minutes(hours: Hours, slots: Ints, window: tuple[int, int], buffer_min: int, least: int = 0) -> Ints:
    """Count the minutes that each slot offers and that no booking, widened by the buffer, takes.

    Slots that offer fewer than `least` are not asked for their bookings; their figure is some number below it.
    """
    start, end = window
    offers = [
        _moved(_weekly(hours, slots if at is None else slots.take(at), piece), at, piece.start - start)
        for at, piece in _by_zone(hours, slots, window)
    ]
    stirred = (hours.days.take(slots) & day_bits(start - buffer_min, end + buffer_min)).nonzero()[0]
    removals: list[Spans] = []
    if hours.dated and hours.dated.count.take(slots.take(stirred)).any():
        adds, removals = _dated(hours, slots, stirred, window)
        offers += adds
    offered = _joined(offers)
    minutes = union_minutes(*offered, len(slots))
    stirred = stirred.compress(minutes.take(stirred) >= least)
    away = _joined([*removals, *_taken(hours, slots, stirred, window, buffer_min)])
    if not len(away[0]):
        return minutes
    # Offered less taken is the union of both less the taken: one pass over twice the owners.
    owner, low, high = away
    both = union_minutes(*_joined([offered, away, (owner + len(slots), low, high)]), 2 * len(slots))
    return both[: len(slots)] - both[len(slots) :]


def booked_minutes(hours: Hours, slots: Ints, start: int) -> Ints:
    """Count the minutes of each slot's bookings in the 28 days before an instant."""
    owner, place = hours.busy.expand(slots)
    low, high = (column.take(place) - np.int64(start) for column in hours.busy.columns)
    return union_minutes(*_clipped((owner, low + _BOOKED_MIN, high + _BOOKED_MIN), _BOOKED_MIN), len(slots))


def _week_bits(hours: Hours, slots: Ints, start: int, end: int) -> Words | int:
    numbers = _zones_among(hours, slots)
    if len(numbers) == 1:
        return _zone_bits(hours.zones[numbers[0]], start, end)
    wanted = np.zeros(len(hours.zones), np.uint64)
    wanted[numbers] = [_zone_bits(hours.zones[number], start, end) for number in numbers]
    return wanted.take(hours.zone.take(slots))


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


def _weekly(hours: Hours, slots: Ints, piece: Piece) -> Spans:
    """Find what weekly hours offer, in minutes since the piece's start."""
    owner, place = hours.weekly.expand(slots)
    wall, length = piece.start + piece.offset, piece.end - piece.start
    week, minutes, from_day, until_day = hours.weekly.columns
    # Each entry's one occurrence that starts less than a day before the piece, or in it.
    low = week.take(place)
    low -= np.int16(week_minute(wall - DAY))
    low += (low < 0) * np.int16(WEEK)
    low -= np.int16(DAY)
    high = low + minutes.take(place)
    hit = ((low < length) & (high > 0)).nonzero()[0]
    place, low, high = place.take(hit), low.take(hit).astype(np.int64), high.take(hit)
    date = (low + wall) // DAY
    valid = (from_day.take(place) <= date) & (date <= until_day.take(place))
    if not valid.all():
        hit, low, high = hit[valid], low[valid], high[valid]
    return owner.take(hit), np.maximum(low, 0), np.minimum(high, length).astype(np.int64)


def _taken(hours: Hours, slots: Ints, stirred: Ints, window: tuple[int, int], buffer_min: int) -> Iterator[Spans]:
    """Find what bookings and calendars take, in minutes since the window's start."""
    start, end = window
    among = slots.take(stirred)
    for rows, widened in ((hours.busy, buffer_min), (hours.unavailable, 0)):
        owner, place = rows.expand(among)
        if len(place):
            low, high = rows.columns
            low, high = low.take(place) - np.int64(start + widened), high.take(place) - np.int64(start - widened)
            yield _clipped((stirred.take(owner), low, high), end - start)


def _dated(hours: Hours, slots: Ints, stirred: Ints, window: tuple[int, int]) -> tuple[list[Spans], list[Spans]]:
    """Find what dated hours add and what they remove, in minutes since the window's start."""
    adds: list[Spans] = []
    removes: list[Spans] = []
    for among, piece in _by_zone(hours, slots.take(stirred), window):
        at = stirred if among is None else stirred.take(among)
        owner, place = hours.dated.expand(slots.take(at))
        low, high, adding = (column.take(place) for column in hours.dated.columns)
        low, high = (column - np.int64(piece.start + piece.offset) for column in (low, high))
        length, shift = piece.end - piece.start, piece.start - window[0]
        for found, chosen in ((adds, adding), (removes, ~adding)):
            found.append(_moved(_clipped((owner[chosen], low[chosen], high[chosen]), length), at, shift))
    return adds, removes


def _clipped(spans: Spans, length: int) -> Spans:
    owner, low, high = spans
    hit = ((low < length) & (high > 0)).nonzero()[0]
    return owner.take(hit), np.maximum(low.take(hit), 0), np.minimum(high.take(hit), length)


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
