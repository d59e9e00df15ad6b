"""Everyone who is a supporter or tied to one, numbered from 0 without gaps."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sharecare.matching.rows import Column, parts

Ints = npt.NDArray[np.int64]

_MOST_NEW = 4096


class People:
    """Person ids and their numbers, which never change: sorted arrays, and a dictionary of newcomers.

    Every 4096th newcomer is sorted in, which costs about 20 ms at a million people.
    """

    __slots__ = ("_ids", "_new", "_numbers", "_sorted")

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.int64)
        self._sorted = self._ids
        self._numbers = np.zeros(0, np.int32)
        self._new: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._ids) + len(self._new)

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
            number = len(self)
            self._new[person_id] = number
            if len(self._new) >= _MOST_NEW:
                self._fold(())
        return number

    def numbers(self, person_ids: Column) -> npt.NDArray[np.int32]:
        """Find many numbers, -1 for those unknown."""
        if self._new:
            self._fold(())
        found = np.full(len(person_ids), -1, np.int32)
        for part in parts(len(person_ids) if len(self._sorted) else 0):
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
                self._fold(unknown[np.append(True, unknown[1:] > unknown[:-1])])

    def ids(self, numbers: Ints) -> Ints:
        if self._new:
            self._fold(())
        return self._ids.take(numbers)

    def _fold(self, more: Sequence[int] | Ints) -> None:
        """Sort in the newcomers, and more who are unknown and stand once."""
        newcomers = np.fromiter(self._new, np.int64, len(self._new))
        ids = np.concatenate([self._ids, newcomers, np.asarray(more, np.int64)])
        self._ids, self._new = ids, {}
        self._numbers = np.argsort(ids, kind="stable").astype(np.int32)
        self._sorted = ids if (ids[1:] > ids[:-1]).all() else ids.take(self._numbers)
