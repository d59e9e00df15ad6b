"""Whom to ask first for each request of a batch: nobody twice at overlapping times."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sharecare.matching.assign import assign
from sharecare.matching.assign_highs import SolverMissing, require_solver
from sharecare.matching.assign_model import NOBODY, Problem
from sharecare.simulate.model import Candidates, Need


class Wanted(NamedTuple):
    """A request of a batch: its local day, and who could be asked."""

    need: Need
    day: int
    found: Candidates


class Limits(NamedTuple):
    """How many bookings a supporter may have on a day, and how many they have, by (person, day)."""

    bookings_a_day: int
    booked: Mapping[tuple[int, int], int]


def assign_batch(wanted: Sequence[Wanted], limits: Limits) -> dict[int, int]:
    """Give the chosen candidate's row by request: the most requests filled, then the highest total score.

    Where no solver is installed, greedily.
    """
    if len(wanted) == 1:
        return {one.need.number: 0 for one in wanted if one.found}
    try:
        return assign_exactly(wanted, limits)
    except SolverMissing:
        return assign_greedily(wanted, limits)


def assigner() -> str:
    """Say what `assign_batch` plans with here: `highs`, or `greedy` where it isn't installed."""
    try:
        require_solver()
    except SolverMissing:
        return "greedy"
    return "highs"


def assign_exactly(wanted: Sequence[Wanted], limits: Limits) -> dict[int, int]:
    """Let the solver of `matching.assign` choose.

    Raises:
        SolverMissing: HiGHS isn't installed.

    """
    people, supporter = np.unique(np.concatenate([one.found.person_ids for one in wanted]), return_inverse=True)
    place = {person: at for at, person in enumerate(people.tolist())}
    days = {one.day for one in wanted}
    plan = assign(
        Problem(
            people,
            np.array([one.need.query.start for one in wanted], np.int64),
            np.array([one.need.query.end for one in wanted], np.int64),
            np.array([one.day for one in wanted], np.int64),
            np.arange(len(wanted)).repeat([len(one.found.person_ids) for one in wanted]),
            supporter.astype(np.int64),
            np.concatenate([one.found.score for one in wanted]),
            buffer_min=max(one.need.query.buffer_min for one in wanted),
            daily_limit=limits.bookings_a_day,
            taken={
                (place[person], day): count
                for (person, day), count in limits.booked.items()
                if person in place and day in days
            },
        )
    )
    return {
        one.need.number: one.found.person_ids.tolist().index(int(people[chosen]))
        for one, chosen in zip(wanted, plan.supporter.tolist(), strict=True)
        if chosen != NOBODY
    }


def assign_greedily(wanted: Sequence[Wanted], limits: Limits) -> dict[int, int]:
    """Give the best scores first, earlier requests first among equals."""
    pairs = sorted(
        (-round(score, 9), at, row)
        for at, one in enumerate(wanted)
        for row, score in enumerate(one.found.score.tolist())
    )
    given: dict[int, int] = {}
    taken: dict[int, list[Wanted]] = {}
    for _, at, row in pairs:
        one = wanted[at]
        person = int(one.found.person_ids[row])
        mine = taken.setdefault(person, [])
        today = limits.booked.get((person, one.day), 0) + sum(other.day == one.day for other in mine)
        if one.need.number not in given and today < limits.bookings_a_day and not _clashes(one, mine):
            given[one.need.number] = row
            mine.append(one)
    return given


def _clashes(one: Wanted, others: Sequence[Wanted]) -> bool:
    query, buffer = one.need.query, one.need.query.buffer_min
    return any(
        query.start < other.need.query.end + buffer and other.need.query.start < query.end + buffer for other in others
    )
