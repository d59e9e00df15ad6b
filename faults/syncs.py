"""How often the disk is asked to keep what was acknowledged; a kill of the process can't see that.

Seen failing with `synchronous=NORMAL`: see docs/faults.md.
"""

import asyncio
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

from faults.outcome import Outcome, judged, skipped
from faults.place import Place
from faults.server import Server
from faults.town import found
from faults.writing import CREATED, Answers, accept, client

COMMITS = 100
STRACE = "strace"
CALLS = "fsync,fdatasync,sync_file_range,msync"


async def run(place: Place) -> Outcome:
    """Count the syncs of a server that writes one booking after the other."""
    strace = shutil.which(STRACE)
    if strace is None:
        return skipped("no strace here")
    database = place.open()
    town = await found(database)
    offers = await town.slots(COMMITS)
    await database.close()
    summary = place.folder / "strace"
    answers = Answers()
    server = Server(place.url, place.log)
    try:
        await server.start()
        tracing = await asyncio.create_subprocess_exec(
            strace, "-f", "-c", "-e", f"trace={CALLS}", "-o", str(summary), "-p", str(server.pid)
        )
        await asyncio.sleep(1)  # it says nowhere that it has attached
        async with client(server, at_once=1) as http:
            for one in offers:
                await accept(http, one, answers)
        tracing.send_signal(signal.SIGINT)
        await tracing.wait()
    finally:
        await asyncio.to_thread(server.stop)
    acknowledged, syncs = answers.statuses[CREATED], sum(_calls(summary))
    told = f"{syncs} syncs for {acknowledged} acknowledged commits"
    return judged("fsync and fdatasync counted by strace", told, passed=syncs >= acknowledged == COMMITS)


def _calls(summary: Path) -> Iterator[int]:
    """Read the fourth column: how often each was called."""
    for line in summary.read_text().splitlines():
        words = line.split()
        if words and words[-1] in CALLS.split(","):
            yield int(words[3])
