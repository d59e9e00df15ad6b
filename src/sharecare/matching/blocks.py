"""Who blocked whom; both sides are out of each other's sight."""

from collections.abc import Iterable


class Blocks:
    __slots__ = ("_against", "_by")

    def __init__(self) -> None:
        self._by: dict[int, set[int]] = {}
        self._against: dict[int, set[int]] = {}

    def around(self, person: int) -> list[int]:
        """List everyone on the other side of a block, whoever put it up."""
        return [*self._by.get(person, ()), *self._against.get(person, ())]

    def replace(self, person: int, blocked: set[int]) -> set[int]:
        """Replace the blocks one person put up; return everyone concerned."""
        before = self._by.pop(person, set())
        for other in before - blocked:
            self._against[other].discard(person)
        for other in blocked:
            self._against.setdefault(other, set()).add(person)
        if blocked:
            self._by[person] = blocked
        return before | blocked | {person}

    def load(self, blocker: Iterable[int], blocked: Iterable[int]) -> set[int]:
        """Replace all blocks; return everyone concerned."""
        concerned = {*self._by, *self._against}
        self._by, self._against = {}, {}
        for one, other in zip(blocker, blocked, strict=True):
            self._by.setdefault(one, set()).add(other)
            self._against.setdefault(other, set()).add(one)
        return concerned | {*self._by, *self._against}
