"""The three factors and their sum, as formulas."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

THROUGH_A_FRIEND = 0.5
SCALE_M = 1000.0
BOOKED_DAYS = 28

_ROUNDED = 1e9
_SUMS_WITHIN = 1e-9


class Weights(NamedTuple):
    """What each factor counts for; an area's sum to 1."""

    distance: float = 0.35
    trust: float = 0.40
    availability: float = 0.25


DEFAULT_WEIGHTS = Weights()


def check_weights(weights: Weights) -> None:
    """Hold weights to being shares of a whole.

    Raises:
        ValueError: one is negative or no number, or they don't sum to 1.

    """
    if not (abs(sum(weights) - 1) <= _SUMS_WITHIN and min(weights) >= 0):  # what is no number fails both
        raise ValueError("the weights must be three shares that sum to 1")


def nearness(distance_m: Floats, scale_m: float = SCALE_M) -> Floats:
    """Give the factor of distance: 1 at no distance, and 1/e of that with each `scale_m` more."""
    return np.exp(distance_m / -scale_m)


def trust_through(to_friend: Floats, onward: Floats) -> Floats:
    """Give the trust that comes through one mutual friend; doubt is 1 less trust, and doubts multiply."""
    return THROUGH_A_FRIEND * to_friend * onward


def score(weights: Weights, distance: Floats, trust: Floats, availability: Floats) -> Floats:
    """Sum three factors from 0 to 1, each by its weight: from 0 to 1 too where the weights are shares."""
    return weights.distance * distance + weights.trust * trust + weights.availability * availability


def rank_key(scores: Floats) -> npt.NDArray[np.int64]:
    """Give the score as whole billionths: two programs that differ in the last bit order alike."""
    return np.rint(scores * _ROUNDED).astype(np.int64)
