"""Rank the same requests over the same people by the engine and by its peers, in turns, and print how long each took.

Usage: python -m bench.peers.run [--sizes 10000 100000] [--queries 2000] [--peers engine cells ...] [--json FILE]

Every peer and size has a process of its own; only one works at a time, a block of queries each, so that whatever else
the machine does hits all alike. The first round warms and is not counted. What a peer finds is compared with the
engine's result before anything is timed.
"""

import argparse
import json
import platform
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psycopg
from bench.peers import figures
from bench.peers.cluster import NoPostGisError, cluster
from bench.peers.postgis_load import load
from bench.peers.tables import tables_of
from bench.peers.worker import Task, Worker

from sharecare.matching.world import BenchmarkWorld

TITLES = {
    "engine": "ShareCare",
    "floor": "candidates' bytes read once, by NumPy",
    "cells": "PostgreSQL, B-tree of cells",
    "box": "PostGIS, GiST of points, box",
    "geography": "PostGIS, geography, ST_DWithin",
    "unfenced": "the same, plan not tuned",
    "balltree": "BallTree, then Python",
    "orm": "ORM rows, geopy, a loop",
}
SERVED = ("cells", "box", "geography", "unfenced")
BLOCKS = 10
CHECKED = 100
PEOPLE_LOOPED = 200_000  # a loop over everybody gets as few queries as this allows
TREE_QUERIES = 200

Runs = dict[tuple[str, int], Worker]
Times = dict[tuple[str, int], list[list[float]]]


