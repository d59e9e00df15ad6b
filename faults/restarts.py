"""PostgreSQL stopped without a checkpoint, again and again, while clients write.

Seen failing with `synchronous_commit = off`: see docs/faults.md.
"""

import asyncio
import time

import httpx
from faults.outcome import Outcome, judged
from faults.place import Place
from faults.postgres import Cluster
from faults.server import Server, is_ready, serving
from faults.town import Ready, found
from faults.writing import Answers, accept, client, kept

A_ROUND = 60
BEFORE = 15
CLIENTS = 8
HEALS_WITHIN_S = 5.0
GIVE_UP_S = 60
PAIRS = 10


async def run(place: Place) -> Outcome:
    """Restart it under load; the server stays up, and its pool must heal."""
    assert place.cluster is not None
    restarts = place.many(3, 20)
    database = place.open()
    town = await found(database, pairs=PAIRS)
    offers = await town.slots(restarts * A_ROUND)
    await database.close()
    answers, healed = Answers(), 0.0
    async with serving(place.url, place.log) as server:
        for number in range(restarts):
            some = offers[number * A_ROUND : (number + 1) * A_ROUND]
            healed = max(healed, await _restart(server, place.cluster, some, answers))
    database = place.open()
    held = await kept(database, answers)
    await database.close()
    breaches = await place.breaches()
    wrong = {status: count for status, count in answers.statuses.items() if status not in {201, 503}}
    told = (
        f"{len(answers.bookings)} acknowledged, {held.lost} lost, {held.torn} torn, {answers.statuses[503]} × 503, "
        f"other answers {wrong}, healed in {healed:.1f} s at most, {breaches} breaches"
    )
    passed = not (held.lost or held.torn or wrong or breaches) and healed <= HEALS_WITHIN_S
    return judged(f"pg_ctl -m immediate under {CLIENTS} writers × {restarts}", told, passed=passed)


async def _restart(server: Server, cluster: Cluster, offers: list[Ready], answers: Answers) -> float:
    waiting = list(offers)
    enough = len(answers.bookings) + BEFORE
    stopped = asyncio.Event()

    async def take(http: httpx.AsyncClient) -> None:
        while waiting and not stopped.is_set():
            await accept(http, waiting.pop(), answers)

    async with client(server, at_once=CLIENTS + 1) as http:
        writing = [asyncio.create_task(take(http)) for _ in range(CLIENTS)]
        while len(answers.bookings) < enough and waiting:
            await asyncio.sleep(0.001)
        await asyncio.to_thread(cluster.stop, "immediate")
        await asyncio.to_thread(cluster.start)
        begun = time.monotonic()
        while not await is_ready(http) and time.monotonic() < begun + GIVE_UP_S:
            await asyncio.sleep(0.05)
        healed = time.monotonic() - begun
        stopped.set()
        await asyncio.gather(*writing)
    return healed
