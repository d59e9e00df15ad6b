"""Plan many requests at once and print how long it took and how good the plan is.

Usage: python bench/assign/run.py [seed]

Two towns. "Month" is the world of the ranking benchmark: requests spread over 28 days. "Noon" is the hard one: every
school closes on one day, windows of one to four hours begin between noon and four, a supporter is asked by so many
that all kinds of overlaps and the daily limit bind.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from sharecare.matching.assign import assign
from sharecare.matching.assign_model import Plan, Problem
from sharecare.matching.assign_problem import problem_from
from sharecare.matching.world import BenchmarkWorld

SIZES = [(50, 200), (200, 500), (500, 2000)]
HEAD = "| town | requests × supporters | edges | rank s | plan s | filled | bound | score | bound | gap |"


def month(requests: int, supporters: int, seed: int) -> Problem:
    world = BenchmarkWorld(supporters, seed)
    return problem_from(world.index(), list(world.queries(requests)))


def noon(requests: int, supporters: int, seed: int, *, share: float = 1.0, fewer: int = 1) -> Problem:
    """Everybody lives within 5 km; one in five pairs has trust; `share` of the pairs could be asked."""
    supporters //= fewer
    rng = np.random.default_rng(seed)
    start = 720 + 30 * rng.integers(0, 9, requests)
    homes, places = rng.random((supporters, 2)) * 5, rng.random((requests, 2)) * 5
    near = np.exp(-np.linalg.norm(homes[None] - places[:, None], axis=2))
    trust = rng.random((requests, supporters)) * (rng.random((requests, supporters)) < 0.2)
    request, supporter = (rng.random((requests, supporters)) < share).nonzero()
    return Problem(
        np.arange(supporters),
        start,
        start + 30 * rng.integers(2, 9, requests),
        np.zeros(requests, np.int64),
        request,
        supporter,
        (0.35 * near + 0.4 * trust + 0.25)[request, supporter],
    )


def line(town: str, size: tuple[int, int], problem: Problem, rank_s: float, plan: Plan) -> str:
    figures = (
        *(town, f"{size[0]} × {size[1]}", f"{len(problem.request):,}", f"{rank_s:.2f}", f"{plan.seconds:.2f}"),
        *(str(plan.filled), str(plan.bound_filled), f"{plan.total_score:.9f}", f"{plan.bound_score:.9f}"),
        f"{plan.gap:.2e}" if plan.gap else "0",
    )
    return f"| {' | '.join(figures)} |"


def main(seed: int = 1) -> None:
    print(HEAD)
    print("|---" * HEAD.count(" | ") + "|---|")
    towns: dict[str, Callable[[int, int, int], Problem]] = {
        "month": month,
        "noon, everyone could": noon,
        "noon, 5% could": partial(noon, share=0.05),
        "noon, a tenth as many, 30% could": partial(noon, share=0.3, fewer=10),
    }
    for town, make in towns.items():
        for size in SIZES:
            before = time.perf_counter()
            problem = make(*size, seed)
            made_s = time.perf_counter() - before
            print(line(town, size, problem, made_s, assign(problem)), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
