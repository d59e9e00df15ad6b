"""Count bookings confirmed with cover a second, beside what the database itself could take.

Usage: python -m bench.bookings.run [--bookings N] [--json]

On SQLite, and on PostgreSQL where its programs are found; both in one temporary folder, with syncs on. Measured in one
run, eight clients each: the services as a server calls them; over HTTP with sign-in and idempotency keys (SQLite: one
process, PostgreSQL: one and two); the ceiling of `ceiling.py`; by one client, the services' statements sent again by
the bare driver. Afterwards `sharecare verify` must be clean. Exit code 1: it isn't, or a booking failed.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.bookings import ceiling
from faults.place import POSTGRESQL, SQLITE, Place
from faults.postgres import cluster, programs
from faults.server import serving
from faults.town import Ready, found
from faults.writing import CREATED, Answers, accept_all
from sqlalchemy.engine import make_url

from sharecare.care.offers import accept_offer
from sharecare.clock import utc_now
from sharecare.db import Database

PAIRS = 10
CLIENTS = 8
WARM = 20
SENT_AGAIN = 100
CEILING_S = 5.0


def main() -> int:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="Bookings a second beside the database's own ceiling.")
    asked.add_argument("--bookings", type=int, default=400, help="bookings of each measurement")
    asked.add_argument("--json", action="store_true", help="print one JSON value")
    words = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sharecare-bookings-"))
    folder.chmod(0o755)  # PostgreSQL's own account passes through
    try:
        places = [Place(SQLITE, f"sqlite:///{folder / 'town.db'}", folder, None, None)]
        report = [asyncio.run(_measured(place, words.bookings)) for place in places]
        if (bin_ := programs()) is not None:
            with cluster(bin_, folder / "postgresql") as server:
                server.run(b"CREATE DATABASE town")
                place = Place(POSTGRESQL, server.url("town"), folder, server, bin_)
                report.append(asyncio.run(_measured(place, words.bookings)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        json.dumps(report, indent=2)
        if words.json
        else "\n".join(f"{name}: {value}" for one in report for name, value in one.items())
    )
    return int(any(one["failed"] or one["breaches"] for one in report))


async def _measured(place: Place, bookings: int) -> dict[str, object]:
    database = place.open(pool_size=CLIENTS)
    town = await found(database, pairs=PAIRS)
    processes = (1,) if place.kind == SQLITE else (1, 2)
    # All before any is taken: hours next to a booking are no longer wholly free.
    offers = await town.slots(SENT_AGAIN + (1 + len(processes)) * (WARM + bookings))
    alone = await _alone(database, [offers.pop() for _ in range(WARM + bookings)])
    await database.close()
    again, writes = await _sent_again(place, [offers.pop() for _ in range(SENT_AGAIN)])
    figures: dict[str, object] = {
        "database": place.kind,
        "writes": len(writes),
        "services_per_s": round(alone, 1),
        "statements_alone_per_s": round(again, 1),
    }
    failed = 0
    for workers in processes:
        rate, answers = await _served(place, [offers.pop() for _ in range(WARM + bookings)], workers)
        figures[f"http_{workers}_per_s"] = round(rate, 1)
        failed += WARM + bookings - answers.statuses[CREATED]
    breaches = await place.breaches()
    most = await asyncio.to_thread(_ceiling, place, database, writes)
    best = max(float(str(figures[name])) for name in figures if name.startswith(("services", "http")))
    return figures | {
        "ceiling_per_s": round(most, 1),
        "of_ceiling": round(best / most, 3),
        "failed": failed,
        "breaches": breaches,
    }


async def _alone(database: Database, offers: Sequence[Ready]) -> float:
    """Return bookings a second without HTTP."""

    async def take(waiting: list[Ready]) -> None:
        while waiting:
            await _accept(database, waiting.pop())

    await take(list(offers[:WARM]))
    waiting, begun = list(offers[WARM:]), time.monotonic()
    await asyncio.gather(*(take(waiting) for _ in range(CLIENTS)))
    return (len(offers) - WARM) / (time.monotonic() - begun)


async def _accept(database: Database, one: Ready) -> None:
    await database.write(partial(accept_offer, by=one.pair.family, offer_id=one.offer_id, now=utc_now()))


async def _sent_again(place: Place, offers: Sequence[Ready]) -> tuple[float, Sequence[ceiling.Sent]]:
    """Return bookings a second by the bare driver, sending the same, and the statements that one of them wrote with."""
    if place.cluster is None:
        copy = place.folder / "again.db"
        shutil.copyfile(place.folder / "town.db", copy)
        send_again = partial(ceiling.again_on_sqlite, str(copy))
    else:
        place.cluster.run(b"CREATE DATABASE again TEMPLATE town")
        send_again = partial(ceiling.again_on_postgresql, make_url(place.cluster.url("again")))
    database = place.open()
    with ceiling.noted(database) as sent:
        for one in offers:
            await _accept(database, one)
    await database.close()
    rate = send_again(sent)
    first = sent[: sent.index(ceiling.Sent(ceiling.COMMIT))]
    return rate, [one for one in first if one.writes]


async def _served(place: Place, offers: Sequence[Ready], workers: int) -> tuple[float, Answers]:
    answers = Answers()
    async with serving(place.url, place.log, workers=workers) as server:
        await accept_all([server], offers[:WARM], at_once=CLIENTS, answers=answers)
        begun = time.monotonic()
        await accept_all([server], offers[WARM:], at_once=CLIENTS, answers=answers)
        return (len(offers) - WARM) / (time.monotonic() - begun), answers


def _ceiling(place: Place, database: Database, writes: Sequence[ceiling.Sent]) -> float:
    if place.kind == SQLITE:
        return ceiling.on_sqlite(database.url, writes, seconds=CEILING_S)
    return ceiling.on_postgresql(database.url, writes, seconds=CEILING_S, clients=CLIENTS)


if __name__ == "__main__":
    sys.exit(main())
