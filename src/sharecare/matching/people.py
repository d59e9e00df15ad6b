"""Everyone who is a supporter or tied to one, numbered from 0 without gaps."""

import numpy as np
import numpy.typing as npt

from sharecare.matching.rows import Column, parts, resized

Ints = npt.NDArray[np.int64]

_MOST_NEW = 4096


class People:
    """Person ids and their numbers, which never change: sorted arrays, and a dictionary of newcomers.

    Every 4096th newcomer is sorted in, which costs about 0.1 s at a million people.
    """

    __slots__ = ("_count", "_ids", "_new", "_numbers", "_sorted")

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.int64)  # by number, with room for more
        self._count = 0
        self._sorted = self._ids
        self._numbers = np.zeros(0, np.int32)
        self._new: dict[int, int] = {}

    def __len__(self) -> int:
        return self._count

    def number(self, person_id: int) -> int:
        """Find a person's number, -1 for nobody known."""
        at = int(self._sorted.searchsorted(person_id))
        if at < len(self._sorted) and self._sorted[at] == person_id:
            return int(self._numbers[at])
        return self._new.get(person_id, -1)

    def add(self, person_id: int) -> int:
        """Find a person's number, or give the next."""
        number = self.number(person_id)
        if number < 0:
            number = self._append(np.array([person_id]))
            self._new[person_id] = number
            if len(self._new) >= _MOST_NEW:
                self._sort()
        return number

    def ids(self, numbers: Ints) -> Ints:
        return self._ids.take(numbers)

    def numbers(self, person_ids: Column) -> npt.NDArray[np.int32]:
        """Find many numbers, -1 for those unknown."""
        if self._new:
            self._sort()
        found = np.full(len(person_ids), -1, np.int32)
        for part in parts(len(person_ids) if self._count else 0):
            ids = person_ids[part].astype(np.int64)
            at = self._sorted.searchsorted(ids)
            known = self._sorted.take(at, mode="clip") == ids
            found[part] = np.where(known, self._numbers.take(at, mode="clip"), -1)
        return found

    def add_all(self, *person_ids: Column) -> None:
        for ids in person_ids:
            unknown = ids[self.numbers(ids) < 0].astype(np.int64)
            if len(unknown):
                # Not np.unique: its hash table leaves tens of megabytes of small holes in the heap.
                unknown.sort()
                self._append(unknown[np.append(True, unknown[1:] > unknown[:-1])])
                self._sort()

    def _append(self, ids: Ints) -> int:
        """Give numbers to people who are new, and return the first."""
        first, self._count = self._count, self._count + len(ids)
        if self._count > len(self._ids):
            self._ids = resized(self._ids, int(self._count * 1.25) + 16)
        self._ids[first : self._count] = ids
        return first

    def _sort(self) -> None:
        ids = self._ids[: self._count]
        self._numbers = ids.argsort(kind="stable").astype(np.int32)
        self._sorted = ids.take(self._numbers)
        self._new = {}
