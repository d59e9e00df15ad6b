"""The best choice under rows, and what none can exceed: HiGHS searches, whole numbers prove.

A relaxed programme gives every row a price. At any prices, no choice is worth more than the bound: all rows filled and
every column taken that is worth more than its rows' prices. What a choice loses against the bound is a sum of losses
that are never negative, one for each column it takes or leaves at a price and one for each place in a row it leaves
empty. So a column or row whose loss alone exceeds what a better plan could afford is settled, and the search is left
with few columns whose figures are small: small enough for a solver that counts in floating point. Only there its word
is taken that nothing better is left, and never when the bound of whole numbers already says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.assign_highs import maximise
from sharecare.matching.assign_rows import Rows

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Left = Callable[[], float]
"""How many seconds are left."""

# Prices are whole 65,536ths, so that sums are exact: a relaxed optimum that isn't whole mostly has halves or thirds.
_FINE = 1 << 16
# Dearer than any price that means something; 64 bits then hold every sum.
_DEAREST = 1e13
# Under the gap at which the solver stops, over the noise of its bound.
_NOISE = 0.25
# Up to so many columns are priced at once; of more, so many of each group to begin with, and more each round.
_FEW = 20_000
_AT_FIRST = 10
_WIDER = 16
_NARROW = 1 / 4096


class Best(NamedTuple):
    """The best choice found, its worth, and what no choice can be worth more than."""

    choice: Ints
    value: int
    bound: int


@dataclass(frozen=True, slots=True)
class _Priced:
    """Rows at prices: the bound, and each column's gain over the prices of its rows. All in 65,536ths."""

    worth: Ints
    rows: Rows
    prices: Ints
    gain: Ints
    bound: int

    @classmethod
    def at(cls, prices: Floats, worth: Ints, rows: Rows) -> "_Priced":
        fine = np.rint(np.clip(prices, 0, _DEAREST) * _FINE).astype(np.int64)
        gain = worth * _FINE - rows.priced(fine)
        bound = sum((fine * rows.most).tolist()) + sum(np.maximum(gain, 0).tolist())
        return cls(worth, rows, fine, gain, bound)

    def loss(self, value: int) -> int:
        return self.bound - value * _FINE


