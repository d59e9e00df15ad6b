"""Trying out ways of asking, and plans, on towns that exist only on paper."""

import tomllib
from contextlib import nullcontext
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from sharecare.areas.words import LEVELS
from sharecare.cli_matching import (
    Blocks,
    Bookings,
    Communities,
    Exceptions,
    Output,
    csv_file,
)
from sharecare.cli_output import target
from sharecare.console import FOUND, choose, give_up, language, progress, screen
from sharecare.malformed import in_words
from sharecare.matching.files import Files
from sharecare.matching.tables import BadRowsError
from sharecare.simulate import (
    Comparison,
    FiledTown,
    GeneratedTown,
    Plan,
    Town,
    as_csv,
    as_json,
    as_svg,
)
from sharecare.simulate import plan as make_plan
from sharecare.simulate import simulate as run_simulation
from sharecare.simulate.described import DescribedTown, read_town
from sharecare.simulate.measures import Estimate
from sharecare.simulate.words import Language, hours_word, metric_word, policy_word
from sharecare.simulate.words import written as figure

SHOWN = ("fill_rate", "median_min", "distance_m", "messages_per_fill", "gini", "acquainted_share")

Described = Annotated[
    Path | None,
    typer.Option(
        "--town",
        exists=True,
        dir_okay=False,
        readable=True,
        help="A TOML file that describes the town: people, places, hours of need (docs/simulate.md).",
    ),
]
Members = Annotated[int | None, typer.Option(min=10, help="Of a generated town; 120 if nothing else is said.")]
Share = Annotated[
    float | None,
    typer.Option(
        "--supporter-share", min=0.01, max=1.0, help="Of the members who support; a third if nothing is said."
    ),
]
Days = Annotated[int, typer.Option(min=1, help="Days to live through.")]
Seeds = Annotated[int, typer.Option(min=1, help="Worlds to try; intervals are over them.")]
FiledSupporters = Annotated[Path | None, csv_file("A town on files instead: supporters.")]
FiledLinks = Annotated[Path | None, csv_file("Friendships: a, b, strength.")]
FiledRequests = Annotated[Path | None, csv_file("Requests, one a row.")]
FiledAvailability = Annotated[Path | None, csv_file("Weekly hours.")]
Written = Annotated[Output | None, typer.Option("--format", help="csv or json; a table for people if left out.")]


def simulate(
    described: Described = None,
    members: Members = None,
    supporter_share: Share = None,
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
    own = _described(described, members=members, supporter_share=supporter_share)
    town = _town(needed, (exceptions, bookings, communities, blocks), own)
    with target(picture) if picture else nullcontext() as drawing:
        with progress() as show:
            result = run_simulation(town, seeds=range(1, seeds + 1), days=days, behaviour=own.people(), progress=show)
        _write(result, written)
        if drawing:
            drawing.write(as_svg(result, language=_spoken()))


def plan(
    target: Annotated[float, typer.Option(min=0.01, max=1.0, help="The fill rate to reach, e.g. 0.9.")] = 0.9,
    described: Described = None,
    members: Members = None,
    supporter_share: Share = None,
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
    own = _described(described, members=members, supporter_share=supporter_share)
    town = _town(needed, (exceptions, bookings, communities, blocks), own)
    with progress() as show:
        seen = range(1, seeds + 1)
        result = make_plan(town, target, seeds=seen, days=days, behaviour=own.people(), progress=show)
    _write(result, written)
    if written is Output.CSV and not result.lines:
        rate = figure("fill_rate", result.fill_rates[0].mean)
        now = (f"いまの成立率は{rate}です。加える人はありません。", f"{rate} are filled today; nobody is to be added.")
        screen.print(choose(*now), highlight=False, soft_wrap=True)
    if not result.reached:
        raise typer.Exit(FOUND)


def _described(file: Path | None, **options: float | None) -> DescribedTown:
    """Return the town that a file describes, with what options say of it instead."""
    said = {name: value for name, value in options.items() if value is not None}
    try:
        return read_town(file, **said)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        give_up(choose(f"{file}: TOML として読めません({error})。", f"{file}: not TOML: {error}."))
    except ValidationError as error:
        wrong = ((".".join(map(str, one["loc"])), in_words(one, language())) for one in error.errors())
        begin = f"{file}: " if file else ""
        give_up("\n".join(f"{begin}{where}: {why}" for where, why in wrong))


def _town(needed: tuple[Path | None, ...], optional: tuple[Path | None, ...], described: DescribedTown) -> Town:
    """Return the town on files if any is given, else a generated one."""
    if not any((*needed, *optional)):
        return GeneratedTown(described.spec())
    if described.town.given() or described.hours.given():
        ja = "町をファイルで表すときは、人数や時間帯は指定できません([behaviour] は使えます)。"
        give_up(
            choose(ja, "Who lives in a town on files, and when they ask, stands there; only [behaviour] may be given.")
        )
    supporters, availability, links, requests = needed
    if supporters is None or availability is None or links is None or requests is None:
        ja = "町をファイルで表すには --supporters --availability --links --requests がすべて必要です。"
        give_up(choose(ja, "A town on files needs --supporters, --availability, --links and --requests."))
    try:
        return FiledTown(Files(supporters, availability, links, requests, *optional))
    except BadRowsError as error:
        give_up("\n".join(row.text(language()) for row in error.rows))


def _write(result: Comparison | Plan, written: Output | None) -> None:
    if written:
        with target(None) as stream:
            stream.write(as_json(result) if written is Output.JSON else as_csv(result))
    else:
        Console().print(_comparison(result) if isinstance(result, Comparison) else _lines(result))


def _comparison(result: Comparison) -> Table:
    title = ("同じ町・同じ乱数での比較(95%信頼区間)", "The same towns and dice (95% intervals)")
    alone = (
        "同じ町・同じ乱数での比較(1回だけなので信頼区間はありません)",
        "The same town and dice (one seed: no intervals)",
    )
    table = Table(title=choose(*(title if len(result.seeds) > 1 else alone)))
    spoken = _spoken()
    table.add_column("", overflow="fold")
    for policy in result.figures:
        table.add_column(policy_word(policy, spoken), overflow="fold")
    for metric in SHOWN:
        estimates = (result.summary(policy, metric) for policy in result.figures)
        table.add_row(metric_word(metric, spoken), *(_estimated(metric, one) for one in estimates), end_section=True)
    return table


def _estimated(metric: str, one: Estimate) -> str:
    mean = figure(metric, one.mean)
    return f"{mean}\n[{figure(metric, one.low)}, {figure(metric, one.high)}]" if isfinite(one.low) else mean


def _share(one: Estimate) -> str:
    return f"{one.mean:.0%}" if isfinite(one.mean) else "–"


def _spoken() -> Language:
    return "en" if language() == "en" else "ja"


def _lines(result: Plan) -> Table:
    before, after = result.fill_rates[0], result.fill_rates[-1]
    title = choose(
        f"{result.newcomers}人の新しいサポーターで {_share(before)} → {_share(after)}",
        f"{result.newcomers} more supporters: {_share(before)} → {_share(after)} of requests met",
    )
    table = Table(title=title)
    columns = (
        ("段階", "stage"),
        ("セル", "cell"),
        ("場所", "place"),
        ("時間帯", "hours"),
        ("認定の段階", "level"),
        ("人数", "count"),
    )
    for heading in columns:
        table.add_column(choose(*heading))
    for line in result.lines:
        level = choose(*LEVELS[line.level])
        table.add_row(str(line.stage), line.cell, line.place, hours_word(line.hours, _spoken()), level, str(line.count))
    return table
