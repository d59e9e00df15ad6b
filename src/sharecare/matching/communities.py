"""Who is in which community: nurseries, schools, clubs."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sharecare.matching.rows import NUMBER, Column, Rows, resized
from sharecare.matching.score import Floats

Ints = npt.NDArray[np.int64]


class Communities:
    """Memberships both ways: a person's communities, and each one's members in ascending order.

    So a ranking reads the members of the requester's communities, not the communities of every candidate.
    """

    __slots__ = ("_ids", "_members", "_numbers", "_of", "_weights")

    def __init__(self) -> None:
        self._of = Rows(NUMBER)
        self._members = Rows(NUMBER)
        self._ids: list[int] = []
        self._numbers: dict[int, int] = {}
        self._weights: Floats = np.zeros(0)

    def extend(self, people: int) -> None:
        """Make room for person numbers below `people`."""
        self._of.extend(people)

    def load(self, person: Column, community_id: Column, weight: Floats, people: int) -> None:
        """Replace all memberships; each at most once."""
        order = person.argsort(kind="stable")
        person, community_id = person[order], community_id[order]
        ids, first, number = np.unique(community_id, return_index=True, return_inverse=True)
        self._ids = ids.tolist()
        self._numbers = {id_: at for at, id_ in enumerate(self._ids)}
        self._weights = weight[order[first]].astype(np.float64)
        self._of.load([(person, lambda part: [number[part]])], people)
        self._members.load([(number, lambda part: [person[part]])], len(ids))

    def replace(self, person: int, memberships: Iterable[tuple[int, float]]) -> None:
        """Replace a person's communities, given by id and weight; a weight holds for all its members."""
        before, now = set(self.of(person)), {self._number(id_, weight) for id_, weight in memberships}
        for number in before - now:
            members = self.members(number)
            self._members.replace(number, [members[members != person]])
        for number in now - before:
            members = self.members(number)
            self._members.replace(number, [np.insert(members, members.searchsorted(person), person)])
        self._of.replace(person, [np.array(sorted(now), np.int64)])

    def weigh(self, id_: int, weight: float) -> None:
        """Change a community's weight; one never heard of is left alone."""
        number = self._numbers.get(id_)
        if number is not None:
            self._weights[number] = weight

    def of(self, person: int) -> list[int]:
        """List a person's communities by number, none for the person -1."""
        numbers: list[int] = self._of.row(person)[0].tolist() if person >= 0 else []
        return numbers

    def members(self, number: int) -> npt.NDArray[np.int32]:
        return self._members.row(number)[0]

    @property
    def room(self) -> int:
        """Tell how many people there is room for."""
        return self._of.room

    def columns(self) -> list[Column]:
        """List the columns that native/layout.h reads, in its order."""
        return [*self._of.laid(), *self._members.laid(), self._weights]

    def ids(self, person: int, other: int) -> tuple[int, ...]:
        """List the communities that two people share, by id."""
        both = {*self.of(person)} & {*self.of(other)}
        return tuple(sorted(self._ids[number] for number in both))

    def _number(self, id_: int, weight: float) -> int:
        number = self._numbers.setdefault(id_, len(self._ids))
        if number == len(self._ids):
            self._ids.append(id_)
            self._members.extend(number + 1)
            if number == len(self._weights):
                self._weights = resized(self._weights, 2 * number + 16)
        self._weights[number] = weight
        return number
