"""Keeping a town's data: backup and restore."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from sharecare.clock import utc_now
from sharecare.console import AsJson, choose, give_up, print_json, rows, run, screen
from sharecare.deps import Runtime


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write it; an older file there is replaced.")],
    json_only: AsJson = False,
) -> None:
    """Write everything the database holds to one file, while it is in use."""
    if not file.parent.is_dir():
        give_up(choose(f"フォルダーがありません: {file.parent}", f"There is no such folder: {file.parent}"))

    async def work(here: Runtime) -> Mapping[str, int]:
        from sharecare import archive  # noqa: PLC0415  -- no time of a server's start

        return await archive.backup(here.database, file, now=utc_now(), progress=show)

    with rows() as show:
        written = run(work)
    _tell(written, file, json_only=json_only)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")],
    json_only: AsJson = False,
) -> None:
    """Fill an empty database, SQLite or PostgreSQL, from a backup of either."""

    async def work(here: Runtime) -> Mapping[str, int]:
        from sharecare import archive  # noqa: PLC0415  -- no time of a server's start

        return await archive.restore(here.database, file, progress=show)

    with rows() as show:
        written = run(work)
    _tell(written, file, json_only=json_only)


def _tell(written: Mapping[str, int], file: Path, *, json_only: bool) -> None:
    if json_only:
        print_json({"file": str(file), "tables": written, "rows": sum(written.values())})
    else:
        count = sum(written.values())
        screen.print(choose(f"{count:,}行({file})", f"{count:,} rows ({file})"), highlight=False)
