"""Records of supporters by slot, and the packed word that tests most limits in one comparison."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sharecare.geo import MeshLevel
from sharecare.geo.grid import cell_numbers
from sharecare.matching.model import LARGEST_COUNT, Column, Query, SupporterTable
from sharecare.matching.rows import rearranged
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

SIGNPOST = 64

GLANCE = np.dtype([("word", "u8"), ("week", "u8")])
STANDING = np.dtype([("person", "i4"), ("certified_until", "i4")])
_FIGURES = ("y", "x", "identified_until", "trained_until", "notified_until", "birth_day", "booked_minutes", "unused")
LOOK = np.dtype(
    [
        *(("radius_m", "f8"), ("person_id", "i8"), ("household_id", "i8"), ("days", "u8")),
        *((name, "i4") for name in _FIGURES),
    ]
)


class Slots:
    """Records by slot; a slot that nobody holds has the word 0 and person -1.

    `key` orders the cells and ascends up to the slots put since they were sorted; `signposts` are every 64th of these.
    `glance` is what a ranking reads of everyone nearby, `standing` of those left then, and `look` of the rest:
    one line of memory each, not one for every figure. `week` and `days` are for `Hours` to write.
    """

    __slots__ = ("glance", "key", "look", "signposts", "standing")

    def __init__(self, slots: int = 0) -> None:
        self.key: Ints = np.zeros(slots, np.int64)
        self.signposts: Ints = self.key
        self.glance = np.zeros(slots, GLANCE)
        self.standing = np.zeros(slots, STANDING)
        self.look = np.zeros(slots, LOOK)

    @classmethod
    def of(cls, table: SupporterTable, person: Column) -> "Slots":
        """Lay out a table's supporters, all active, in the table's order."""
        slots = cls(len(table))
        for name, figure in _figures(table, person):
            slots[name][:] = figure
        return slots

    def __getitem__(self, name: str) -> Column:
        """View one figure of every slot."""
        if name == "key":
            return self.key
        records = self.glance if name in _GLANCED else self.standing if name in _STANDING else self.look
        return records[name]

    def columns(self) -> list[Column]:
        """List the columns that native/layout.h reads, in its order."""
        return [self.key, self.signposts, *self.records()]

    def records(self) -> list[Column]:
        """List all that lies by slot but the cells."""
        return [self.glance, self.standing, self.look]

    def rearrange(self, order: Ints, room: int) -> None:
        """Let slot i be what slot `order[i]` was, with room for more; slots beyond hold nobody."""
        self.key = rearranged(self.key, order, room)
        self.signposts = self.key[: len(order) : SIGNPOST].copy()
        self.glance, self.standing, self.look = (rearranged(one, order, room) for one in self.records())
        self.standing["person"][len(order) :] = -1

    def put(self, slot: int, row: "Slots") -> None:
        """Write the one row of another `Slots`, but for what `Hours` wrote."""
        week, days = self["week"][slot], self["days"][slot]
        self.key[slot] = row.key[0]
        for mine, theirs in zip(self.records(), row.records(), strict=True):
            mine[slot] = theirs[0]
        self["week"][slot], self["days"][slot] = week, days

    def clear(self, slot: int) -> None:
        self["word"][slot], self["week"][slot], self["person"][slot] = 0, 0, -1

    def set_active(self, slot: int, *, active: bool) -> None:
        word = int(self["word"][slot])
        self["word"][slot] = word | HERE if active else word & ~HERE


_GLANCED, _STANDING = (frozenset(records.names or ()) for records in (GLANCE, STANDING))


def _figures(table: SupporterTable, person: Column) -> Iterator[tuple[str, Column]]:
    """Work out each figure of a record."""
    level, rows, columns = (column.astype(np.int64) for column in (table.cell_level, table.cell_row, table.cell_column))
    half = 4 >> level - MeshLevel.THIRD
    yield "key", cell_numbers(level, rows, columns)
    yield "word", supporter_words(table)
    yield "y", (2 * rows + 1) * half
    yield "x", (2 * columns + 1) * half
    yield from (("radius_m", table.travel_radius_m), ("person", person), ("person_id", table.person_id))
    yield "household_id", table.household_id
    steps = steps_until(table.level, (table.identified_until, table.trained_until, table.certified_until))
    yield from zip(("identified_until", "trained_until", "certified_until"), steps, strict=True)
    yield "notified_until", np.clip(table.notified_until, ALWAYS, NEVER)
    yield from (("birth_day", table.birth_day), ("booked_minutes", table.booked_minutes))


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
