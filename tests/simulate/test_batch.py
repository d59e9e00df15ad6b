from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from sharecare.matching.assign_highs import SolverMissing
from sharecare.simulate import batch
from sharecare.simulate.batch import Limits, Wanted, assign_batch, assign_exactly, assign_greedily
from sharecare.simulate.model import Candidates, Need
from simulate.hamlets import HAMLET

NEED = HAMLET.world(1, 5).needs[0]


def _wanted(number: int, people: list[int], scores: list[float], *, at: int = 0, day: int = 0) -> Wanted:
    query = replace(NEED.query, start=100_000 + at, end=100_060 + at)
    found = Candidates(np.array(people), np.array(scores), np.zeros(len(people)), np.zeros(len(people)))
    return Wanted(Need(number, query, 0), day, found)


FREE = Limits(3, {})
Assigner = Callable[[Sequence[Wanted], Limits], dict[int, int]]


def test_the_most_are_filled_before_the_best_are_pleased() -> None:
    wanted = [_wanted(0, [1, 2], [0.9, 0.5]), _wanted(1, [1], [0.8])]

    assert assign_exactly(wanted, FREE) == {0: 1, 1: 0}
    assert assign_greedily(wanted, FREE) == {0: 0}


@pytest.mark.parametrize("assigner", [assign_exactly, assign_greedily])
@pytest.mark.parametrize(("at", "both"), [(74, False), (75, True)])
def test_one_person_needs_the_buffer_between_two(assigner: Assigner, at: int, *, both: bool) -> None:
    wanted = [_wanted(0, [1], [0.9]), _wanted(1, [1], [0.8], at=at)]

    assert (len(assigner(wanted, FREE)) == 2) == both


@pytest.mark.parametrize("assigner", [assign_exactly, assign_greedily])
def test_the_days_limit_counts_bookings_already_made(assigner: Assigner) -> None:
    wanted = [_wanted(0, [1], [0.9]), _wanted(1, [1], [0.8], at=200), _wanted(2, [1], [0.7], at=1600, day=1)]

    assert assigner(wanted, Limits(2, {(1, 0): 1})) == {0: 0, 2: 0}


def test_one_request_takes_its_best_and_nobody_is_nobody() -> None:
    assert assign_batch([_wanted(0, [4, 5], [0.9, 0.1])], FREE) == {0: 0}
    assert assign_batch([_wanted(0, [], [])], FREE) == {}


def test_without_a_solver_batches_are_greedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise SolverMissing

    monkeypatch.setattr("sharecare.simulate.batch.require_solver", missing)
    monkeypatch.setattr("sharecare.simulate.batch.assign", lambda _problem: missing())

    assert batch.assigner() == "greedy"
    assert assign_batch([_wanted(0, [1, 2], [0.9, 0.5]), _wanted(1, [1], [0.8])], FREE) == {0: 0}
