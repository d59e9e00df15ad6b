"""Matching on the command line: files in, files out, no database."""

import json
import subprocess
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO, TypeVar

import typer

from sharecare.cli_output import target
from sharecare.console import choose, give_up, language, print_json, rows, screen
from sharecare.errors import Refusal
from sharecare.geo import MeshLevel
from sharecare.matching.assign import TIME_LIMIT_S
from sharecare.matching.assign_files import Assigned, assign_files
from sharecare.matching.assign_problem import DAILY_LIMIT
from sharecare.matching.files import Files, match_files
from sharecare.matching.model import MOST_BUFFER_MIN
from sharecare.matching.score import Weights, check_weights
from sharecare.matching.tables import BadRow, BadRowsError

T = TypeVar("T")


class CellSize(StrEnum):
    """How fine a mesh distance is taken on."""

    THIRD = "third"
    HALF = "half"
    QUARTER = "quarter"


class Output(StrEnum):
    """How results are written."""

    CSV = "csv"
    JSON = "json"


def csv_file(help_text: str) -> Any:  # noqa: ANN401  -- typer's own type
    """Return an option that names a CSV file."""
    return typer.Option(exists=True, dir_okay=False, readable=True, help=help_text)


Supporters = Annotated[Path, csv_file("Supporters, one a row.")]
Availability = Annotated[Path, csv_file("Weekly hours in each supporter's own wall time.")]
Links = Annotated[Path, csv_file("Friendships: a, b, strength.")]
Requests = Annotated[Path, csv_file("Requests, one a row.")]
Exceptions = Annotated[Path | None, csv_file("Dated hours added or removed.")]
Bookings = Annotated[Path | None, csv_file("Times that are taken.")]
Communities = Annotated[Path | None, csv_file("Who belongs where, and what it weighs.")]
Blocks = Annotated[Path | None, csv_file("Who keeps whom at a distance.")]
Cells = Annotated[CellSize, typer.Option("--cell", help="1 km (third), 500 m (half) or 250 m (quarter).")]
Buffer = Annotated[
    int, typer.Option("--buffer-min", min=0, max=MOST_BUFFER_MIN, help="Minutes of travel around every booking.")
]
WeightsText = Annotated[str, typer.Option("--weights", help="Distance, trust, availability; they sum to 1.")]
Out = Annotated[Path | None, typer.Option(help="Where to write; standard output if left out.")]
Written = Annotated[Output, typer.Option("--format", help="csv or json.")]
SkipBad = Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and list them.")]


def match(
    supporters: Supporters,
    availability: Availability,
    links: Links,
    requests: Requests,
    exceptions: Exceptions = None,
    bookings: Bookings = None,
    communities: Communities = None,
    blocks: Blocks = None,
    cell: Cells = CellSize.HALF,
    buffer_min: Buffer = 15,
    weights: WeightsText = "0.35,0.40,0.25",
    top: Annotated[int, typer.Option(min=1, help="At most so many of asks, and of suggestions.")] = 20,
    out: Out = None,
    written: Written = Output.CSV,
    skip_bad: SkipBad = False,
) -> None:
    """Rank the supporters for every request."""
    files = Files(supporters, availability, links, requests, exceptions, bookings, communities, blocks)
    done = _worked(
        out,
        lambda stream, show: match_files(
            files,
            stream,
            cell=MeshLevel[cell.name],
            buffer_min=buffer_min,
            weights=_weights(weights),
            top=top,
            output=written.value,
            skip_bad=skip_bad,
            progress=show,
        ),
    )
    _list_skipped(done.skipped)


def assign(
    supporters: Supporters,
    availability: Availability,
    links: Links,
    requests: Requests,
    exceptions: Exceptions = None,
    bookings: Bookings = None,
    communities: Communities = None,
    blocks: Blocks = None,
    cell: Cells = CellSize.HALF,
    buffer_min: Buffer = 15,
    weights: WeightsText = "0.35,0.40,0.25",
    daily_limit: Annotated[
        int, typer.Option(min=1, help="Bookings of one supporter on one day, in the zone that most supporters live in.")
    ] = DAILY_LIMIT,
    time_limit_s: Annotated[
        float,
        typer.Option(
            min=1, help="After so long of planning, say how far the plan may be off; reading the files comes before."
        ),
    ] = (TIME_LIMIT_S),
    out: Out = None,
    written: Written = Output.CSV,
    skip_bad: SkipBad = False,
) -> None:
    """Plan many requests at once: the most filled, then the highest total score."""
    files = Files(supporters, availability, links, requests, exceptions, bookings, communities, blocks)
    done = _worked(
        out,
        lambda stream, show: assign_files(
            files,
            stream,
            cell=MeshLevel[cell.name],
            buffer_min=buffer_min,
            weights=_weights(weights),
            daily_limit=daily_limit,
            time_limit_s=time_limit_s,
            output=written.value,
            skip_bad=skip_bad,
            progress=show,
        ),
    )
    _say_how_good(done)
    _list_skipped(done.skipped)


def bench_match(
    supporters: Annotated[int, typer.Option(min=1, help="How many supporters the made-up country has.")] = 100_000,
    queries: Annotated[int, typer.Option(min=1, help="How many requests are ranked, one after another.")] = 5_000,
    json_only: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Time ranking on a made-up country: towns as in Japan, 10 links, 5 windows and 5 bookings each."""
    command = [sys.executable, "-m", "sharecare.matching.timing", str(supporters), str(queries)]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603  -- our own module
    if json_only:
        print_json(figures)
    else:
        typer.echo("  ".join(f"{name} {value}" for name, value in figures.items()))


def _worked(out: Path | None, work: Callable[[TextIO, Callable[[str, int], None]], T]) -> T:
    """Write to `out` or standard output; what can't be read is said row by row, and then nothing is written."""
    try:
        with target(out) as stream, rows() as show:
            return work(stream, show)
    except BadRowsError as error:
        give_up("\n".join(row.text(language()) for row in error.rows))
    except Refusal as refusal:
        give_up(refusal.text(language()))
    except ValueError as error:
        give_up(str(error))


def _weights(text: str) -> Weights:
    try:
        weights = Weights(*(float(part) for part in text.split(",")))
        check_weights(weights)
    except (TypeError, ValueError):
        ja = f"重みは、合計が1になる三つの数を 0.35,0.40,0.25 のように書いてください: {text}"
        give_up(choose(ja, f"Write weights as three shares that sum to 1, like 0.35,0.40,0.25: {text}"))
    return weights


def _list_skipped(skipped: tuple[BadRow, ...]) -> None:
    for row in skipped:
        screen.print(row.text(language()), highlight=False, markup=False, soft_wrap=True)


def _say_how_good(done: Assigned) -> None:
    plan = done.plan
    if plan.proven_optimal:
        proof = choose("これより良い計画はありません。", "No plan is better.")
    else:
        proof = choose(
            f"時間切れ: 最良でも{plan.bound_filled}件、差は{plan.gap:.2%}以内です。",
            f"Out of time: at best {plan.bound_filled} can be filled; the gap is at most {plan.gap:.2%}.",
        )
    screen.print(
        choose(
            f"{done.requests}件中{plan.filled}件を割り当てました(合計点{plan.total_score:.3f}、{plan.seconds:.1f}秒)。",
            f"{plan.filled} of {done.requests} requests filled, score {plan.total_score:.3f}, {plan.seconds:.1f} s. ",
        )
        + proof,
        highlight=False,
        soft_wrap=True,
    )
