"""Who is tied to whom: friendships and vouches, communities, blocks, suspended accounts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.blocks import Blocks
from sharecare.matching.communities import Communities
from sharecare.matching.model import Link
from sharecare.matching.people import People
from sharecare.matching.rows import Column, Rows, filled, resized
from sharecare.matching.score import Floats, trust_through
from sharecare.matching.words import Circle

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Rings = npt.NDArray[np.uint8]

# NumPy computes with a member of an enumeration in 64 bits.
FRIENDS, FRIENDS_OF_FRIENDS, OPEN, ANYONE = map(np.uint8, Circle)

_FEW = 300  # beyond this, finding candidates among members costs less than finding members among candidates
_SUSPENDED = 1
_HAS_BLOCKS = 2


class Reach(NamedTuple):
    """People a requester is tied to, by number; someone may come up in several entries.

    First those tied but no friends, then members of the same communities, friends of friends, and friends.
    """

    requester: int
    person: Ints
    doubt: Floats
    circle: Rings
    friend: Ints
    owner: Ints
    """Whose friend each friend of friends is: a position in `friend`."""
    crowds: list[tuple[Numbers, float]]
    """Members of large communities, in ascending order, and what sharing each is worth: looked up, not listed."""


_NONE = np.zeros(0, np.int64)
_NOBODY = Reach(-1, _NONE, np.zeros(0), np.zeros(0, np.uint8), _NONE, _NONE, [])


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
        self.friends = Rows((np.int32, np.float64))
        self.others = Rows((np.int32, np.float64))
        self.communities = Communities()
        self._blocks = Blocks()

    def grow(self) -> None:
        """Make room for everyone in `people`."""
        people = len(self.people)
        if people > len(self._flags):
            self._flags = resized(self._flags, int(people * 1.25) + 4096)
        for rows in (self.friends, self.others, self.communities):
            rows.extend(people)

    def number(self, person_id: int) -> int:
        number = self.people.add(person_id)
        self.grow()
        return number

    def reach(self, person: int) -> Reach:
        """Find everyone linked to a person, directly or through a mutual friend; nobody for the number -1."""
        if person < 0:
            return _NOBODY
        (friend, strength), (other, weak) = self.friends.row(person), self.others.row(person)
        friend = friend.astype(np.int64)  # NumPy indexes with anything else half as fast
        silenced = bool(np.count_nonzero(self._flags.take(friend)))
        if silenced or len(other):
            friend, strength = self._heard(person, friend, strength)
            other, weak = self._heard(person, other, weak)
        owner, place = self.friends.expand(friend)
        beyond, onward = (column.take(place) for column in self.friends.columns)
        if silenced:
            kept = self._unblocked(friend, owner, beyond)
            owner, beyond, onward = owner[kept], beyond[kept], onward[kept]
        around = self.communities.around(person)
        members = [some for some, _ in around if len(some) <= _FEW]
        shared = [filled(len(some), weight) for some, weight in around if len(some) <= _FEW]
        doubt = np.concatenate([weak, *shared, trust_through(strength.take(owner), onward), strength])
        np.subtract(1, doubt, out=doubt)
        circle = filled(len(doubt), FRIENDS_OF_FRIENDS, np.uint8)
        circle[: len(other)] = ANYONE
        circle[len(circle) - len(friend) :] = FRIENDS
        crowds = [(some, weight) for some, weight in around if len(some) > _FEW]
        return Reach(person, np.concatenate([other, *members, beyond, friend]), doubt, circle, friend, owner, crowds)

    def mutual_friends(self, reach: Reach, person: int) -> tuple[int, ...]:
        """List the ids of those through whom a requester's reach comes to a person."""
        beyond = reach.person[len(reach.person) - len(reach.friend) - len(reach.owner) :][: len(reach.owner)]
        through = reach.friend.take(reach.owner[beyond == person])
        return tuple(sorted(self.people.ids(through).tolist()))

    def blocked(self, person: int) -> list[int]:
        """List those that a person can't be matched with, whoever put up the block."""
        return self._blocks.around(person)

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

    def _heard(self, person: int, other: Ints, strength: Floats) -> tuple[Ints, Floats]:
        """Leave out the suspended, and whoever is across a block."""
        flags = self._flags.take(other)
        if not flags.any():
            return other, strength
        kept = ((flags & _SUSPENDED) == 0) & ~np.isin(other, self.blocked(person))
        return other[kept], strength[kept]

    def _unblocked(self, friend: Ints, owner: Ints, beyond: Ints) -> npt.NDArray[np.bool_]:
        kept = np.ones(len(owner), np.bool_)
        for at, number in enumerate(friend.tolist()):
            kept &= (owner != at) | ~np.isin(beyond, self.blocked(number))
        return kept

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
