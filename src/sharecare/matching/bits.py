"""Sets of days and of parts of the week as bits of one word: a first sieve that may keep too many, never too few."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WEEK_PARTS = 63
WEEK_PART_MIN = 160  # 63 parts of 160 minutes are a week
DAYS = 64


def ring_bits(first: int, count: int, around: int) -> int:
    """Set `count` bits from `first` on a ring of `around` bits."""
    bits = ((1 << min(count, around)) - 1) << first % around
    return (bits | bits >> around) & ((1 << around) - 1)


def rings_of_bits(first: Ints, count: Ints, around: int) -> Words:
    """Do what `ring_bits` does for many at once."""
    full = np.uint64((1 << around) - 1)
    ones = np.where(count >= around, full, (np.uint64(1) << np.minimum(count, 63).astype(np.uint64)) - np.uint64(1))
    turn = (first % around).astype(np.uint64)
    over = (ones >> np.uint64(1)) >> (np.uint64(around - 1) - turn)
    return (ones << turn | over) & full


def week_bits(week_minute: int, minutes: int) -> int:
    """Mark the parts of the week that some minutes touch; `week_minute` counts from Monday 00:00, by the wall clock."""
    first = week_minute // WEEK_PART_MIN
    return ring_bits(first, (week_minute + minutes - 1) // WEEK_PART_MIN - first + 1, WEEK_PARTS)


def weeks_of_bits(week_minute: Ints, minutes: Ints) -> Words:
    """Do what `week_bits` does for many at once."""
    first = week_minute // WEEK_PART_MIN
    return rings_of_bits(first, (week_minute + minutes - 1) // WEEK_PART_MIN - first + 1, WEEK_PARTS)


@lru_cache(maxsize=4096)
def day_bits(start: int, end: int) -> int:
    """Mark the days that `[start, end)` touches, in minutes since 1970; days 64 apart share a bit."""
    first = start // 1440
    return ring_bits(first, (end - 1) // 1440 - first + 1, DAYS)


def days_of_bits(start: Ints, end: Ints) -> Words:
    """Do what `day_bits` does for many at once."""
    first = start // 1440
    return rings_of_bits(first, (end - 1) // 1440 - first + 1, DAYS)