def main() -> None:
    asked = _arguments()
    signal.signal(signal.SIGTERM, _leave)
    deadline = time.monotonic() + asked.minutes * 60
    with ExitStack() as stack:
        address, server = "", ""
        if set(SERVED) & set(asked.peers):
            try:
                address = stack.enter_context(cluster())
            except NoPostGisError as error:
                _say(f"Without PostgreSQL: {error}")
                asked.peers = [peer for peer in asked.peers if peer not in SERVED]
        if address:
            server = _load_all(address, asked.sizes)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="peers-")))
        runs = _started(asked, address, folder)
        candidates = {size: runs["engine", size].candidates((0, asked.queries)) for size in asked.sizes}
        checked = {f"{peer} {size}": _agrees(runs, peer, size, asked.queries) for peer, size in runs}
        times = _rounds(runs, asked, deadline)
        built = {size: runs["engine", size].build_s for size in asked.sizes}
        for worker in runs.values():
            worker.stop()
    report = {"machine": _machine(server), "queries": asked.queries, "checked": checked}
    report |= _report(times, candidates, built)
    _print(report)
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _leave(*_: object) -> None:
    """Take the server down on the way out, even if told to hurry."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], metavar="N")
    parser.add_argument("--queries", type=int, default=2000, help="of the fast peers; the slow ones take the first few")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=15, help="no new round is begun after so long")
    parser.add_argument("--peers", nargs="+", choices=TITLES, default=list(TITLES))
    parser.add_argument("--json", type=Path, help="where to write all figures")
    asked = parser.parse_args()
    asked.peers = ["engine", *(peer for peer in asked.peers if peer != "engine")]
    asked.sizes = sorted(asked.sizes)
    return asked


def _load_all(address: str, sizes: Sequence[int]) -> str:
    with psycopg.connect(address, autocommit=True) as connection:
        for size in sizes:
            connection.execute(f"CREATE DATABASE people_{size}".encode())
            began = time.monotonic()
            load(_database(address, size), tables_of(BenchmarkWorld(size)))
            _say(f"{size:,} supporters in PostgreSQL after {time.monotonic() - began:.0f} s")
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
    with psycopg.connect(_database(address, sizes[0])) as connection:
        extension = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
    return f"PostgreSQL {row[0] if row else '?'}, PostGIS {extension[0] if extension else '?'}"


def _database(address: str, size: int) -> str:
    return f"{address} dbname=people_{size}" if address else ""


def _started(asked: argparse.Namespace, address: str, folder: Path) -> Runs:
    runs: Runs = {}
    for size, peer in product(asked.sizes, asked.peers):
        if _limit(peer, size, asked.queries):
            runs[peer, size] = Worker(Task(peer, size, asked.queries, _database(address, size), folder))
            _say(f"{TITLES[peer]}, {size:,} supporters: ready after {runs[peer, size].build_s:.0f} s")
    return runs


def _limit(peer: str, size: int, queries: int) -> int:
    if peer == "orm":
        return min(queries, PEOPLE_LOOPED // size)
    return min(queries, TREE_QUERIES) if peer == "balltree" else queries


def _agrees(runs: Runs, peer: str, size: int, queries: int) -> str:
    """Hold a peer's results against the engine's.

    Raises:
        ValueError: they differ.

    """
    if peer in {"engine", "floor"}:
        return "nothing to compare"
    part = 0, min(CHECKED, _limit(peer, size, queries))
    # A geodesic differs from the formula by up to 2 mm, which may turn round two that are as good as equal.
    exact, error = peer != "orm", 0.0
    for mine, theirs in zip(runs["engine", size].found(part), runs[peer, size].found(part), strict=True):
        same = mine.person_ids == theirs.person_ids or (not exact and len(mine.person_ids) == len(theirs.person_ids))
        if not same or mine.suggestion != theirs.suggestion:
            raise ValueError(f"{TITLES[peer]} found others than the engine: {theirs} for {mine}")
        error = max([error, *np.abs(np.subtract(mine.scores, theirs.scores))])
    if error > (1e-9 if exact else 1e-6):
        raise ValueError(f"{TITLES[peer]} scores otherwise than the engine, by {error}")
    return f"{part[1]} queries, {'same order, ' if exact else ''}scores within {error:.0e}"


def _rounds(runs: Runs, asked: argparse.Namespace, deadline: float) -> Times:
    for (peer, size), worker in runs.items():
        worker.times_us((0, 1 if peer == "orm" else _limit(peer, size, asked.queries)))
    times: Times = {run: [] for run in runs}
    for number in range(asked.rounds):
        if number and time.monotonic() > deadline:
            _say(f"Time is up after {number} rounds.")
            break
        for run in runs:
            times[run].append([])
        for block, run in product(range(BLOCKS), _turned(list(runs), number)):
            times[run][-1] += runs[run].times_us(_part(_limit(*run, asked.queries), block))
        _say(f"round {number + 1} of {asked.rounds}")
    return times


def _turned(runs: list[tuple[str, int]], number: int) -> Iterator[tuple[str, int]]:
    at = number % len(runs)
    yield from runs[at:]
    yield from runs[:at]


def _part(limit: int, block: int) -> tuple[int, int]:
    return block * limit // BLOCKS, (block + 1) * limit // BLOCKS


def _report(times: Times, candidates: dict[int, list[int]], built: dict[int, float]) -> dict[str, Any]:
    arrays = {run: np.array(rounds) for run, rounds in times.items()}
    sizes: dict[str, Any] = {}
    for size, counts in candidates.items():
        engine = arrays["engine", size]
        sizes[str(size)] = {
            "mean_candidates": float(np.mean(counts)),
            "most_candidates": max(counts),
            "build_s": round(built[size], 2),
            "peers": {peer: figures.compared(engine, rows) for (peer, n), rows in arrays.items() if n == size},
            "by_candidates": {
                peer: figures.by_candidates(rows, counts)
                for (peer, n), rows in arrays.items()
                if n == size and rows.shape[1] == len(counts)
            },
            "line": figures.line(engine, counts),
        }
    small, large = min(candidates), max(candidates)
    growth = figures.grown(arrays["engine", small], candidates[small], arrays["engine", large], candidates[large])
    return {"sizes": sizes, "growth_at_equal_candidates": growth}


def _machine(server: str) -> dict[str, str | int]:
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scikit-learn": version("scikit-learn"),
        "sqlalchemy": version("sqlalchemy"),
        "server": server,
    }


def _print(report: dict[str, Any]) -> None:
    print("| supporters | | queries | p50 ms | p99 ms | × engine, p50 | × engine, p99 |")
    print("|---:|---|---:|---:|---:|---:|---:|")
    for size, found in report["sizes"].items():
        for peer, row in found["peers"].items():
            cells = [f"{int(size):,}", TITLES[peer], f"{row['queries']:,}"]
            cells += [f"{row[key] / 1000:.3g}" if key in row else "–" for key in ("p50_us", "p99_us")]
            keys = "p50_over_engine", "p99_over_engine"
            cells += ["" if peer == "engine" else f"{row[key]:.3g}" if key in row else "–" for key in keys]
            print(f"| {' | '.join(cells)} |")
    for size, found in report["sizes"].items():
        line = found["line"]
        print(
            f"{int(size):,}: {found['mean_candidates']:.0f} candidates on average, {found['most_candidates']:,} at"
            f" most; a query costs {line['us']:.0f} µs, and {line['ns_per_candidate']:.0f} ns for each candidate"
        )
    growth = report["growth_at_equal_candidates"]
    if len(report["sizes"]) > 1:
        print(f"smallest to largest at equal candidates: × {growth['p50']} (p50), × {growth['p99']} (p99)")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
