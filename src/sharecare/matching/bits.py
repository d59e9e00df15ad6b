"""Sets of days and of parts of the week as bits of one word: a first sieve that may keep too many, never too few.

native/minutes.h does the same for the window of a request.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

WEEK_PARTS = 63
WEEK_PART_MIN = 160  # 63 parts of 160 minutes are a week
DAYS = 64


def rings_of_bits(first: Ints, count: Ints, around: int) -> Words:
    """Set `count` bits from `first` on, of each ring of `around` bits."""
    full = np.uint64((1 << around) - 1)
    ones = np.where(count >= around, full, (np.uint64(1) << np.minimum(count, 63).astype(np.uint64)) - np.uint64(1))
    turn = (first % around).astype(np.uint64)
    over = (ones >> np.uint64(1)) >> (np.uint64(around - 1) - turn)
    return (ones << turn | over) & full


def weeks_of_bits(week_minute: Ints, minutes: Ints) -> Words:
    """Mark the parts of the week that some minutes touch; `week_minute` counts from Monday 00:00, by the wall clock."""
    first = week_minute // WEEK_PART_MIN
    return rings_of_bits(first, (week_minute + minutes - 1) // WEEK_PART_MIN - first + 1, WEEK_PARTS)


def days_of_bits(start: Ints, end: Ints) -> Words:
    """Mark the days that each `[start, end)` touches, in minutes since 1970; days 64 apart share a bit."""
    first = start // 1440
    return rings_of_bits(first, (end - 1) // 1440 - first + 1, DAYS)
