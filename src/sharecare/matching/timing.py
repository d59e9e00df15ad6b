"""Timing the engine alone: `python -m sharecare.matching.timing SUPPORTERS QUERIES` prints the figures as JSON.

A process of its own, so that its memory is that of ranking and not of a web server beside it.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np

from sharecare.matching.world import BenchmarkWorld, rank_times_us

KIB_PER_MIB = 1024
_COUNTED = 500  # requests whose candidates are counted for the mean


def timed(supporters: int, queries: int) -> dict[str, float]:
    """Build a made-up country and rank requests one by one; times in microseconds, memory in MiB at its peak."""
    began = time.perf_counter()
    world = BenchmarkWorld(supporters)
    index = world.index()
    build_s = time.perf_counter() - began
    memory_kib = peak_kib()
    asked = list(world.queries(queries))
    times = rank_times_us(index, asked, time.perf_counter_ns)
    p50, p99 = np.percentile(times, [50, 99]).tolist()
    return {
        "supporters": supporters,
        "build_s": round(build_s, 2),
        "memory_mb": round(memory_kib / KIB_PER_MIB, 1),
        "p50_us": round(p50, 1),
        "p99_us": round(p99, 1),
        "mean_candidates": round(float(np.mean([world.candidates(query) for query in asked[:_COUNTED]])), 1),
        "queries_per_s": round(1e6 * len(times) / float(times.sum())),
    }


def peak_kib() -> int:
    """Return the process's largest resident set; Linux's `ru_maxrss` would still count what called us."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.stdout.write(json.dumps(timed(*map(int, sys.argv[1:]))) + "\n")
