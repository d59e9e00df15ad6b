"""From times to figures: each query's median over rounds, ratios on the same queries, growth at equal candidates.

A query that was interrupted in one round then counts as it did in the others; what is left in the 99th percentile is
the queries that are hard.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
"""Microseconds by round and query."""

BINS = (100, 200, 400, 700, 1000, 1500, 2200, 3200, 5000)
_FEW = 12
_MANY = 100  # fewer have no hundredth


def compared(mine: Times, theirs: Times) -> dict[str, Any]:
    """Compare a peer with the engine on the queries that both ranked; the range is that of single rounds."""
    mine = mine[: len(theirs), : theirs.shape[1]]
    percentiles = (50, 99) if theirs.shape[1] >= _MANY else (50,)
    found: dict[str, Any] = {"queries": theirs.shape[1], "rounds": len(theirs)}
    for percentile in percentiles:
        us, engine_us = (np.percentile(np.median(times, axis=0), percentile) for times in (theirs, mine))
        ratios = np.percentile(theirs, percentile, axis=1) / np.percentile(mine, percentile, axis=1)
        found[f"p{percentile}_us"] = _short(us)
        found[f"p{percentile}_over_engine"] = _short(us / engine_us)
        found[f"p{percentile}_over_engine_range"] = [_short(ratios.min()), _short(ratios.max())]
    found["single_p99_us"] = _short(np.percentile(theirs, 99))
    return found


def by_candidates(times: Times, candidates: Sequence[int]) -> list[dict[str, float]]:
    """Give the median time of queries with about as many candidates."""
    typical, counts = np.median(times, axis=0), np.array(candidates)[: times.shape[1]]
    place = np.digitize(counts, BINS)
    return [
        {
            "candidates": _short(np.median(counts[place == at])),
            "queries": int(np.count_nonzero(place == at)),
            "us": _short(np.median(typical[place == at])),
        }
        for at in range(1, len(BINS))
        if np.count_nonzero(place == at) >= _FEW
    ]


def grown(small: Times, small_counts: Sequence[int], large: Times, large_counts: Sequence[int]) -> dict[str, float]:
    """Compare two sizes, each query of the smaller beside the one of the larger with as many candidates."""
    order = np.argsort(large_counts, kind="stable")
    counts = np.array(large_counts)[order]
    above = np.searchsorted(counts, small_counts).clip(1, len(counts) - 1)
    nearer_below = np.array(small_counts) - counts[above - 1] < counts[above] - np.array(small_counts)
    beside = order[above - nearer_below]
    times = np.median(small, axis=0), np.median(large, axis=0)[beside]
    p50, p99 = (np.percentile(times[1], p) / np.percentile(times[0], p) for p in (50, 99))
    return {"p50": _short(p50), "p99": _short(p99)}


def line(times: Times, candidates: Sequence[int]) -> dict[str, float]:
    """Fit median times: so much for any query, and so much for each candidate."""
    slope, base = np.polyfit(candidates, np.median(times, axis=0), 1)
    return {"us": _short(base), "ns_per_candidate": _short(slope * 1000)}


def _short(figure: float | np.floating[Any]) -> float:
    return float(f"{figure:.4g}")
