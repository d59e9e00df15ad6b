"""Which edges of a problem can't be chosen together: overlaps, daily limits, one child in two places."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.assign_model import Problem
from sharecare.matching.assign_rows import cliques, most_apart
from sharecare.matching.model import Period

Ints = npt.NDArray[np.int64]
Left = Callable[[], float]
"""How many seconds are left."""


_BETWEEN_LOOKS = 64  # at the clock


class Limit(NamedTuple):
    """At most so many of these edges."""

    edges: list[int]
    most: int


def open_edges(problem: Problem) -> Ints:
    """List the edges of supporters who may still be booked on that day."""
    if not len(problem.request) or not problem.daily_limit:
        return np.zeros(0, np.int64)
    first, days = int(problem.day.min()), int(np.ptp(problem.day)) + 1
    full = [
        supporter * days + day - first
        for supporter, day in problem.taken
        if first <= day < first + days and room_of(problem, supporter, day) <= 0
    ]
    when = problem.day.take(problem.request) - first
    return np.flatnonzero(~np.isin(problem.supporter * days + when, np.array(full, np.int64)))


class OutOfTimeError(Exception):
    """There was no time to list every limit."""


def limits(problem: Problem, edges: Ints, left: Left) -> list[Limit]:
    """List every limit that could matter among some edges, but the one supporter of each request.

    Raises:
        OutOfTimeError: there are too many for the time that is left.

    """
    # Two windows are a buffer apart exactly if they don't overlap once both end a buffer later.
    windows = list(zip(problem.start.tolist(), (problem.end + problem.buffer_min).tolist(), strict=True))
    days = problem.day.tolist()
    found: list[Limit] = []
    for turn, mine in enumerate(_grouped(edges, problem.supporter)):
        if turn % _BETWEEN_LOOKS == 0 and left() <= 0:
            raise OutOfTimeError
        if len(mine) > 1:
            pairs = list(zip(mine.tolist(), problem.request[mine].tolist(), strict=True))
            found += _of_supporter(problem, int(problem.supporter[mine[0]]), pairs, windows, days)
    if problem.children:
        found += _of_children(problem, edges)
    return found


def _of_children(problem: Problem, edges: Ints) -> Iterator[Limit]:
    by_request = {int(problem.request[mine[0]]): mine.tolist() for mine in _grouped(edges, problem.request)}
    for requests in _children_in_two_places(problem):
        rivals = [edge for request in requests for edge in by_request.get(request, ())]
        if rivals:
            yield Limit(rivals, 1)


def _grouped(edges: Ints, by: Ints) -> Iterator[Ints]:
    """Part edges by what they have in common, each part in their order."""
    if len(edges):
        key = by.take(edges)
        order = key.argsort(kind="stable")
        yield from np.split(edges.take(order), np.flatnonzero(np.diff(key.take(order))) + 1)


def _of_supporter(
    problem: Problem, supporter: int, mine: list[tuple[int, int]], all_windows: list[Period], days: list[int]
) -> Iterator[Limit]:
    windows = [all_windows[request] for _, request in mine]
    for clique in cliques(windows):
        yield Limit([mine[at][0] for at in clique], 1)
    by_day = defaultdict(list)
    for at, (_, request) in enumerate(mine):
        by_day[days[request]].append(at)
    for day, places in by_day.items():
        room = room_of(problem, supporter, day)
        if most_apart([windows[at] for at in places]) > room:
            yield Limit([mine[at][0] for at in places], room)


def _children_in_two_places(problem: Problem) -> set[tuple[int, ...]]:
    by_child: dict[int, list[int]] = defaultdict(list)
    for request, children in enumerate(problem.children):
        for child in set(children):
            by_child[child].append(request)
    found = set()
    for requests in by_child.values():
        windows: list[Period] = [(int(problem.start[r]), int(problem.end[r])) for r in requests]
        found |= {tuple(sorted(requests[at] for at in clique)) for clique in cliques(windows)}
    return found


def room_of(problem: Problem, supporter: int, day: int) -> int:
    return problem.daily_limit - problem.taken.get((supporter, day), 0)
