"""Columns of supporters by slot, and the packed word that tests most limits in one comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from sharecare.geo import MeshLevel
from sharecare.geo.grid import cell_numbers
from sharecare.matching.model import LARGEST_COUNT, Column, Query, SupporterTable
from sharecare.matching.rows import resized
from sharecare.matching.words import ALWAYS, NEVER, Level

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]

# A word holds three figures of 15 bits, each below a guard bit, and flags above. Subtracting what a query needs clears
# the guard of a figure that is too small and leaves the flags alone, so one mask then tests everything.
_FIGURE_BITS = 16
_GUARDS = 0x8000_8000_8000
_KINDS = 48
_MEANS = 52
HERE = 1 << 56

_DTYPES = ("i8", "u8", "i4", "i4", "f8", "i4", "i8", "i8", "i4", "i4", "i4", "i4", "i4", "i4")


@dataclass(slots=True)
class Slots:
    """Parallel columns; a slot that nobody holds has the word 0 and person -1.

    `key` orders the cells and ascends up to the slots put since they were sorted; `until` dates the steps of the
    ladder, each together with those below it.
    """

    key: Ints
    word: Words
    y: npt.NDArray[np.int32]
    x: npt.NDArray[np.int32]
    radius_m: npt.NDArray[np.float64]
    person: npt.NDArray[np.int32]
    person_id: Ints
    household_id: Ints
    identified_until: npt.NDArray[np.int32]
    trained_until: npt.NDArray[np.int32]
    certified_until: npt.NDArray[np.int32]
    notified_until: npt.NDArray[np.int32]
    birth_day: npt.NDArray[np.int32]
    booked_minutes: npt.NDArray[np.int32]

    @classmethod
    def of(cls, table: SupporterTable, person: Column) -> "Slots":
        """Lay out a table's supporters, all active, in the table's order."""
        return cls(*(figure.astype(dtype) for figure, dtype in zip(_figures(table, person), _DTYPES, strict=True)))

    @classmethod
    def empty(cls) -> "Slots":
        return cls(*(np.zeros(0, dtype) for dtype in _DTYPES))

    def rearrange(self, order: Ints, room: int) -> None:
        """Let slot i be what slot `order[i]` was, with room for more; slots beyond hold nobody."""
        for field in fields(self):
            setattr(self, field.name, resized(getattr(self, field.name).take(order), room))
        self.person[len(order) :] = -1

    def put(self, slot: int, row: "Slots") -> None:
        """Write the one row of another `Slots`."""
        for field in fields(self):
            getattr(self, field.name)[slot] = getattr(row, field.name)[0]

    def clear(self, slot: int) -> None:
        self.word[slot], self.person[slot] = 0, -1

    def set_active(self, slot: int, *, active: bool) -> None:
        word = int(self.word[slot])
        self.word[slot] = word | HERE if active else word & ~HERE


def _figures(table: SupporterTable, person: Column) -> Iterator[Column]:
    """Work out the columns one by one, in the order of `Slots`."""
    level, rows, columns = (column.astype(np.int64) for column in (table.cell_level, table.cell_row, table.cell_column))
    half = 4 >> level - MeshLevel.THIRD
    yield cell_numbers(level, rows, columns)
    yield supporter_words(table)
    yield (2 * rows + 1) * half
    yield (2 * columns + 1) * half
    yield from (table.travel_radius_m, person, table.person_id, table.household_id)
    yield from steps_until(table.level, (table.identified_until, table.trained_until, table.certified_until))
    yield np.clip(table.notified_until, ALWAYS, NEVER)
    yield from (table.birth_day, table.booked_minutes)


def supporter_words(table: SupporterTable) -> Words:
    """Pack what supporters offer; all are active."""
    capacity, max_age, min_age = (
        np.clip(column, 0, LARGEST_COUNT).astype(np.int64)
        for column in (table.capacity, table.max_age_months, table.min_age_months)
    )
    words = table.kinds.astype(np.int64) << _KINDS | table.means.astype(np.int64) << _MEANS | (HERE | _GUARDS)
    for at, figure in enumerate((capacity, max_age, LARGEST_COUNT - min_age)):
        words |= figure << at * _FIGURE_BITS
    return words.astype(np.uint64)


def needed_word(query: Query) -> tuple[int, int]:
    """Give what to subtract from a supporter's word, and the bits that must then be set."""
    youngest = LARGEST_COUNT - query.youngest_months
    need = query.children | query.oldest_months << _FIGURE_BITS | youngest << 2 * _FIGURE_BITS
    return need, _GUARDS | HERE | int(query.kind) << _KINDS | int(query.means or 0) << _MEANS


def steps_until(level: Column, steps: Sequence[Column]) -> Iterator[Column]:
    """Date each step of the ladder together with those below it; a step not reached ends before any request."""
    until = np.full(len(level), NEVER)
    for step, ends in enumerate(steps, start=int(Level.IDENTIFIED)):
        until = np.minimum(until, ends)
        yield np.where(level >= step, until, ALWAYS)
