"""Assigning on the CSV files of `sharecare match`: who takes care of which request, and who of none."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TextIO

from sharecare.geo import MeshLevel
from sharecare.matching.assign import TIME_LIMIT_S, assign
from sharecare.matching.assign_highs import require_solver
from sharecare.matching.assign_model import NOBODY, Plan, Problem
from sharecare.matching.assign_problem import DAILY_LIMIT, problem_from
from sharecare.matching.filed import read_tables, world_of, zone_of
from sharecare.matching.files import Files, write_csv
from sharecare.matching.model import Period
from sharecare.matching.score import DEFAULT_WEIGHTS, Weights, check_weights
from sharecare.matching.tables import BadRow, Progress, Table

COLUMNS = ("request_id", "supporter_id", "score")

Row = tuple[str, str | None, float | None]


@dataclass(frozen=True, slots=True)
class Assigned:
    """How good the written plan is, from how much, and which rows were left out."""

    plan: Plan
    supporters: int
    requests: int
    edges: int
    skipped: tuple[BadRow, ...]


def assign_files(
    files: Files,
    out: TextIO,
    *,
    cell: MeshLevel = MeshLevel.HALF,
    buffer_min: int = 15,
    weights: Weights = DEFAULT_WEIGHTS,
    daily_limit: int = DAILY_LIMIT,
    time_limit_s: float = TIME_LIMIT_S,
    output: Literal["csv", "json"] = "csv",
    skip_bad: bool = False,
    progress: Progress = lambda _doing, _rows: None,
) -> Assigned:
    """Plan all requests of some files and write one row each, in the requests' order; nobody's are empty.

    A day of the daily limit is one in the zone that most supporters live in.

    Raises:
        BadRowsError: rows are bad and not to be skipped; nothing has been written then.
        SolverMissing: HiGHS isn't installed; nothing has been read then.
        ValueError: weights that don't sum to 1, a negative buffer or limit.

    """
    require_solver()
    check_weights(weights)
    filed = read_tables(files.given(), skip_bad=skip_bad, progress=progress)
    world = world_of(filed, cell=cell, progress=progress)
    queries = [replace(query, buffer_min=buffer_min, weights=weights) for query in world.queries]
    booked = _booked(filed.tables.get("bookings"))
    zone = zone_of(filed.tables["supporters"])
    problem = problem_from(world.index, queries, timezone=zone, daily_limit=daily_limit, booked=booked)
    progress("plan", len(queries))
    plan = assign(problem, time_limit_s=time_limit_s)
    rows = _rows(world.request_ids, world.names, problem, plan)
    if output == "csv":
        write_csv(COLUMNS, rows, out)
    else:
        _write_json(rows, out)
    return Assigned(plan, len(world.index), len(queries), len(problem.request), tuple(world.bad))


def _booked(table: Table | None) -> Mapping[int, Sequence[Period]]:
    """Group the bookings by person, for the daily limit: the index only keeps when nobody is free."""
    found: dict[int, list[Period]] = {}
    if table:
        columns = (table[column].tolist() for column in ("supporter_id", "start_at", "end_at"))
        for person, start, end in zip(*columns, strict=True):
            found.setdefault(person, []).append((start, end))
    return found


def _rows(request_ids: Sequence[str], names: Sequence[str], problem: Problem, plan: Plan) -> Iterator[Row]:
    for request_id, supporter, score in zip(request_ids, plan.supporter.tolist(), plan.score.tolist(), strict=True):
        if supporter == NOBODY:
            yield request_id, None, None
        else:
            yield request_id, names[int(problem.person_ids[supporter])], score


def _write_json(rows: Iterator[Row], out: TextIO) -> None:
    json.dump([dict(zip(COLUMNS, row, strict=True)) for row in rows], out, ensure_ascii=False, indent=0)
    out.write("\n")
