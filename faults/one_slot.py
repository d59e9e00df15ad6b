"""Two hundred hands at one slot.

Seen failing without `ex_booking_supporter_overlap`: see docs/faults.md.
"""

import asyncio
import time

from faults.outcome import Outcome, judged
from faults.place import Place
from faults.server import Server
from faults.town import Ready, found
from faults.writing import CREATED, Answers, accept, client

HANDS = 200
CONFLICT = 409


async def run(place: Place) -> Outcome:
    """Accept 200 offers for one hour of one supporter at once, again and again."""
    return await contest(place, workers=1, processes=1, rounds=place.many(5, 50))


async def run_shared(place: Place) -> Outcome:
    """Do the same to two processes that each have two workers: four serve one database."""
    return await contest(place, workers=2, processes=2, rounds=place.many(3, 20))


async def contest(place: Place, *, workers: int, processes: int, rounds: int) -> Outcome:
    """Let all of a family's requests be accepted at once by as many server processes as wanted."""
    database = place.open()
    town = await found(database, children=HANDS)
    slots = [await town.one_slot(town.pairs[0]) for _ in range(rounds)]
    await database.close()
    total, wrong, slowest = Answers(), 0, 0.0
    servers = [Server(place.url, place.log, workers=workers) for _ in range(processes)]
    try:
        for server in servers:
            await server.start()
        for offers in slots:
            answers, seconds = await _at_once(servers, offers)
            total.statuses += answers.statuses
            slowest = max(slowest, seconds)
            wrong += answers.statuses != {CREATED: 1, CONFLICT: HANDS - 1}
    finally:
        for server in servers:
            await asyncio.to_thread(server.stop)
    breaches = await place.breaches()
    found_ = (
        f"{total.statuses[CREATED]} × 201, {total.statuses[CONFLICT]} × 409, {total.failures} × 5xx, "
        f"{sum(total.statuses.values())} in all; slowest round {slowest:.1f} s; {breaches} breaches"
    )
    by = "" if workers == processes == 1 else f" by {processes} servers of {workers} processes"
    return judged(f"{HANDS} accepts of one slot at once × {rounds}{by}", found_, passed=not wrong and not breaches)


async def _at_once(servers: list[Server], offers: list[Ready]) -> tuple[Answers, float]:
    answers = Answers()
    clients = [client(server, at_once=HANDS) for server in servers]
    begun = time.monotonic()
    try:
        await asyncio.gather(*(accept(clients[n % len(clients)], one, answers) for n, one in enumerate(offers)))
    finally:
        await asyncio.gather(*(http.aclose() for http in clients))
    return answers, time.monotonic() - begun
