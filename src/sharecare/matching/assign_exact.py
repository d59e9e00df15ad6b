"""The best choice under rows, and what none can exceed: HiGHS searches, whole numbers prove.

A relaxed programme gives every row a price. At any prices, no choice is worth more than the bound: all rows filled and
every column taken that is worth more than its rows' prices. What a choice loses against the bound is a sum of losses
that are never negative, one for each column it takes or leaves at a price and one for each place in a row it leaves
empty. So a column or row whose loss alone exceeds what a better plan could afford is settled, and the search is left
with few columns whose figures are small: small enough for a solver that counts in floating point.
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


def best_choice(worth: Ints, rows: Rows, start: Ints, left: Left) -> Best:
    """Choose the columns of the highest total worth, beginning from a choice that keeps the rows.

    The bound equals the value unless time ran out.
    """
    relaxed = maximise(worth.astype(np.float64), rows, _no_least(rows), whole=False, seconds=left())
    prices = relaxed.prices if relaxed.finished else _plain_prices(worth, rows)
    priced = _Priced.at(prices, worth, rows)
    best = Best(start, int(worth @ start), priced.bound // _FINE)
    if relaxed.choice is not None:
        best = _better(best, _rounded(relaxed.choice, worth, rows), worth, rows)
    afford = priced.bound % _FINE
    while best.value < best.bound and left() > 0:
        best, finished = _search(priced, best, afford, left)
        if not finished:
            break
        afford = max(_WIDER * afford, int((priced.bound - best.value * _FINE) * _NARROW))
    return best


def _search(priced: _Priced, best: Best, afford: int, left: Left) -> tuple[Best, bool]:
    """Look at every choice that loses no more than `afford`; say whether that was finished."""
    afford = min(afford, priced.bound - (best.value + 1) * _FINE)
    rows, fixed = priced.rows, (priced.gain > afford).astype(np.int64)
    columns = (np.abs(priced.gain) <= afford).nonzero()[0]
    dear = priced.prices > afford
    # A row may leave so many places empty as the plan can afford; a dear one none, and its price is paid in advance.
    spare = afford // np.maximum(priced.prices, 1)
    core = rows.among(columns, fixed)
    least = np.where(priced.prices > 0, core.most - spare, -np.inf)
    advance = np.where(dear, priced.prices, 0)
    rest = (priced.worth * _FINE - rows.priced(advance)) / _FINE
    begun = best.choice.take(columns).astype(np.float64) if _within(priced, best, afford) else None
    answer = maximise(rest.take(columns), core, least, whole=True, seconds=left(), start=begun)
    base = (sum((advance * rows.most).tolist()) + int((priced.worth * _FINE - rows.priced(advance)) @ fixed)) / _FINE
    if answer.choice is not None:
        choice = fixed.copy()
        choice[columns] = np.rint(answer.choice).astype(np.int64)
        best = _better(best, choice, priced.worth, rows)
    inside = int(np.floor(base + answer.bound + _NOISE)) if np.isfinite(answer.bound) else None
    outside = (priced.bound - afford - 1) // _FINE
    if answer.finished:
        bound = max(outside, best.value if inside is None else inside)
        return best._replace(bound=max(best.value, min(best.bound, bound))), True
    bound = best.bound if inside is None else max(outside, inside)
    return best._replace(bound=max(best.value, min(best.bound, bound))), False
