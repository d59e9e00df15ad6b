"""Plans against optima that other exact algorithms find, on problems too large to try every plan."""

from collections.abc import Callable
from itertools import combinations, count

import numpy as np
import pytest
from scipy.optimize import (
    Bounds,
    LinearConstraint,
    linear_sum_assignment,
    milp,
)
from scipy.sparse import csr_array

from sharecare.matching import assign_exact
from sharecare.matching.assign import assign
from sharecare.matching.assign_model import BILLIONTHS, Plan, Problem

DAY = 1440


def at_once(billionths: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Problem:
    """Ask everybody for every request, all at the same hour: a linear assignment."""
    requests, supporters = billionths.shape
    request, supporter = np.indices(billionths.shape).reshape(2, -1)
    noon = np.full(requests, 720)
    return Problem(
        np.arange(supporters), noon, noon + 60, noon // DAY, request, supporter, billionths.ravel() / BILLIONTHS
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("unit", [1, 10**7])
def test_assign_equals_the_hungarian_algorithm_on_the_class_of_beasleys_assign100(seed: int, unit: int) -> None:
    # OR-Library's assign100: a full 100 × 100 matrix of whole costs, uniform from 1 to 100.
    cost = np.random.default_rng(seed).integers(1, 101, (100, 100))
    rows, columns = linear_sum_assignment(cost)
    plan = assign(at_once((100 - cost) * unit))
    assert plan.proven_optimal
    assert plan.filled == 100
    assert round(plan.total_score * BILLIONTHS) == int((100 - cost)[rows, columns].sum()) * unit


@pytest.mark.parametrize("size", [50, 150])
def test_assign_finds_the_published_optimum_of_machol_and_wien(size: int) -> None:
    # "A 'hard' assignment problem" (Operations Research 24, 1976): costs i * j, built so that an algorithm takes every
    # step it can. The first goes with the last, the second with the last but one: n (n + 1) (n + 2) / 6.
    cost = np.multiply.outer(np.arange(1, size + 1), np.arange(1, size + 1))
    most = size * size
    plan = assign(at_once(most - cost))
    assert plan.proven_optimal
    assert plan.filled == size
    assert round(plan.total_score * BILLIONTHS) == size * most - size * (size + 1) * (size + 2) // 6


@pytest.mark.parametrize(("requests", "supporters"), [(80, 260), (150, 60)])
def test_assign_equals_the_hungarian_algorithm_in_the_last_billionth(requests: int, supporters: int) -> None:
    worth = np.random.default_rng(5).integers(1, BILLIONTHS, (requests, supporters))
    rows, columns = linear_sum_assignment(worth, maximize=True)
    plan = assign(at_once(worth))
    assert plan.proven_optimal
    assert (plan.filled, round(plan.total_score * BILLIONTHS)) == (len(rows), int(worth[rows, columns].sum()))


@pytest.mark.parametrize("seed", range(5))
def test_assign_equals_interval_scheduling_for_one_supporter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 300, 80) * 10
    end = start + rng.integers(1, 30, 80) * 10
    worth = rng.integers(0, BILLIONTHS, 80)
    # After each window in the order of ends: the most bookings and their highest score, with this one or without.
    order = np.argsort(end, kind="stable")
    ends = end[order]
    best = [(0, 0)]
    for place, at in enumerate(order.tolist()):
        count, score = best[min(place, int(np.searchsorted(ends, start[at] - 15, "right")))]
        best.append(max(best[-1], (count + 1, score + int(worth[at]))))
    ones = np.zeros(80, np.int64)
    plan = assign(
        Problem(np.array([1]), start, end, ones, np.arange(80), ones, worth / BILLIONTHS, daily_limit=80),
    )
    assert plan.proven_optimal
    assert (plan.filled, round(plan.total_score * BILLIONTHS)) == best[-1]


def crowded(requests: int, supporters: int, seed: int) -> Problem:
    """Make a day with far too few supporters, where relaxed plans split requests between people."""
    rng = np.random.default_rng(seed)
    start = 720 + 30 * rng.integers(0, 9, requests)
    near = np.exp(-5 * np.linalg.norm(rng.random((requests, 1, 2)) - rng.random((1, supporters, 2)), axis=2))
    trust = rng.random((requests, supporters)) * (rng.random((requests, supporters)) < 0.2)
    request, supporter = (rng.random((requests, supporters)) < 0.3).nonzero()
    return Problem(
        np.arange(supporters),
        start,
        start + 30 * rng.integers(2, 9, requests),
        np.zeros(requests, np.int64),
        request,
        supporter,
        (0.35 * near + 0.4 * trust + 0.25)[request, supporter],
        daily_limit=2,
    )


def pair_rows(problem: Problem) -> list[list[int]]:
    """Name the edges two by two that can't be together."""
    edges = list(zip(problem.request.tolist(), problem.supporter.tolist(), strict=True))
    until = problem.end + problem.buffer_min
    return [
        [one, other]
        for (one, (a, who)), (other, (b, them)) in combinations(enumerate(edges), 2)
        if a == b or (who == them and problem.start[a] < until[b] and problem.start[b] < until[a])
    ]


@pytest.mark.parametrize("seed", [0, 1, 3, 6, 8, 11])
def test_assign_equals_one_plain_integer_programme_on_crowded_days(seed: int) -> None:
    problem = crowded(80, 20, seed)
    edges = len(problem.request)
    rows = pair_rows(problem)
    daily = [np.flatnonzero(problem.supporter == s).tolist() for s in range(20)]
    entries = [(row, column) for row, columns in enumerate(rows + daily) for column in columns]
    matrix = csr_array((np.ones(len(entries)), tuple(np.array(entries).T)), shape=(len(rows) + 20, edges))
    limit = LinearConstraint(matrix, ub=[1] * len(rows) + [2] * 20)
    one = {"integrality": np.ones(edges), "bounds": Bounds(0, 1), "options": {"mip_rel_gap": 0}}
    most = round(-milp(-np.ones(edges), constraints=limit, **one).fun)
    filled = LinearConstraint(np.ones((1, edges)), lb=most)
    score = -milp(-problem.score, constraints=[limit, filled], **one).fun
    plan = assign(problem)
    assert plan.proven_optimal
    assert plan.filled == most < 80
    assert plan.total_score == pytest.approx(score, abs=1e-6)


def bounded(plan: Plan, best: Plan) -> None:
    assert best.proven_optimal
    assert plan.filled <= best.filled <= plan.bound_filled
    assert plan.proven_optimal == (plan.gap == 0) == ((plan.bound_filled, plan.bound_score) == measure(plan))
    if plan.filled == best.filled:
        assert plan.total_score <= best.total_score <= plan.bound_score
    if plan.proven_optimal:
        assert measure(plan) == measure(best)


def measure(plan: Plan) -> tuple[int, float]:
    return plan.filled, plan.total_score


def out_of_time(steps: int, left_s: float) -> Callable[[], float]:
    """Make a clock that leaves so little of 1000 s after it was read a few times."""
    ticks = count()
    return lambda: 0.0 if next(ticks) < steps else 1000 - left_s


@pytest.mark.parametrize("left_s", [-1.0, 1e-9])
@pytest.mark.parametrize("seed", [0, 3])
def test_assign_out_of_time_at_any_step_bounds_the_best_plan(seed: int, left_s: float) -> None:
    problem = crowded(80, 20, seed)
    best = assign(problem)
    for steps in range(1, 24):
        bounded(assign(problem, time_limit_s=1000, clock=out_of_time(steps, left_s)), best)


def test_assign_bounds_the_best_plan_when_the_solver_runs_out_of_time() -> None:
    problem = crowded(200, 40, 1)
    best = assign(problem)
    plans = [assign(problem, time_limit_s=1000, clock=out_of_time(steps, 1e-9)) for steps in range(1, 10)]
    for plan in plans:
        bounded(plan, best)
    assert not plans[0].proven_optimal


def test_assign_looks_at_the_clock_before_the_solver_is_asked() -> None:
    # Nobody did while the limits of many supporters were listed: 5 s were asked, 44 s were taken.
    worth = np.random.default_rng(1).integers(1, BILLIONTHS, (8, 3000))
    worth[:, 0] = BILLIONTHS - 1  # everybody's best, so that a bound on each alone proves nothing
    best = assign(at_once(worth))
    seconds = count()
    plan = assign(at_once(worth), time_limit_s=20, clock=lambda: float(next(seconds)))
    bounded(plan, best)
    assert (plan.filled, plan.proven_optimal) == (8, False)
    assert plan.seconds < 25


@pytest.mark.parametrize("seed", range(4))
def test_assign_finds_the_same_when_it_begins_with_few_edges(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    best = assign(crowded(80, 20, seed))
    monkeypatch.setattr(assign_exact, "_FEW", 0)
    monkeypatch.setattr(assign_exact, "_AT_FIRST", 1)
    plan = assign(crowded(80, 20, seed))
    assert plan.proven_optimal
    assert measure(plan) == measure(best)
