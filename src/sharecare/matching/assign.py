"""Many requests at once: fill the most of them, and among those plans take the highest total score.

Requests that compete for nobody in common are planned apart. Scores count as whole billionths, as in a ranking, so
that plans that tie are equal and not only close.
"""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.assign_exact import Best, Left, best_choice, rounded
from sharecare.matching.assign_greedy import greedy
from sharecare.matching.assign_highs import require_solver
from sharecare.matching.assign_limits import Limit, OutOfTimeError, limits, open_edges
from sharecare.matching.assign_model import BILLIONTHS, NOBODY, Plan, Problem
from sharecare.matching.assign_rows import Rows, parts

Ints = npt.NDArray[np.int64]

TIME_LIMIT_S = 60.0
_BETWEEN_LOOKS = 1024  # at the clock


class _Part(NamedTuple):
    """Edges that compete with one another, and how few of them may be chosen together."""

    edges: Ints
    requests: int
    rows: Rows


class _Solved(NamedTuple):
    edges: Ints
    most: Best
    best: Best


def assign(problem: Problem, *, time_limit_s: float = TIME_LIMIT_S, clock: Callable[[], float] = perf_counter) -> Plan:
    """Plan all requests at once.

    When time runs out the plan is the best one found so far, and its bounds say how much better one could be.

    Raises:
        SolverMissing: HiGHS isn't installed.

    """
    require_solver()
    begun = clock()
    worth = problem.billionths

    def left() -> float:
        return begun + time_limit_s - clock()

    edges = open_edges(problem)
    try:
        solved = [_solve(part, worth.take(part.edges), left) for part in _parts(problem, edges, left)]
    except OutOfTimeError:
        solved = [_plain(problem, edges, worth)]
    return _plan(problem, solved, clock() - begun)


def _parts(problem: Problem, edges: Ints, left: Left) -> list[_Part]:
    """Part the requests that somebody could be asked for by whom they compete for; the smallest parts first.

    Raises:
        OutOfTimeError: that takes longer than there is time.

    """
    shared = limits(problem, edges, left)
    asked, numbers = np.unique(problem.request.take(edges), return_inverse=True)
    number_of = np.full(len(problem.request), -1)
    number_of[edges] = numbers
    number = number_of.tolist()
    groups: list[list[int]] = []
    for turn, limit in enumerate(shared):
        if turn % _BETWEEN_LOOKS == 0 and left() <= 0:
            raise OutOfTimeError
        groups.append(list({number[edge] for edge in limit.edges}))
    rivals = parts(len(asked), groups)
    part_of = {number: at for at, members in enumerate(rivals) for number in members}
    inside: list[list[Limit]] = [[] for _ in rivals]
    for group, limit in zip(groups, shared, strict=True):
        inside[part_of[group[0]]].append(limit)
    order = numbers.argsort(kind="stable")
    mine = np.split(edges.take(order), np.flatnonzero(np.diff(numbers.take(order))) + 1)
    found = [_part([mine[at] for at in members], some) for members, some in zip(rivals, inside, strict=True)]
    if left() <= 0:
        raise OutOfTimeError
    return found


def _part(by_request: Sequence[Ints], shared: Sequence[Limit]) -> _Part:
    edges = np.sort(np.concatenate(by_request))
    rows = [*((edges.searchsorted(mine), 1) for mine in by_request)]
    rows += [(edges.searchsorted(limit.edges), limit.most) for limit in shared]
    return _Part(edges, len(by_request), Rows.of(len(edges), rows))


def _solve(part: _Part, worth: Ints, left: Left) -> _Solved:
    """Fill the most requests of a part, then find the highest score that fills as many."""
    if part.requests == 1:
        choice = np.zeros(len(worth), np.int64)
        choice[worth.argmax()] = 1
        return _Solved(part.edges, Best(choice, 1, 1), Best(choice, int(worth.max()), int(worth.max())))
    first = rounded(np.zeros(len(worth)), worth, part.rows)
    filled = int(first.sum())
    most = Best(first, filled, part.requests)
    if filled < part.requests:
        most = best_choice(np.ones(len(worth), np.int64), part.rows, first, left)
    best = best_choice(worth, part.rows.at_least(most.value), first if filled == most.value else most.choice, left)
    return _Solved(part.edges, most, best)


def _plain(problem: Problem, edges: Ints, worth: Ints) -> _Solved:
    """Give the best scores first; what none exceeds is every request with its best."""
    choice = greedy(problem, edges)
    best = np.zeros(len(problem.start), np.int64)
    np.maximum.at(best, problem.request.take(edges), worth.take(edges))
    requests = len(np.unique(problem.request.take(edges)))
    most = Best(choice, int(choice.sum()), requests)
    return _Solved(edges, most, Best(choice, int(worth.take(edges) @ choice), int(best.sum())))


def _plan(problem: Problem, solved: Sequence[_Solved], seconds: float) -> Plan:
    supporter = np.full(len(problem.start), NOBODY)
    score = np.zeros(len(problem.start))
    for part in solved:
        edges = part.edges[part.best.choice > 0]
        supporter[problem.request[edges]] = problem.supporter[edges]
        score[problem.request[edges]] = problem.score[edges]
    filled, total = int((supporter >= 0).sum()), sum(part.best.value for part in solved)
    bound_filled = sum(part.most.bound for part in solved)
    bound = sum(part.best.bound for part in solved)
    if filled < bound_filled:  # another plan may fill less in one part and more in another, so none bounds the other
        bound = _plain_bound(problem, bound_filled)
    gaps = [1 - have / most for have, most in ((filled, bound_filled), (total, bound)) if most]
    return Plan(
        supporter,
        score,
        filled,
        total / BILLIONTHS,
        bound_filled,
        bound / BILLIONTHS,
        gap=max(gaps, default=0.0),
        proven_optimal=filled == bound_filled and total == bound,
        seconds=seconds,
    )


def _plain_bound(problem: Problem, count: int) -> int:
    """Add up the best edges of the `count` requests that have the best."""
    best = np.zeros(len(problem.start), np.int64)
    np.maximum.at(best, problem.request, problem.billionths)
    return sum(np.sort(best)[len(best) - count :].tolist())
