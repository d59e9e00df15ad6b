"""A disk that fills up.

SQLite lies on it whole; of PostgreSQL the tables do, since a server whose write-ahead log has no room stops by design.
Seen failing without `db.NoRoom`: see docs/faults.md.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from faults.outcome import Outcome, judged, skipped
from faults.place import POSTGRESQL, Place
from faults.server import is_ready, serving
from faults.town import found
from faults.writing import CREATED, Answers, accept, client, kept

SIZE = "64m"
OK, UNAVAILABLE = 200, 503


async def run(place: Place) -> Outcome:
    """Fill it, try to write and to read, empty it, write again."""
    if os.geteuid() != 0:
        return skipped("only root can mount a small disk")
    with _small_disk(place) as (here, ballast):
        return await _fill_and_empty(here, ballast)


async def _fill_and_empty(place: Place, ballast: Path) -> Outcome:
    database = place.open()
    town = await found(database)
    offers = await town.slots(60)
    await database.close()
    refused, healed = Answers(), Answers()
    async with serving(place.url, place.log) as server, client(server, at_once=4) as http:
        await asyncio.to_thread(_fill, ballast)
        full = [one for one in offers if await accept(http, one, refused) != CREATED]
        reads = await _reads(http, offers[0].pair.token())
        await asyncio.to_thread(ballast.unlink)
        await asyncio.gather(*(accept(http, one, healed) for one in full))
        ready = await is_ready(http)
    database = place.open()
    healed.bookings |= refused.bookings
    held = await kept(database, healed)
    await database.close()
    breaches = await place.breaches()
    told = (
        f"full: {dict(refused.statuses)}, reads {reads}; emptied: {dict(healed.statuses)}, ready {ready}; "
        f"{held.lost} lost, {held.torn} torn, {breaches} breaches"
    )
    right = set(refused.statuses) <= {CREATED, UNAVAILABLE} and refused.statuses[UNAVAILABLE] > 0
    passed = right and reads == OK and healed.statuses == {CREATED: len(full)} and ready
    whole = not (held.lost or held.torn or breaches)
    return judged("disk of 64 MB filled under writes, then emptied", told, passed=passed and whole)


async def _reads(http: httpx.AsyncClient, token: str) -> int:
    answer = await http.get("/api/v1/bookings", headers={"authorization": f"Bearer {token}"})
    return answer.status_code


def _fill(ballast: Path) -> None:
    """Take all the room there is."""
    with ballast.open("wb") as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    os.write(file.fileno(), b"\0" * size)
            except OSError:
                continue


@contextmanager
def _small_disk(place: Place) -> Iterator[tuple[Place, Path]]:
    disk = place.folder / "disk"
    disk.mkdir()
    place.folder.chmod(0o755)
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)], check=True)
    try:
        if place.kind == POSTGRESQL:
            yield _tables_on(place, disk), disk / "ballast"
        else:
            yield replace(place, url=f"sqlite:///{disk / 'town.db'}"), disk / "ballast"
    finally:
        if place.cluster is not None and place.kind == POSTGRESQL:
            place.cluster.run("DROP DATABASE IF EXISTS disk_small WITH (FORCE)")
            place.cluster.run("DROP TABLESPACE IF EXISTS small")
        subprocess.run(["/bin/umount", "--lazy", str(disk)], check=True)


def _tables_on(place: Place, disk: Path) -> Place:
    assert place.cluster is not None
    own = disk / "tables"
    own.mkdir()
    shutil.chown(own, place.cluster.data.owner())
    place.cluster.run(f"CREATE TABLESPACE small LOCATION '{own}'".encode())
    place.cluster.run("CREATE DATABASE disk_small TABLESPACE small")
    return replace(place, url=place.cluster.url("disk_small"))
