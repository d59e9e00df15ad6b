"""Each peer and size in a process of its own, which works only while it is asked to."""

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.peers.balltree import Neighbours
from bench.peers.engine import Engine
from bench.peers.floor import Floor
from bench.peers.orm import Orm
from bench.peers.peer import Found, Peer
from bench.peers.postgis import PostGis
from bench.peers.tables import tables_of

from sharecare.matching.model import Query
from sharecare.matching.world import BenchmarkWorld

Slice = tuple[int, int]

_WAKING = 10  # of so many requests of a block, one is ranked beforehand, uncounted


@dataclass(frozen=True)
class Task:
    peer: str
    supporters: int
    queries: int
    address: str
    folder: Path


class Worker:
    def __init__(self, task: Task) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, task), daemon=True)
        self._process.start()
        other.close()
        self.build_s: float = self._pipe.recv()

    def times_us(self, part: Slice) -> list[float]:
        return self._ask("times_us", part)

    def found(self, part: Slice) -> list[Found]:
        return self._ask("found", part)

    def candidates(self, part: Slice) -> list[int]:
        """Count who is near enough, before any other test."""
        return self._ask("candidates", part)

    def stop(self) -> None:
        self._pipe.send(None)
        self._process.join()

    def _ask(self, verb: str, part: Slice) -> list[Any]:
        self._pipe.send((verb, part))
        answer: list[Any] = self._pipe.recv()
        return answer


def _serve(pipe: Connection, task: Task) -> None:
    before = time.perf_counter()
    world = BenchmarkWorld(task.supporters)
    peer, queries = _build(task, world)
    pipe.send(time.perf_counter() - before)
    while asked := _next(pipe):
        verb, (low, high) = asked
        some = queries[low:high]
        if verb == "times_us":
            pipe.send(_times_us(peer, some))
        elif verb == "found":
            pipe.send([peer.found(query) for query in some])
        else:
            pipe.send([world.candidates(query) for query in some])


def _next(pipe: Connection) -> tuple[str, Slice] | None:
    try:
        asked: tuple[str, Slice] | None = pipe.recv()
    except EOFError:  # whoever asked is gone
        return None
    return asked


def _times_us(peer: Peer, queries: Sequence[Query]) -> list[float]:
    times, rank = [], peer.rank
    # The process slept while others worked. Its own code and tables come back to the processor's caches with the first
    # requests, which would be the same ones in every round.
    for query in queries[len(queries) - len(queries) // _WAKING :]:
        rank(query)
    for query in queries:
        before = time.perf_counter_ns()
        rank(query)
        times.append((time.perf_counter_ns() - before) / 1000)
    return times


def _build(task: Task, world: BenchmarkWorld) -> tuple[Peer, list[Query]]:
    """Build the world's index or draw its tables, then its queries: in this order they are the same for every peer."""
    if task.peer == "engine":
        index = world.index()
        return Engine(index), list(world.queries(task.queries))
    tables = tables_of(world)
    queries = list(world.queries(task.queries))
    if task.peer == "floor":
        return Floor(tables, queries), queries
    if task.peer == "balltree":
        return Neighbours(tables), queries
    if task.peer == "orm":
        return Orm(task.folder, tables), queries
    return PostGis(task.address, task.peer), queries
