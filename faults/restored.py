"""A backup, restored into the other kind of database.

Seen failing with one ledger line left out of the backup: see docs/faults.md.
"""

import time

from faults.outcome import Outcome, judged
from faults.place import POSTGRESQL, Place
from faults.server import command, serving
from faults.town import found
from faults.writing import Answers, accept_all

OFFERS = 100
WITHIN_S = 15 * 60


async def run(place: Place) -> Outcome:
    """Back up while clients write; restore, check, and recount the figures."""
    database = place.open()
    town = await found(database, pairs=5)
    offers = await town.slots(OFFERS)
    await database.close()
    file = place.folder / "town.backup"
    async with serving(place.url, place.log) as server:
        await accept_all([server], offers, at_once=4, answers=Answers())
        begun = time.monotonic()
        written = command(place.url, "backup", str(file))
    other = _other(place)
    steps = [
        command(other, *words) for words in (("migrate",), ("restore", str(file)), ("verify",), ("tick",), ("verify",))
    ]
    seconds = time.monotonic() - begun
    codes = [written.returncode, *(step.returncode for step in steps)]
    said = " ".join(step.stderr.strip() for step in steps if step.returncode)[:300]
    told = f"exit codes {codes} in {seconds:.0f} s {said}".strip()
    passed = not any(codes) and seconds <= WITHIN_S
    return judged(
        "backup of a served town; migrate, restore, verify, tick, verify in an empty one", told, passed=passed
    )


def _other(place: Place) -> str:
    if place.kind == POSTGRESQL or place.cluster is None:
        return f"sqlite:///{place.folder / 'other.db'}"
    place.cluster.run("CREATE DATABASE restored_here")
    return place.cluster.url("restored_here")
