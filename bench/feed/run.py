"""Fill a database with made-up people, start an index from it cold, and follow changes.

Usage: python -m bench.feed.run PEOPLE DATABASE_URL [DATABASE_URL …]

An address is `sqlite:///FILE` or `postgresql://…/NAME` of an empty database; one that is filled already is used as
it is. Each cold start runs in a process of its own, so that its peak resident memory is the start's alone. Prints
JSON, then a table.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import numpy as np
from bench.feed.fill import fill_once
from bench.feed.world import NOW
from sqlalchemy.engine import URL, make_url
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.db import Database
from sharecare.matching.feed import LiveIndex
from sharecare.matching.timing import peak_kib

LOOKS = 300
CHANGES = 60
LIMIT_S = 1800
HEAD = ("database", "people", "cold start s", "longest pause s", "peak MB", "nothing new ms", "one change ms")
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


def main(people: int, addresses: list[str]) -> None:
    figures = []
    for address in addresses:
        asyncio.run(fill_once(_url(address), people))
        command = [sys.executable, "-m", "bench.feed.run", "--start", str(people), address]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=LIMIT_S)
        figures.append(json.loads(done.stdout))
    print(json.dumps(figures, indent=2))
    print("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for row in figures:
        print("| " + " | ".join(str(figure) for figure in row.values()) + " |")


async def start(people: int, url: URL) -> dict[str, object]:
    """Load, then measure what a request pays for an index that is fresh."""
    database = Database(url, pool_size=3)
    index = LiveIndex(busy_periods, stream_busy)

    async def look() -> None:
        async with database.read() as session:
            await index.catch_up(session, now=NOW)

    pauses = asyncio.create_task(_pauses())
    cold_s = await _seconds(look)
    pauses.cancel()
    peak_mb = peak_kib() / 1024
    quiet_ms = await _catch_ups_ms(database, index, LOOKS)
    changed_ms = [await _change_ms(database, index, 1 + n * (people // CHANGES)) for n in range(CHANGES)]
    await database.close()
    return {
        "database": url.get_backend_name(),
        "people": len(index),
        "cold_start_s": round(cold_s, 2),
        "longest_pause_s": round(max(_GAPS), 3),
        "peak_mb": round(peak_mb),
        "nothing_new_ms": round(float(np.median(quiet_ms)), 3),
        "one_change_ms": round(float(np.median(changed_ms)), 3),
    }


_GAPS = [0.0]


async def _pauses() -> None:
    """Note how long the event loop lets nobody else in."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        _GAPS.append(time.perf_counter() - before)


async def _catch_ups_ms(database: Database, index: LiveIndex, times: int) -> list[float]:
    """Catch up within one session, as a request that has signed in does."""
    found = []
    for _ in range(times):
        async with database.read() as session:
            await session.connection()
            found.append(1000 * await _seconds(lambda: index.catch_up(session, now=NOW)))
    return found


async def _change_ms(database: Database, index: LiveIndex, person_id: int) -> float:
    """Commit one change, and time what the next request pays for it."""

    async def change(session: AsyncSession) -> None:
        person = (await session.exec(select(Person).where(Person.id == person_id))).one()
        actor = Actor(
            person_id=person_id,
            household_id=person.household_id,
            area_id=person.area_id,
            sign_in_id=0,
            language="ja",
            is_requester=True,
            is_supporter=True,
            staff_of=frozenset(),
        )
        await set_weekly_hours(session, by=actor, weekly=[Weekly(1, 540, 1020)], now=NOW + timedelta(minutes=1))

    await database.write(change)
    return (await _catch_ups_ms(database, index, 1))[0]


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    before = time.perf_counter()
    await work()
    return time.perf_counter() - before


def _url(address: str) -> URL:
    url = make_url(address)
    return url.set(drivername=DRIVERS[url.get_backend_name()])


if __name__ == "__main__":
    if sys.argv[1] == "--start":
        print(json.dumps(asyncio.run(start(int(sys.argv[2]), _url(sys.argv[3])))))
    else:
        main(int(sys.argv[1]), sys.argv[2:])
