"""Showing figures without showing families: pure.

A figure is shown only where at least k distinct families (and supporters, where any are concerned) stand behind it.
What is too small is shown coarser: a cell within its parent, an hour within its part of the day, a level within its
half of the ladder, a share as a range. Nothing left out can be had back by subtraction: groups are merged until every
one that is shown holds k families, all of a breakdown is shown or none, and what is merged adds up to what is shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

ELSEWHERE = "elsewhere"
EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Backing:
    """How many distinct families and supporters stand behind a figure; None where it concerns none of the kind."""

    families: int | None = None
    supporters: int | None = None

    def reaches(self, k: int) -> bool:
        """Say whether enough of each kind stand behind it."""
        return all(count is None or count >= k for count in (self.families, self.supporters))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a whole that is cut in two: the filled requests, or those that were not."""

    count: int
    backing: Backing

    def passes(self, k: int) -> bool:
        """Say whether the side can be told as it is; a zero tells of no one."""
        return self.count == 0 or self.backing.reaches(k)


@dataclass(frozen=True, slots=True)
class Span:
    """What is told of a count: exactly, or that it lies from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether the range holds one value."""
        return self.low == self.high


def span_of(part: Side, rest: Side, *, k: int) -> Span | None:
    """Return what may be told of a part of a whole whose size is known; None where that is nothing.

    Telling one side tells the other, so both must pass; otherwise the smaller one's count is put in a range that is k
    wide and depends on the size of the whole alone.
    """
    if part.passes(k) and rest.passes(k):
        return Span(part.count, part.count)
    whole = part.count + rest.count
    if not part.passes(k):
        return _range_of(part.count, whole, k)
    outside = _range_of(rest.count, whole, k)
    return outside and Span(whole - outside.high, whole - outside.low)


def span_above(told: int, beside: Side, *, k: int) -> Span:
    """Return what may be told of a whole of which all but `beside` is told: its size must not tell that one's."""
    if beside.passes(k):
        return Span(told + beside.count, told + beside.count)
    low = told + 1 + (beside.count - 1) // (k + 1) * (k + 1)
    return Span(low, low + k)


def _range_of(count: int, whole: int, k: int) -> Span | None:
    """Return the range of a count from 1 to `whole - 1`: steps of k + 1 values, the last one longer."""
    values, step = whole - 1, k + 1
    steps = values // step
    if not steps:
        return None
    place = min((count - 1) // step, steps - 1)
    low = 1 + place * step
    return Span(low, values if place == steps - 1 else low + k)


@dataclass(frozen=True, slots=True)
class Leaf:
    """The finest group of a breakdown: where it lies, from fine to coarse, who stands behind it and what it adds."""

    path: tuple[str, ...]
    families: frozenset[int]
    amount: int
    supporters: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One or more leaves shown as one."""

    label: str
    leaves: tuple[Leaf, ...]

    @property
    def amount(self) -> int:
        """The sum of what the leaves add."""
        return sum(leaf.amount for leaf in self.leaves)

    @property
    def families(self) -> frozenset[int]:
        """The distinct families behind it: one that lies in several leaves counts once."""
        return frozenset().union(*(leaf.families for leaf in self.leaves))

    @property
    def backing(self) -> Backing:
        """Who stands behind it."""
        supporters = [leaf.supporters for leaf in self.leaves if leaf.supporters is not None]
        return Backing(len(self.families), len(frozenset().union(*supporters)) if supporters else None)


def merged(leaves: Iterable[Leaf], *, k: int) -> list[Group] | None:
    """Return the groups of a breakdown, each of at least k families; None where even all of them are too few.

    Where one group is too small, all of its parent's are merged: showing its siblings beside the parent would show it.
    What is too small at the top becomes "elsewhere", which the smallest shown groups join until it is large enough.
    """
    known = [leaf for leaf in leaves if leaf.families]
    groups = _grouped(known, lambda leaf: leaf.path[0])
    for depth in range(1, max((len(leaf.path) for leaf in known), default=1)):
        groups = _lifted(groups, depth, k)
    return _swept(groups, k)


def _grouped(leaves: Iterable[Leaf], label: Callable[[Leaf], str]) -> list[Group]:
    by_label: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        by_label.setdefault(label(leaf), []).append(leaf)
    return [Group(name, tuple(of)) for name, of in sorted(by_label.items())]


def _lifted(groups: Sequence[Group], depth: int, k: int) -> list[Group]:
    """Merge every parent at a depth that holds a group which is too small."""
    small = {_parent(group, depth) for group in groups if not group.backing.reaches(k)}
    kept = [group for group in groups if _parent(group, depth) not in small]
    lifted = (leaf for group in groups if _parent(group, depth) in small for leaf in group.leaves)
    return kept + _grouped(lifted, lambda leaf: leaf.path[depth])


def _parent(group: Group, depth: int) -> str:
    return group.leaves[0].path[depth]


def _swept(groups: Sequence[Group], k: int) -> list[Group] | None:
    shown = sorted((group for group in groups if group.backing.reaches(k)), key=lambda group: len(group.families))
    leftover = tuple(leaf for group in groups if not group.backing.reaches(k) for leaf in group.leaves)
    if not leftover:
        return sorted(shown, key=lambda group: group.label)
    while shown and not Group(ELSEWHERE, leftover).backing.reaches(k):
        leftover += shown.pop(0).leaves
    rest = Group(ELSEWHERE if shown else EVERYTHING, leftover)
    return [*sorted(shown, key=lambda group: group.label), rest] if rest.backing.reaches(k) else None
