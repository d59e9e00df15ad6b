"""What a course comes to, and how sure one may be of it over several seeds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf, isfinite, nan, sqrt
from statistics import NormalDist, fmean, stdev
from typing import NamedTuple

import numpy as np

from sharecare.simulate.model import Course, World

METRICS = (
    "fill_rate",
    "median_min",
    "p90_min",
    "distance_m",
    "messages_per_fill",
    "messages_per_supporter_week",
    "gini",
    "acquainted_share",
    "turned_away_per_fill",
)
_SHARES = {"fill_rate", "gini", "acquainted_share"}
# Student's t, 97.5%, by degrees of freedom from 1 (any table of the distribution; four digits).
_T = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
_WEEK_DAYS = 7


class Estimate(NamedTuple):
    """A mean with its 95% confidence interval; not a number where nothing was seen, infinite from one run."""

    mean: float
    low: float
    high: float

    def within(self, least: float, most: float) -> "Estimate":
        """Clip the interval to what the figure can be; one that doesn't exist stays infinite."""
        low, high = (min(max(bound, least), most) if isfinite(bound) else bound for bound in (self.low, self.high))
        return Estimate(self.mean, low, high)


def measure(world: World, course: Course) -> dict[str, float]:
    """Give the figures of `METRICS`: shares in [0, 1], minutes, metres, counts."""
    counted = [outcome for outcome in course.outcomes if outcome.need.counted]
    filled = [outcome for outcome in counted if outcome.filled]
    waits = [(outcome.booked_at or 0) - outcome.need.opened_at for outcome in filled]
    minutes: Counter[int] = Counter()
    for outcome in filled:
        minutes[outcome.supporter_id or 0] += outcome.need.query.end - outcome.need.query.start
    asked = sum(outcome.asked for outcome in counted)
    weeks = world.days / _WEEK_DAYS
    figures = (
        _ratio(len(filled), len(counted)),
        float(np.quantile(waits, 0.5)) if waits else nan,
        float(np.quantile(waits, 0.9)) if waits else nan,
        _ratio(sum(outcome.distance_m for outcome in filled), len(filled)),
        _ratio(asked, len(filled)),
        _ratio(asked, len(world.supporters) * weeks),
        gini([minutes[person] for person in world.supporters]),
        _ratio(sum(outcome.acquainted for outcome in filled), len(filled)),
        _ratio(sum(outcome.turned_away for outcome in filled), len(filled)),
    )
    return dict(zip(METRICS, figures, strict=True))


def gini(loads: Sequence[float]) -> float:
    """Give the Gini coefficient: 0 where all carry the same, near 1 where one carries everything.

    Half the mean absolute difference over the mean, computed from the sorted loads.
    """
    total = sum(loads)
    if not total:
        return nan
    ranked = sum(rank * load for rank, load in enumerate(sorted(loads), start=1))
    return 2 * ranked / (len(loads) * total) - (len(loads) + 1) / len(loads)


def estimate(values: Sequence[float]) -> Estimate:
    """Give the mean of independent runs and its interval by Student's t; runs without the figure count nothing."""
    seen = [value for value in values if value == value]  # noqa: PLR0124  -- not a number is unequal to itself
    if not seen:
        return Estimate(nan, nan, nan)
    mean = fmean(seen)
    if len(seen) == 1:
        return Estimate(mean, -inf, inf)
    half = t_quantile(len(seen) - 1) * stdev(seen) / sqrt(len(seen))
    return Estimate(mean, mean - half, mean + half)


def t_quantile(degrees: int) -> float:
    """Give Student's 97.5% quantile; beyond the table by Abramowitz and Stegun 26.7.5, right to three decimals."""
    if degrees <= len(_T):
        return _T[degrees - 1]
    z = NormalDist().inv_cdf(0.975)
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def summed_up(runs: Sequence[Mapping[str, float]], metric: str) -> Estimate:
    """Estimate a figure: a share from 0 to 1, all others from 0."""
    return estimate([figures[metric] for figures in runs]).within(0, 1 if metric in _SHARES else inf)


def paired(ours: Sequence[Mapping[str, float]], theirs: Sequence[Mapping[str, float]], metric: str) -> Estimate:
    """Estimate a difference between two policies that lived through the same worlds."""
    most = 1 if metric in _SHARES else inf
    found = estimate([mine[metric] - other[metric] for mine, other in zip(ours, theirs, strict=True)])
    return found.within(-most, most)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else nan
