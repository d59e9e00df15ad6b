"""Who blocked whom; both sides are out of each other's sight."""

from collections.abc import Iterable

import numpy as np

from sharecare.matching.rows import NUMBER, Rows


class Blocks:
    """Blocks by who put them up, and by person both ways in `rows`."""

    __slots__ = ("_against", "_by", "rows")

    def __init__(self) -> None:
        self._by: dict[int, set[int]] = {}
        self._against: dict[int, set[int]] = {}
        self.rows = Rows(NUMBER)

    def around(self, person: int) -> list[int]:
        """List everyone on the other side of a block, whoever put it up."""
        return sorted({*self._by.get(person, ()), *self._against.get(person, ())})

    def replace(self, person: int, blocked: set[int]) -> set[int]:
        """Replace the blocks one person put up; return everyone concerned."""
        before = self._by.pop(person, set())
        for other in before - blocked:
            self._against[other].discard(person)
        for other in blocked:
            self._against.setdefault(other, set()).add(person)
        if blocked:
            self._by[person] = blocked
        return self._written(before | blocked | {person})

    def load(self, blocker: Iterable[int], blocked: Iterable[int]) -> set[int]:
        """Replace all blocks; return everyone concerned."""
        concerned = {*self._by, *self._against}
        self._by, self._against = {}, {}
        for one, other in zip(blocker, blocked, strict=True):
            self._by.setdefault(one, set()).add(other)
            self._against.setdefault(other, set()).add(one)
        return self._written(concerned | {*self._by, *self._against})

    def _written(self, concerned: set[int]) -> set[int]:
        for person in concerned:
            self.rows.replace(person, [np.array(self.around(person), np.int64)])
        return concerned
