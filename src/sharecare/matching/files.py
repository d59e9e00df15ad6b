"""Matching on CSV files, without a database: `sharecare match`, and what a researcher needs of it."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TextIO

from sharecare.geo import MeshLevel
from sharecare.matching.filed import FileWorld, read_world
from sharecare.matching.score import DEFAULT_WEIGHTS, Weights, check_weights
from sharecare.matching.tables import BadRow, Progress

COLUMNS = (
    "request_id",
    "rank",
    "supporter_id",
    "score",
    "distance_m",
    "distance",
    "trust",
    "availability",
    "free_minutes",
    "suggestion",
)
_REPORT_EVERY = 100

Row = Sequence[str | int | float]


@dataclass(frozen=True, slots=True)
class Files:
    """Where the tables lie."""

    supporters: Path
    availability: Path
    links: Path
    requests: Path
    exceptions: Path | None = None
    bookings: Path | None = None
    communities: Path | None = None
    blocks: Path | None = None

    def given(self) -> dict[str, Path]:
        return {name: path for name, path in asdict(self).items() if path is not None}


@dataclass(frozen=True, slots=True)
class Summary:
    supporters: int
    requests: int
    asks: int
    suggestions: int
    skipped: tuple[BadRow, ...]


def match_files(
    files: Files,
    out: TextIO,
    *,
    cell: MeshLevel = MeshLevel.HALF,
    buffer_min: int = 15,
    weights: Weights = DEFAULT_WEIGHTS,
    top: int = 20,
    output: Literal["csv", "json"] = "csv",
    skip_bad: bool = False,
    progress: Progress = lambda _doing, _rows: None,
) -> Summary:
    """Rank every request of some files and write the rows in the requests' order.

    Raises:
        BadRowsError: rows are bad and not to be skipped; nothing has been written then.
        ValueError: weights that don't sum to 1, a negative buffer or top.

    """
    check_weights(weights)
    world = read_world(files.given(), cell=cell, skip_bad=skip_bad, progress=progress)
    world.queries = [replace(query, buffer_min=buffer_min, weights=weights, top=top) for query in world.queries]
    counts = [0, 0]
    rows = _ranked(world, progress, counts)
    if output == "csv":
        write_csv(COLUMNS, rows, out)
    else:
        _write_json(rows, out)
    return Summary(len(world.index), len(world.queries), counts[0], counts[1], tuple(world.bad))


def _ranked(world: FileWorld, progress: Progress, counts: list[int]) -> Iterator[Row]:
    """Rank the requests one by one; adds asks and suggestions to `counts`."""
    for done, (request_id, query) in enumerate(zip(world.request_ids, world.queries, strict=True), start=1):
        found = world.index.rank(query)
        figures = (found.score, found.distance_m, found.distance, found.trust, found.availability, found.free_minutes)
        columns = [column.tolist() for column in (found.person_ids, *figures, found.suggestion.astype(int))]
        for rank, (person, *row) in enumerate(zip(*columns, strict=True), start=1):
            counts[row[-1]] += 1
            yield request_id, rank, world.names[person], *row
        if done % _REPORT_EVERY == 0 or done == len(world.queries):
            progress("requests", done)


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]], out: TextIO) -> None:
    """Write a header line and the rows, each ended by a line feed; None is an empty field."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def _write_json(rows: Iterator[Row], out: TextIO) -> None:
    """Write an array row by row, for it may be large."""
    before = "["
    for row in rows:
        out.write(before + json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False))
        before = ",\n"
    out.write("]\n" if before != "[" else "[]\n")
