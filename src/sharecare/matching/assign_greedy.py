"""A plan without a solver, for when there is no time: the best scores first."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sharecare.matching.assign_limits import room_of
from sharecare.matching.assign_model import Problem
from sharecare.matching.model import Period

Ints = npt.NDArray[np.int64]


def greedy(problem: Problem, edges: Ints) -> Ints:
    """Take edge by edge what can still be taken; 1 for each of `edges` that is."""
    order = np.argsort(-problem.billionths.take(edges), kind="stable")
    request, supporter = (column.take(edges.take(order)).tolist() for column in (problem.request, problem.supporter))
    children = problem.children or [()] * len(problem.start)
    days, starts, ends = problem.day.tolist(), problem.start.tolist(), problem.end.tolist()
    filled = [False] * len(problem.start)
    mine: defaultdict[int, list[Period]] = defaultdict(list)
    theirs: defaultdict[int, list[Period]] = defaultdict(list)
    today: Counter[tuple[int, int]] = Counter()
    choice = np.zeros(len(edges), np.int64)
    for at, one, who in zip(order.tolist(), request, supporter, strict=True):
        if filled[one]:
            continue
        window, day = (starts[one], ends[one]), days[one]
        if today[who, day] >= room_of(problem, who, day) or _clashes(window, mine[who], problem.buffer_min):
            continue
        if any(_clashes(window, theirs[child], 0) for child in children[one]):
            continue
        filled[one] = True
        choice[at] = 1
        today[who, day] += 1
        mine[who].append(window)
        for child in children[one]:
            theirs[child].append(window)
    return choice


def _clashes(window: Period, others: Iterable[Period], apart: int) -> bool:
    return any(window[0] < end + apart and start < window[1] + apart for start, end in others)
