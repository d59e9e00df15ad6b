"""What goes into assigning many requests at once, and what comes out of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sharecare.matching.score import rank_key

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NOBODY = -1
BILLIONTHS = 10**9


@dataclass(frozen=True, slots=True)
class Problem:
    """Requests, and the supporters who could be asked for each (an edge is one request and one supporter).

    Args:
        person_ids: id of each supporter.
        start: first UTC minute of each request.
        end: UTC minute after the last.
        day: local day of each request, counted from anywhere.
        request: request of each edge.
        supporter: supporter of each edge, as a place in `person_ids`.
        score: score of each edge, from 0 to 1; counted in whole billionths.
        children: ids of each request's children, who can't be in two places; empty if they aren't known.
        buffer_min: minutes between two bookings of one supporter.
        daily_limit: bookings of one supporter on one day.
        taken: bookings that already count towards the limit, by (supporter, day).

    Raises:
        ValueError: figures out of range, columns of unequal length, or an edge that stands twice.

    """

    person_ids: Ints
    start: Ints
    end: Ints
    day: Ints
    request: Ints
    supporter: Ints
    score: Floats
    children: Sequence[Collection[int]] = ()
    buffer_min: int = 15
    daily_limit: int = 3
    taken: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        requests, people = len(self.start), len(self.person_ids)
        if not requests == len(self.end) == len(self.day) or len(self.children) not in {0, requests}:
            raise ValueError("every request needs a start, an end and a day, and its children if any are known")
        if not len(self.request) == len(self.supporter) == len(self.score):
            raise ValueError("every edge needs a request, a supporter and a score")
        if (self.end <= self.start).any() or self.buffer_min < 0 or self.daily_limit < 0:
            raise ValueError("windows end after they start; the buffer and the daily limit can't be negative")
        for column, count in ((self.request, requests), (self.supporter, people)):
            if not ((column >= 0) & (column < count)).all():
                raise ValueError("an edge names a request or a supporter that isn't there")
        if not ((self.score >= 0) & (self.score < 1 + 1 / BILLIONTHS)).all():
            raise ValueError("scores are from 0 to 1")
        edges = np.sort(self.request * people + self.supporter)  # np.unique takes a hundred times as long
        if (edges[1:] == edges[:-1]).any():
            raise ValueError("an edge stands twice")

    @property
    def billionths(self) -> Ints:
        return rank_key(self.score)


@dataclass(frozen=True, slots=True)
class Plan:
    """One supporter for each request, as a place in the problem's `person_ids` or `NOBODY`; and how good that is.

    No plan fills more than `bound_filled`, and none that fills as many as this one scores more than `bound_score`.
    `gap` is the larger share by which the plan stays below the two bounds: 0 exactly if it is proven to be the best.
    """

    supporter: Ints
    score: Floats
    filled: int
    total_score: float
    bound_filled: int
    bound_score: float
    gap: float
    proven_optimal: bool
    seconds: float
