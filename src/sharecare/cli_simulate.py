"""Trying out ways of asking, and plans, on towns that exist only on paper."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from sharecare.cli_matching import (
    Blocks,
    Bookings,
    Communities,
    Exceptions,
    Output,
    csv_file,
)
from sharecare.cli_output import target
from sharecare.console import FOUND, choose, give_up, language, progress
from sharecare.matching.files import Files
from sharecare.matching.tables import BadRowsError
from sharecare.simulate import (
    Comparison,
    FiledTown,
    GeneratedTown,
    Plan,
    Town,
    TownSpec,
    as_csv,
    as_json,
    as_svg,
)
from sharecare.simulate import plan as make_plan
from sharecare.simulate import simulate as run_simulation

SHOWN = ("fill_rate", "median_min", "messages_per_fill", "gini", "acquainted_share")

Members = Annotated[int, typer.Option(min=10, help="Of a generated town.")]
Share = Annotated[float, typer.Option("--supporter-share", min=0.01, max=1.0, help="Of the members who support.")]
Days = Annotated[int, typer.Option(min=1, help="Days to live through.")]
Seeds = Annotated[int, typer.Option(min=1, help="Worlds to try; intervals are over them.")]
FiledSupporters = Annotated[Path | None, csv_file("A town on files instead: supporters.")]
FiledLinks = Annotated[Path | None, csv_file("Friendships: a, b, strength.")]
FiledRequests = Annotated[Path | None, csv_file("Requests, one a row.")]
FiledAvailability = Annotated[Path | None, csv_file("Weekly hours.")]
Written = Annotated[Output | None, typer.Option("--format", help="csv or json; a table for people if left out.")]


def simulate(
    members: Members = 120,
    supporter_share: Share = 1 / 3,
    days: Days = 30,
    seeds: Seeds = 10,
    supporters: FiledSupporters = None,
    availability: FiledAvailability = None,
    links: FiledLinks = None,
    requests: FiledRequests = None,
    exceptions: Exceptions = None,
    bookings: Bookings = None,
    communities: Communities = None,
    blocks: Blocks = None,
    written: Written = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the comparison into this SVG file.")] = None,
) -> None:
    """Compare ways of asking on the same towns: broadcast, nearest first, waves, waves with batches."""
    needed = (supporters, availability, links, requests)
    town = _town(needed, (exceptions, bookings, communities, blocks), members, supporter_share)
    with target(picture) if picture else nullcontext() as drawing:
        with progress() as show:
            result = run_simulation(town, seeds=range(1, seeds + 1), days=days, progress=show)
        _write(result, written)
        if drawing:
            drawing.write(as_svg(result, language="ja" if language() == "ja" else "en"))


def plan(
    target: Annotated[float, typer.Option(min=0.01, max=1.0, help="The fill rate to reach, e.g. 0.9.")] = 0.9,
    members: Members = 120,
    supporter_share: Share = 1 / 3,
    days: Days = 30,
    seeds: Seeds = 10,
    supporters: FiledSupporters = None,
    availability: FiledAvailability = None,
    links: FiledLinks = None,
    requests: FiledRequests = None,
    exceptions: Exceptions = None,
    bookings: Bookings = None,
    communities: Communities = None,
    blocks: Blocks = None,
    written: Written = None,
) -> None:
    """List the supporters a town should win: where, when, of which level; exit code 1 if that is not enough."""
    needed = (supporters, availability, links, requests)
    town = _town(needed, (exceptions, bookings, communities, blocks), members, supporter_share)
    with progress() as show:
        result = make_plan(town, target, seeds=range(1, seeds + 1), days=days, progress=show)
    _write(result, written)
    if not result.reached:
        raise typer.Exit(FOUND)


def _town(
    needed: tuple[Path | None, ...], optional: tuple[Path | None, ...], members: int, supporter_share: float
) -> Town:
    """Return the town on files if any is given, else a generated one."""
    if not any((*needed, *optional)):
        return GeneratedTown(TownSpec(members=members, supporter_share=supporter_share))
    supporters, availability, links, requests = needed
    if supporters is None or availability is None or links is None or requests is None:
        ja = "町をファイルで表すには --supporters --availability --links --requests がすべて必要です。"
        give_up(choose(ja, "A town on files needs --supporters, --availability, --links and --requests."))
    try:
        return FiledTown(Files(supporters, availability, links, requests, *optional))
    except BadRowsError as error:
        give_up("\n".join(row.text(language()) for row in error.rows))


def _write(result: Comparison | Plan, written: Output | None) -> None:
    if written is Output.JSON:
        typer.echo(as_json(result), nl=False)
    elif written is Output.CSV:
        typer.echo(as_csv(result), nl=False)
    else:
        Console().print(_comparison(result) if isinstance(result, Comparison) else _lines(result))


def _comparison(result: Comparison) -> Table:
    table = Table(title=choose("同じ町・同じ乱数での比較(95%信頼区間)", "The same towns and dice (95% intervals)"))
    for heading in ("policy", *SHOWN):
        table.add_column(heading, overflow="fold")
    for policy in result.figures:
        estimates = (result.summary(policy, metric) for metric in SHOWN)
        table.add_row(policy, *(f"{one.mean:.3g} ({one.low:.3g}–{one.high:.3g})" for one in estimates))
    return table


def _lines(result: Plan) -> Table:
    before, after = result.fill_rates[0], result.fill_rates[-1]
    title = choose(
        f"{result.newcomers}人の新しいサポーターで {before.mean:.0%} → {after.mean:.0%}",
        f"{result.newcomers} more supporters: {before.mean:.0%} → {after.mean:.0%} of requests met",
    )
    table = Table(title=title)
    for heading in ("stage", "cell", "place", "hours", "level", "count"):
        table.add_column(heading)
    for line in result.lines:
        table.add_row(str(line.stage), line.cell, line.place, line.hours, line.level.name.lower(), str(line.count))
    return table
