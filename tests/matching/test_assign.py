"""Plans against every plan there is, on worlds small enough to try them all."""

import sys
from itertools import combinations, product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharecare.matching.assign import assign
from sharecare.matching.assign_highs import SolverMissing
from sharecare.matching.assign_model import BILLIONTHS, NOBODY, Plan, Problem

DAY = 1440


def kept(problem: Problem, chosen: list[int]) -> bool:
    """Check every rule pair by pair and day by day, as the definition says it."""
    given_out = [(request, supporter) for request, supporter in enumerate(chosen) if supporter != NOBODY]
    for (a, one), (b, other) in combinations(given_out, 2):
        first, last = (a, b) if problem.start[a] <= problem.start[b] else (b, a)
        between = problem.start[last] - problem.end[first]
        if one == other and between < problem.buffer_min:
            return False
        if between < 0 and problem.children and {*problem.children[a]} & {*problem.children[b]}:
            return False
    for one, day in {(supporter, int(problem.day[request])) for request, supporter in given_out}:
        mine = sum(supporter == one and problem.day[request] == day for request, supporter in given_out)
        if mine + problem.taken.get((one, day), 0) > problem.daily_limit:
            return False
    return True


def scores(problem: Problem) -> dict[tuple[int, int], int]:
    pairs = zip(problem.request.tolist(), problem.supporter.tolist(), strict=True)
    return dict(zip(pairs, problem.billionths.tolist(), strict=True))


def best(problem: Problem) -> tuple[int, int]:
    """Try every plan: the most filled, and the highest score in billionths among those."""
    worth = scores(problem)
    options = [[NOBODY, *(s for r, s in worth if r == request)] for request in range(len(problem.start))]
    return max(measured(worth, list(plan)) for plan in product(*options) if kept(problem, list(plan)))


def measured(worth: dict[tuple[int, int], int], chosen: list[int]) -> tuple[int, int]:
    found = [worth[pair] for pair in enumerate(chosen) if pair[1] != NOBODY]
    return len(found), sum(found)


def in_billionths(plan: Plan) -> tuple[int, int]:
    return plan.filled, round(plan.total_score * BILLIONTHS)


def small_world(seed: int) -> Problem:
    """Make a world on the edges: windows that touch, scores that tie or differ in the last billionth."""
    rng = Random(seed)
    requests, supporters = rng.randint(0, 6), rng.randint(1, 4)
    start = [rng.choice([0, DAY]) + 15 * rng.randint(0, 12) for _ in range(requests)]
    end = [at + 15 * rng.randint(1, 6) for at in start]
    share = rng.choice([0.4, 0.8, 1.0])
    edges = [(r, s) for r in range(requests) for s in range(supporters) if rng.random() < share]
    grid = rng.choice([2, 10, 10**9])
    some = [0.5 + rng.choice([-1e-9, 0, 1e-9]) if rng.random() < 0.2 else rng.randint(0, grid) / grid for _ in edges]
    siblings = [set(rng.sample(range(4), rng.randint(0, 2))) for _ in range(requests)]
    column = np.array(edges, np.int64).reshape(-1, 2).T
    return Problem(
        np.arange(supporters) + 100,
        np.array(start, np.int64),
        np.array(end, np.int64),
        np.array(start, np.int64) // DAY,
        column[0],
        column[1],
        np.array(some, np.float64),
        children=rng.choice([(), siblings]),
        buffer_min=rng.choice([0, 15, 30]),
        daily_limit=rng.randint(0, 3),
        taken={(s, day): rng.randint(0, 2) for s in range(supporters) for day in range(2) if rng.random() < 0.2},
    )


worlds = st.integers(0, 2**32).map(small_world)


@settings(max_examples=200, deadline=None)
@given(worlds)
def test_assign_finds_what_trying_every_plan_finds(problem: Problem) -> None:
    plan = assign(problem)
    assert kept(problem, plan.supporter.tolist())
    assert in_billionths(plan) == measured(scores(problem), plan.supporter.tolist()) == best(problem)
    assert plan.proven_optimal
    assert (plan.bound_filled, plan.bound_score, plan.gap) == (plan.filled, plan.total_score, 0)
    assert plan.score.sum() == pytest.approx(plan.total_score, abs=1e-8)


@settings(max_examples=100, deadline=None)
@given(worlds)
def test_assign_without_time_bounds_the_best_plan(problem: Problem) -> None:
    plan = assign(problem, time_limit_s=0)
    filled, score = best(problem)
    assert kept(problem, plan.supporter.tolist())
    assert plan.filled <= filled <= plan.bound_filled
    if plan.filled == filled:
        assert in_billionths(plan)[1] <= score <= round(plan.bound_score * BILLIONTHS)
    assert plan.proven_optimal == (plan.gap == 0)
    if plan.proven_optimal:
        assert in_billionths(plan) == (filled, score)


def two_requests(second_start: int) -> Problem:
    start = np.array([600, second_start])
    return Problem(
        np.array([7]), start, start + 60, start // DAY, np.array([0, 1]), np.array([0, 0]), np.array([0.5, 0.6])
    )


@pytest.mark.parametrize(("second_start", "filled"), [(674, 1), (675, 2)])
def test_assign_leaves_the_buffer_once_between_two_bookings(second_start: int, filled: int) -> None:
    plan = assign(two_requests(second_start))
    assert plan.filled == filled


def test_assign_prefers_more_requests_to_any_score() -> None:
    problem = Problem(
        np.array([7, 8]),
        np.array([600, 600]),
        np.array([660, 660]),
        np.array([0, 0]),
        np.array([0, 0, 1]),
        np.array([0, 1, 0]),
        np.array([1.0, 0.0, 0.0]),
    )
    plan = assign(problem)
    assert plan.supporter.tolist() == [1, 0]
    assert plan.score.tolist() == [0, 0]


def test_assign_says_how_to_install_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    with pytest.raises(SolverMissing, match=r"pip install 'sharecare\[solver\]'") as refused:
        assign(two_requests(700))
    assert "pip install 'sharecare[solver]'" in refused.value.text("ja")


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": np.array([660, 600])},
        {"day": np.array([0])},
        {"request": np.array([0, 2])},
        {"request": np.array([0, 0])},
        {"score": np.array([0.5, 1.5])},
        {"score": np.array([0.5, np.nan])},
        {"score": np.array([0.5])},
        {"children": [{1}]},
        {"buffer_min": -1},
    ],
)
def test_problem_refuses_figures_out_of_range(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "person_ids": np.array([7]),
        "start": np.array([600, 700]),
        "end": np.array([660, 760]),
        "day": np.array([0, 0]),
        "request": np.array([0, 1]),
        "supporter": np.array([0, 0]),
        "score": np.array([0.5, 0.6]),
    }
    with pytest.raises(ValueError, match=r"\w"):
        Problem(**{**right, **wrong})  # type: ignore[arg-type]  # wrong on purpose
