"""How commands speak: their refusals, their progress, their JSON."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import DBAPIError, OperationalError

from sharecare.clock import utc_now
from sharecare.config import Settings
from sharecare.deps import Runtime, opened
from sharecare.errors import Refusal

T = TypeVar("T")
FOUND = 1
REFUSED = 2  # exit codes, as `cli` tells them
_NOT_MIGRATED = ("42P01", "42703")  # undefined_table, undefined_column
AreaSlug = Annotated[str, typer.Option("--area", help="The area's slug, e.g. misono.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
screen = Console(stderr=True)


def language() -> str:
    """Return `en` where the terminal's locale is English, else `ja`."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return "en" if named.startswith("en") else "ja"


def choose(ja: str, en: str) -> str:
    """Return the text in the terminal's language."""
    return ja if language() == "ja" else en


def give_up(reason: str) -> NoReturn:
    """Say why on standard error and leave with exit code 2."""
    screen.print(reason, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(REFUSED)


def settings() -> Settings:
    """Read the settings, or say which of them is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        names = {f"SHARECARE_{part['loc'][0]!s}".upper(): part["msg"] for part in error.errors()}
        give_up("\n".join(f"{name}: {reason}" for name, reason in names.items()))


def run(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Open the database, work, close it; a refusal becomes one line and exit code 2."""

    async def opened_and_done() -> T:
        async with opened(settings(), utc_now) as runtime:
            return await work(runtime)

    return answer(opened_and_done)


def answer(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work`; a refusal becomes one line and exit code 2."""

    async def awaited() -> T:
        return await work()

    try:
        return asyncio.run(awaited())
    except Refusal as refusal:
        give_up(refusal.text(language()))
    except DBAPIError as error:
        give_up(_in_words(error))


def _in_words(error: DBAPIError) -> str:
    """Say what is wrong with the database, where that is for its operator to put right; else raise it again."""
    state, cause = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state in _NOT_MIGRATED or cause.startswith(("no such table", "no such column")):
        ja = "データベースの準備ができていません。先に sharecare migrate を実行してください。"
        return choose(ja, "The database has no schema, or an older one. Run: sharecare migrate")
    if state is None and isinstance(error, OperationalError):
        return choose(f"データベースを開けません: {cause}", f"The database can't be opened: {cause}")
    raise error


def print_json(value: object) -> None:
    """Print one JSON value, and nothing else, on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """Give a function that shows what is being done and how far it is, on a terminal's standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, part: bar.update(task, description=what, completed=part)


@contextmanager
def rows() -> Iterator[Callable[[str, int], None]]:
    """Give a function that shows what is being done and how many rows of it, on a terminal's standard error."""
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda doing, count: bar.update(task, description=doing, completed=count)