def best_choice(worth: Ints, rows: Rows, start: Ints, left: Left) -> Best:
    """Choose the columns of the highest total worth, beginning from a choice that keeps the rows.

    The bound equals the value unless time ran out.
    """
    priced, relaxed = _relaxed(worth, rows, start, left)
    best = Best(start, int(worth @ start), priced.bound // _FINE)
    if left() > 0:
        best = _better(best, rounded(relaxed, worth, rows), priced)
    afford, finished = priced.bound % _FINE, True
    while finished and best.value < best.bound and left() > 0:
        best, finished = _search(priced, best, min(afford, priced.loss(best.value)), left)
        if afford >= priced.loss(best.value):
            break
        afford = max(_WIDER * afford, int(priced.loss(best.value) * _NARROW), _FINE)
    return best


def rounded(relaxed: Floats, worth: Ints, rows: Rows) -> Ints:
    """Choose columns one by one while the rows allow, those that a relaxed choice takes most of first."""
    order = np.lexsort((-worth, -np.rint(relaxed * _FINE)))
    by_column = np.argsort(rows.column, kind="stable")
    row = np.arange(len(rows)).repeat(np.diff(rows.start)).take(by_column).tolist()
    ends = np.bincount(rows.column, minlength=rows.columns).cumsum().tolist()
    room = np.where(rows.factor > 0, rows.most, rows.columns).tolist()
    choice = np.zeros(rows.columns, np.int64)
    for column in order.tolist():
        mine = row[ends[column - 1] if column else 0 : ends[column]]
        for at in mine:
            if room[at] <= 0:
                break
        else:
            choice[column] = 1
            for at in mine:
                room[at] -= 1
    return choice


def _relaxed(worth: Ints, rows: Rows, start: Ints, left: Left) -> tuple[_Priced, Floats]:
    """Find good prices, and a choice that may split columns.

    Of many columns few are ever chosen: begin with the best of each group, add those that gain at the prices found.
    """
    group = _groups(rows)
    kept = (start > 0) | _first_of_each(group, -worth, _AT_FIRST if rows.columns > _FEW else rows.columns)
    priced = _Priced.at(_plain_prices(worth, rows, group), worth, rows)
    relaxed = start.astype(np.float64)
    while left() > 0:
        columns = kept.nonzero()[0]
        core = rows.among(columns, np.zeros_like(start))
        unbound = np.full(len(rows), -np.inf)
        answer = maximise(worth.take(columns).astype(np.float64), core, unbound, whole=False, seconds=left())
        if not answer.finished or answer.choice is None:
            break
        found = _Priced.at(answer.prices, worth, rows)
        priced = min(priced, found, key=lambda some: some.bound)
        relaxed = np.zeros(rows.columns)
        relaxed[columns] = answer.choice
        missing = ~kept & (found.gain > 0)
        if not missing.any():
            return found, relaxed
        kept |= missing & _first_of_each(group, np.where(missing, -found.gain, 0), _AT_FIRST)
    return priced, relaxed


def _groups(rows: Rows) -> Ints:
    """Give the first row of each column."""
    group = np.full(rows.columns, len(rows))
    np.minimum.at(group, rows.column, np.arange(len(rows)).repeat(np.diff(rows.start)))
    return group


def _first_of_each(group: Ints, key: Ints, count: int) -> npt.NDArray[np.bool_]:
    """Mark the `count` columns of each group with the least keys."""
    order = np.lexsort((key, group))
    sorted_group = group.take(order)
    place = np.arange(len(order)) - sorted_group.searchsorted(sorted_group)
    marked = np.zeros(len(group), np.bool_)
    marked[order[place < count]] = True
    return marked


def _plain_prices(worth: Ints, rows: Rows, group: Ints) -> Floats:
    """Price the first row of each column at its best one: a bound while there is no other."""
    prices = np.zeros(len(rows), np.int64)
    np.maximum.at(prices, group, worth)
    return prices.astype(np.float64)


def _better(best: Best, choice: Ints, priced: _Priced) -> Best:
    """Take a choice that keeps the rows, to the last place, and is worth more."""
    value = int(priced.worth @ choice)
    if value > best.value and (priced.rows.chosen(choice) <= priced.rows.most).all():
        return best._replace(choice=choice, value=value)
    return best


def _search(priced: _Priced, best: Best, afford: int, left: Left) -> tuple[Best, bool]:
    """Look at every choice that loses no more than `afford`; say whether that was finished."""
    rows, fixed = priced.rows, (priced.gain > afford).astype(np.int64)
    columns = (np.abs(priced.gain) <= afford).nonzero()[0]
    core = rows.among(columns, fixed)
    # A row may leave as many places empty as the plan can afford. A dear one leaves none: its price is paid in advance.
    least = np.where(priced.prices > 0, core.most - afford // np.maximum(priced.prices, 1), -np.inf)
    advance = np.where(priced.prices > afford, priced.prices, 0)
    rest = priced.worth * _FINE - rows.priced(advance)
    paid = (sum((advance * rows.most).tolist()) + sum(rest[fixed > 0].tolist())) / _FINE
    start = best.choice.take(columns).astype(np.float64) if afford >= priced.loss(best.value) else None
    answer = maximise(rest.take(columns) / _FINE, core, least, whole=True, seconds=left(), start=start)
    if answer.choice is not None:
        choice = fixed
        choice[columns] = np.rint(answer.choice).astype(np.int64)
        best = _better(best, choice, priced)
    bounds = [best.value, (priced.bound - afford - 1) // _FINE]
    if answer.bound > -np.inf:
        bounds.append(int(min(best.bound, np.floor(paid + answer.bound + _NOISE))))
    return best._replace(bound=min(best.bound, max(bounds))), answer.finished
