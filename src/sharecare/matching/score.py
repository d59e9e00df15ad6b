"""What the three factors count for, and scores as whole numbers."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

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


def rank_key(scores: Floats) -> npt.NDArray[np.int64]:
    """Give the score as whole billionths: two programs that differ in the last bit order alike."""
    return np.rint(scores * _ROUNDED).astype(np.int64)
