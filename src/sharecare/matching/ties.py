"""Who is tied to whom: friendships and vouches, communities, blocks, suspended accounts."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sharecare.matching.blocks import Blocks
from sharecare.matching.communities import Communities
from sharecare.matching.model import Link
from sharecare.matching.people import People
from sharecare.matching.rows import Column, Rows, resized
from sharecare.matching.score import Floats

LINK = np.dtype([("person", "i4"), ("strength", "f8")])
_SUSPENDED = 1
_HAS_BLOCKS = 2


class Ties:
    """Links, communities and blocks by person number.

    Links lie in both persons' rows, each with the strength towards the other. What a block or a suspension silences is
    left out while reading, so that lifting either brings it back.
    """

    __slots__ = ("_blocks", "_flags", "communities", "friends", "others", "people")

    def __init__(self) -> None:
        self.people = People()
        self._flags = np.zeros(0, np.uint8)
        # The other's number and the strength towards them, of friendships and of all other ties.
        self.friends = Rows(LINK)
        self.others = Rows(LINK)
        self.communities = Communities()
        self._blocks = Blocks()

    def grow(self) -> None:
        """Make room for everyone in `people`."""
        people = len(self.people)
        if people > len(self._flags):
            self._flags = resized(self._flags, int(people * 1.25) + 4096)
        for rows in (self.friends, self.others, self._blocks.rows, self.communities):
            rows.extend(people)

    def number(self, person_id: int) -> int:
        number = self.people.add(person_id)
        self.grow()
        return number

    @property
    def room(self) -> int:
        """Tell how many people there is room for."""
        rows = (self.friends, self.others, self._blocks.rows, self.communities)
        return min(len(self._flags), *(one.room for one in rows))

    def columns(self) -> list[Column]:
        """List the columns that native/layout.h reads, in its order."""
        return [
            self._flags,
            *self.friends.laid(),
            *self.others.laid(),
            *self._blocks.rows.laid(),
            *self.communities.columns(),
        ]

    def heard_friends(self, person: int) -> set[int]:
        """Find a person's friends, none for the number -1: but for the suspended, and whoever is across a block."""
        if person < 0:
            return set()
        friend = self.friends.row(person)[0]
        active = friend[(self._flags.take(friend) & _SUSPENDED) == 0]
        return {*active.tolist()}.difference(self._blocks.around(person))

    def mutual_friends(self, heard: set[int], person: int) -> tuple[int, ...]:
        """List the ids of those through whom someone, whose friends are `heard_friends`, comes to a person."""
        through = heard.intersection(self.friends.row(person)[0].tolist()).difference(self._blocks.around(person))
        return tuple(sorted(self.people.ids(np.array([*through], np.int64)).tolist()))

    def suspended_among(self, people: Column) -> npt.NDArray[np.bool_]:
        return (self._flags.take(people) & _SUSPENDED) > 0

    def suspended(self, person: int) -> bool:
        return bool(self._flags[person] & _SUSPENDED)

    def set_suspended(self, person: int, *, suspended: bool) -> None:
        self._flags[person] = (int(self._flags[person]) & ~_SUSPENDED) | (_SUSPENDED * suspended)

    def set_links(self, person: int, links: Iterable[Link]) -> None:
        """Replace all of a person's links, in their row and in the others'."""
        wanted = {self.number(link.other_id): link for link in links}
        if person in wanted:
            raise ValueError("nobody is linked to themselves")
        for rows, friend in ((self.friends, True), (self.others, False)):
            links_here = {other: link for other, link in wanted.items() if link.friend is friend}
            for other in {*rows.row(person)[0].tolist(), *links_here}:
                kept = {who: strength for who, strength in _pairs(rows, other) if who != person}
                if other in links_here:
                    kept[person] = links_here[other].strength_from
                _set_pairs(rows, other, kept)
            _set_pairs(rows, person, {other: link.strength_to for other, link in links_here.items()})

    def set_communities(self, person: int, memberships: Iterable[tuple[int, float]]) -> None:
        """Replace a person's communities, given by id and weight; a weight holds for all its members."""
        self.communities.replace(person, memberships)

    def set_blocks(self, person: int, blocked_ids: Iterable[int]) -> None:
        """Replace the blocks that a person put up; those that others put up stay."""
        new = {self.number(id_) for id_ in blocked_ids} - {person}
        for other in self._blocks.replace(person, new):
            self._mark_blocks(other)

    def load_links(self, pairs: Sequence[Column], strengths: Sequence[Floats], friend: npt.NDArray[np.bool_]) -> None:
        """Replace all links: numbers of both sides, strength from the first to the second and back."""
        self.grow()
        for rows, wanted in ((self.friends, friend), (self.others, ~friend)):
            every = bool(wanted.all())
            a, b, there, back = (column if every else column[wanted] for column in (*pairs, *strengths))
            rows.load([(a, _parts(b, there)), (b, _parts(a, back))], len(self._flags))

    def load_communities(self, person: Column, community_id: Column, weight: Floats) -> None:
        """Replace all memberships; each at most once."""
        self.grow()
        self.communities.load(person, community_id, weight, len(self._flags))

    def load_blocks(self, blocker: Column, blocked: Column) -> None:
        """Replace all blocks."""
        self.grow()
        for person in self._blocks.load(blocker.tolist(), blocked.tolist()):
            self._mark_blocks(person)

    def _mark_blocks(self, person: int) -> None:
        has = bool(self._blocks.around(person))
        self._flags[person] = (int(self._flags[person]) & ~_HAS_BLOCKS) | (_HAS_BLOCKS * has)


def _pairs(rows: Rows, person: int) -> Iterator[tuple[int, float]]:
    other, strength = rows.row(person)
    return zip(other.tolist(), strength.tolist(), strict=True)


def _set_pairs(rows: Rows, person: int, strengths: dict[int, float]) -> None:
    rows.replace(person, [np.array([*strengths], np.int64), np.array([*strengths.values()], np.float64)])


def _parts(*columns: Column) -> Callable[[slice], list[Column]]:
    return lambda part: [column[part] for column in columns]
