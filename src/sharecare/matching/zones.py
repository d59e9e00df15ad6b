"""Wall time, and the union of intervals: the only place that asks a zone for its offset."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Minutes = TypeVar("Minutes", int, Ints)

DAY = 1440
WEEK = 7 * DAY
LONGEST_PIECE = WEEK - DAY
"""Within six days hours that last up to one recur at most once."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = 60
_FIRST_WEEKDAY = 3  # 1970-01-01 was a Thursday


class Piece(NamedTuple):
    """A stretch of UTC minutes in which the wall clock runs straight: wall minute = UTC minute + offset."""

    start: int
    end: int
    offset: int


@lru_cache(maxsize=4096)
def pieces(zone: str, start: int, end: int) -> tuple[Piece, ...]:
    """Cut a window where the zone changes its offset, and so that no piece is longer than six days.

    A gap then offers nothing and a fold both its passes without anyone knowing: each minute has one wall time.
    """
    found: list[Piece] = []
    for day in range(start // DAY, (end - 1) // DAY + 1):
        for first, after, offset in _day_pieces(zone, day):
            low, high = max(first, start), min(after, end)
            if low >= high:
                continue
            if found and found[-1].offset == offset and high - found[-1].start <= LONGEST_PIECE:
                found[-1] = Piece(found[-1].start, high, offset)
            else:
                found.append(Piece(low, high, offset))
    return tuple(found)


@lru_cache(maxsize=4096)
def _day_pieces(zone: str, day: int) -> tuple[Piece, ...]:
    """Cut one UTC day: look at every hour and halve the hours in which the offset changes."""
    first, after = day * DAY, (day + 1) * DAY
    cuts = [first]
    for hour in range(first, after, _HOUR):
        low, high = hour, hour + _HOUR
        before = _offset(zone, low)
        if _offset(zone, high) == before:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        cuts.append(high)
    ends = [*cuts[1:], after]
    return tuple(Piece(low, high, _offset(zone, low)) for low, high in zip(cuts, ends, strict=True) if low < high)


def _offset(zone: str, minute: int) -> int:
    """Give the offset in whole minutes; the odd seconds of offsets before 1972 are rounded down."""
    wall = (_EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
    offset = wall.utcoffset()
    return offset // timedelta(minutes=1) if offset else 0


def week_minute(wall_minute: Minutes) -> Minutes:
    """Give the minute of the week, Monday 00:00 being 0."""
    return (wall_minute + _FIRST_WEEKDAY * DAY) % WEEK


def united(owner: Ints, low: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """Put intervals in order, by owner and then by start, and unite those of one owner that meet."""
    if not len(owner):
        return owner, low, high
    # Owners laid end to end on one line: a running maximum of ends then never reaches into the next owner.
    first = int(low.min())
    moved = owner * (int(high.max()) - first + 1) - first
    low, high = low + moved, high + moved
    order = low.argsort()
    owner, low, moved = owner.take(order), low.take(order), moved.take(order)
    reached = np.maximum.accumulate(high.take(order))
    apart = np.ones(len(low) + 1, np.bool_)
    np.greater(low[1:], reached[:-1], out=apart[1:-1])
    begin, end = apart[:-1].nonzero()[0], apart[1:].nonzero()[0]
    moved = moved.take(begin)
    return owner.take(begin), low.take(begin) - moved, reached.take(end) - moved
