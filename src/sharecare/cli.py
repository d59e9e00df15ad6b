"""The command line: making, serving, watching and checking a ShareCare database.

Exit codes: 0 done, 1 a check found something, 2 the input or the state of things forbids it.
"""

from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sharecare import __version__, cli_matching, cli_operations, cli_simulate, cli_town
from sharecare.areas.queries import area_by_slug
from sharecare.console import (
    FOUND,
    AreaSlug,
    AsJson,
    answer,
    choose,
    give_up,
    language,
    print_json,
    progress,
    run,
    screen,
    settings,
)
from sharecare.demo.service import make_demo
from sharecare.demo.stage import ZONE
from sharecare.demo.story import as_json, tell_story
from sharecare.deps import Runtime
from sharecare.insurance.bordereau import as_csv, bordereau
from sharecare.mark import is_demo
from sharecare.metrics import writers
from sharecare.metrics.days import month_days
from sharecare.metrics.report import report
from sharecare.metrics.schemas import Audience
from sharecare.migrations import migrate as migrate_database
from sharecare.privileges import grant
from sharecare.serving import serve_on
from sharecare.verify import Breach
from sharecare.verify import verify as verify_database
from sharecare.worker import run_round

LOOPBACK = "127.0.0.1"
app = typer.Typer(no_args_is_help=True)
staff_app = typer.Typer(help="People who work for an area.", no_args_is_help=True)
insurer_app = typer.Typer(help="People who work for an insurer.", no_args_is_help=True)
area_app = typer.Typer(help="Areas.", no_args_is_help=True)
bench_app = typer.Typer(help="Benchmarks.", no_args_is_help=True)
import_app = typer.Typer(help="Public data.", no_args_is_help=True)
app.command()(cli_operations.backup)
app.command()(cli_operations.restore)
app.command()(cli_matching.match)
app.command()(cli_matching.assign)
app.command()(cli_simulate.simulate)
app.command()(cli_simulate.plan)
bench_app.command("match")(cli_matching.bench_match)
staff_app.command("add")(cli_town.add_staff)
staff_app.command("remove")(cli_town.remove_staff)
insurer_app.command("add")(cli_town.add_an_insurer)
area_app.command("add")(cli_town.add_area)
import_app.command("towns")(cli_town.import_towns)
app.add_typer(bench_app, name="bench")
app.add_typer(staff_app, name="staff")
app.add_typer(insurer_app, name="insurer")
app.add_typer(area_app, name="area")
app.add_typer(import_app, name="import")


def _show_version(wanted: bool) -> None:  # noqa: FBT001  -- as typer calls it
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def sharecare(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Neighbours look after each other's children."""


class Format(StrEnum):
    """How a report is written."""

    JSON = "json"
    CSV = "csv"


MonthText = Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="A month of the area's own calendar.")]
WrittenAs = Annotated[Format, typer.Option("--format", help="How to write it.")]
Port = Annotated[int, typer.Option(help="TCP port.")]
Host = Annotated[str, typer.Option(help="Address to listen on.")]


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers on every database.")] = 1,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The month ends on the last Sunday before this day.")
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Make an existing demo again.")] = False,
    serve_after: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve it when it is made.")] = True,
    host: Host = LOOPBACK,
    port: Port = 8000,
    json_only: AsJson = False,
) -> None:
    """Make the pilot town, live a month there, tell how it went, and serve it."""
    chosen = settings()
    now = until.replace(tzinfo=ZONE) if until else datetime.now(ZONE)
    with progress() as show:
        made = answer(lambda: make_demo(chosen, seed=seed, now=now, reset=reset, progress=show))
    if json_only:
        print_json(as_json(made))
    else:
        tell_story(made)
    if serve_after:
        serve_on(chosen, host, port)


@app.command()
def serve(
    host: Host = LOOPBACK,
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes; several need PostgreSQL.")] = 1,
) -> None:
    """Serve the pages and the API; on SQLite the worker runs inside."""
    chosen = settings()
    if workers > 1 and chosen.sqlite_file is not None:
        ja = "SQLite に書き込めるのは一つのプロセスだけです。複数のプロセスには PostgreSQL を使ってください。"
        give_up(choose(ja, "SQLite is written by one process only. Several processes need PostgreSQL."))
    if chosen.environment == "production" and run(_is_demo):
        ja = "デモのデータベースは、パスワードが公開されているため本番では使えません。"
        give_up(choose(ja, "A demo's passwords are printed: it is not served in production."))
    serve_on(chosen, host, port, workers)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    run(lambda here: migrate_database(here.database))


@app.command("grant")
def grant_role(role: Annotated[str, typer.Argument(help="A role of PostgreSQL, other than the owner's.")]) -> None:
    """Let a role of PostgreSQL serve and tick, with no right to rewrite journal and ledgers."""
    run(lambda here: grant(here.database, role))


@app.command()
def tick(json_only: AsJson = False) -> None:
    """Do once what is due: waves, expiries, reminders, messages, figures. Run it every minute beside PostgreSQL."""
    done = asdict(run(run_round))
    if json_only:
        print_json(done)
    else:
        screen.print(", ".join(f"{name}: {count}" for name, count in done.items()), highlight=False)


@app.command()
def verify(json_only: AsJson = False) -> None:
    """Check the invariants on a live database, read-only; exit code 1 names the rows that break one."""

    async def work(here: Runtime) -> list[Breach]:
        async with here.database.read() as session:
            return await verify_database(session)

    breaches = run(work)
    if json_only:
        print_json([asdict(breach) for breach in breaches])
    for breach in breaches if not json_only else ():
        screen.print(
            f"{breach.invariant}: {breach.what} ({breach.table} {', '.join(map(str, breach.rows))})",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if breaches:
        raise typer.Exit(FOUND)
    if not json_only:
        screen.print(choose("すべての不変条件が守られています。", "Every invariant holds."))


@app.command(name="report")
def write_report(area: AreaSlug, month: MonthText, written_as: WrittenAs = Format.JSON) -> None:
    """Write an area's figures of one month."""
    first_day, last_day = _days(month)

    async def work(here: Runtime) -> str:
        async with here.database.read() as session:
            found = await area_by_slug(session, area)
            made = await report(session, area=found, first_day=first_day, last_day=last_day, audience=Audience.OPERATOR)
            return writers.as_json(made) if written_as is Format.JSON else writers.as_csv(made, language=language())

    typer.echo(run(work), nl=False)


@app.command(name="bordereau")
def write_bordereau(area: AreaSlug, month: MonthText, written_as: WrittenAs = Format.CSV) -> None:
    """Write every cover of one month, for the insurer: codes and figures, no names."""
    first_day, _ = _days(month)

    async def work(here: Runtime) -> str:
        async with here.database.read() as session:
            found = await area_by_slug(session, area)
            made = await bordereau(session, area_id=found.id, month=first_day, zone=ZoneInfo(found.timezone))
            return made.model_dump_json(indent=2) + "\n" if written_as is Format.JSON else as_csv(made)

    typer.echo(run(work), nl=False)


async def _is_demo(here: Runtime) -> bool:
    async with here.database.read() as session:
        return await is_demo(session)


def _days(month: str) -> tuple[date, date]:
    try:
        return month_days(month)
    except ValueError:
        give_up(choose(f"月は 2026-11 のように書いてください: {month}", f"Write the month like 2026-11: {month}"))
