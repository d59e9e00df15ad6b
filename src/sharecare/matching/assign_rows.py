"""What can't be together in one plan, as rows of edges of which only so many may be chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sharecare.matching.model import Period

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of columns, one after the other: `factor` · (chosen columns of the row) ≤ `most`.

    `start` is each row's first place in `column`, and the end of the last; `columns` counts them all.
    """

    columns: int
    start: Ints
    column: Ints
    factor: Ints
    most: Ints

    @classmethod
    def of(cls, columns: int, rows: Sequence[tuple[Ints, int]]) -> "Rows":
        """Lay out rows given by their columns and how many of them may be chosen."""
        return cls(
            columns,
            np.cumsum([0, *(len(row) for row, _ in rows)], dtype=np.int64),
            np.concatenate([np.zeros(0, np.int64), *(row for row, _ in rows)]),
            np.ones(len(rows), np.int64),
            np.array([most for _, most in rows], np.int64),
        )

    def __len__(self) -> int:
        return len(self.most)

    def chosen(self, choice: Ints) -> Ints:
        """Sum each row of a choice, times its factor."""
        sums = np.concatenate([[0], choice.take(self.column).cumsum()])
        return self.factor * np.diff(sums.take(self.start))

    def priced(self, prices: Ints) -> Ints:
        """Sum for each column the prices of its rows, times their factors."""
        sums = np.zeros(self.columns, np.int64)
        np.add.at(sums, self.column, (self.factor * prices).repeat(np.diff(self.start)))
        return sums

    def at_least(self, count: int) -> "Rows":
        """Add the row that at least `count` of all columns are chosen."""
        return Rows(
            self.columns,
            np.append(self.start, len(self.column) + self.columns),
            np.concatenate([self.column, np.arange(self.columns)]),
            np.append(self.factor, -1),
            np.append(self.most, -count),
        )

    def among(self, columns: Ints, fixed: Ints) -> "Rows":
        """Keep some columns, ascending; `fixed` is 1 for the others that are chosen. No row goes."""
        number = np.full(self.columns, -1)
        number[columns] = np.arange(len(columns))
        numbers = number.take(self.column)
        kept = numbers >= 0
        ends = np.concatenate([[0], kept.cumsum()])
        return Rows(len(columns), ends.take(self.start), numbers[kept], self.factor, self.most - self.chosen(fixed))


def cliques(windows: Sequence[Period]) -> Iterator[list[int]]:
    """Give every largest set of windows that overlap at one instant: one row each says all about overlaps."""
    here: list[int] = []
    soonest = 0
    for at in sorted(range(len(windows)), key=lambda at: windows[at]):
        start, end = windows[at]
        if here and soonest <= start:
            # Whoever leaves met all that were here, and nobody who comes: the set could not grow.
            if len(here) > 1:
                yield here
            here = [other for other in here if windows[other][1] > start]
            soonest = min((windows[other][1] for other in here), default=end)
        here.append(at)
        soonest = min(soonest, end) if len(here) > 1 else end
    if len(here) > 1:
        yield here


def most_apart(windows: Sequence[Period]) -> int:
    """Count the windows of a largest set without overlap: always the next to end."""
    count, until = 0, min((start for start, _ in windows), default=0)
    for start, end in sorted(windows, key=lambda window: window[1]):
        if start >= until:
            count, until = count + 1, end
    return count


def parts(count: int, groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """Part the numbers below `count` so that no group reaches into two parts; the smallest parts first."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    for group in groups:
        first = root(group[0])
        for other in group[1:]:
            if parent[other] != first:
                parent[root(other)] = first
    found: dict[int, list[int]] = {}
    for at in range(count):
        found.setdefault(root(at), []).append(at)
    return sorted(found.values(), key=len)
