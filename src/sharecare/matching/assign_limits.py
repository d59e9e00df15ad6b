"""Which edges of a problem can't be chosen together: overlaps, daily limits, one child in two places."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.assign_model import Problem
from sharecare.matching.assign_rows import cliques, most_apart
from sharecare.matching.model import Period

Ints = npt.NDArray[np.int64]


class Limit(NamedTuple):
    """At most so many of these edges."""

    edges: list[int]
    most: int


def open_edges(problem: Problem) -> Ints:
    """List the edges of supporters who may still be booked on that day."""
    days = problem.day.take(problem.request).tolist()
    pairs = zip(problem.supporter.tolist(), days, strict=True)
    return np.array([at for at, pair in enumerate(pairs) if _room(problem, *pair) > 0], np.int64)


def limits(problem: Problem, edges: Ints) -> list[Limit]:
    """List every limit that could matter among some edges, but the one supporter of each request."""
    by_supporter, by_request = defaultdict(list), defaultdict(list)
    for edge, request, supporter in zip(
        edges.tolist(), problem.request[edges].tolist(), problem.supporter[edges].tolist(), strict=True
    ):
        by_supporter[supporter].append((edge, request))
        by_request[request].append(edge)
    found = [
        limit
        for supporter, mine in by_supporter.items()
        if len(mine) > 1
        for limit in _of_supporter(problem, supporter, mine)
    ]
    for requests in _children_in_two_places(problem):
        rivals = [edge for request in requests for edge in by_request[request]]
        found += [Limit(rivals, 1)] if rivals else []
    return found


def _of_supporter(problem: Problem, supporter: int, mine: list[tuple[int, int]]) -> Iterator[Limit]:
    # Two windows are a buffer apart exactly if they don't overlap once both end a buffer later.
    windows = [(int(problem.start[r]), int(problem.end[r]) + problem.buffer_min) for _, r in mine]
    for clique in cliques(windows):
        yield Limit([mine[at][0] for at in clique], 1)
    by_day = defaultdict(list)
    for at, (_, request) in enumerate(mine):
        by_day[int(problem.day[request])].append(at)
    for day, places in by_day.items():
        room = _room(problem, supporter, day)
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


def _room(problem: Problem, supporter: int, day: int) -> int:
    return problem.daily_limit - problem.taken.get((supporter, day), 0)
