"""Build the made-up country in memory, rank requests one by one, print the figures as JSON.

Usage: python bench/match/run.py [supporters] [requests]
"""

import json
import resource
import sys
import time

import numpy as np

from sharecare.matching.world import BenchmarkWorld, rank_times_us


def main(supporters: int = 100_000, requests: int = 5_000) -> None:
    before = time.perf_counter()
    world = BenchmarkWorld(supporters)
    index = world.index()
    build_s = time.perf_counter() - before
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    queries = list(world.queries(requests))
    times = rank_times_us(index, queries, time.perf_counter_ns)
    figures = {
        "supporters": supporters,
        "build_s": round(build_s, 2),
        "memory_mb": round(memory_mb, 1),
        "p50_us": round(float(np.percentile(times, 50)), 1),
        "p99_us": round(float(np.percentile(times, 99)), 1),
        "mean_candidates": round(float(np.mean([world.candidates(query) for query in queries[:500]])), 1),
        "queries_per_s": round(1e6 * len(times) / float(times.sum())),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
