"""The server killed in the middle of writes, while clients keep what they were told.

Seen failing with the commit left to after the answer, and with an acceptance in two transactions: see docs/faults.md.
"""

import asyncio
import random
from collections.abc import Sequence

from faults.outcome import Outcome, judged
from faults.place import Place
from faults.server import Server
from faults.town import Ready, found
from faults.writing import Answers, accept_all, kept

A_ROUND = 60
CLIENTS = 8
UP_WITHIN_S = 2.0
PAIRS = 10


async def run(place: Place) -> Outcome:
    """Kill the server after a few acknowledgements, start it again, and go on."""
    kills = place.many(10, 100)
    database = place.open()
    town = await found(database, pairs=PAIRS)
    offers = await town.slots(kills * A_ROUND)
    await database.close()
    answers, slowest, cpu = Answers(), 0.0, 0.0
    server = Server(place.url, place.log)
    try:
        await server.start()
        for number in range(kills):
            await _kill_while_writing(server, offers[number * A_ROUND : (number + 1) * A_ROUND], answers)
            await server.start()
            slowest, cpu = max(slowest, server.up_s), max(cpu, server.up_cpu_s)
    finally:
        await asyncio.to_thread(server.stop)
    database = place.open()
    held = await kept(database, answers)
    await database.close()
    breaches = await place.breaches()
    found_ = (
        f"{len(answers.bookings)} acknowledged, {held.lost} lost, {held.bookings} stored, {held.torn} torn, "
        f"{breaches} breaches, up in {slowest:.1f} s at most ({cpu:.1f} s of CPU)"
    )
    passed = not held.lost and not held.torn and not breaches and cpu <= UP_WITHIN_S and not answers.failures
    return judged(f"kill -9 of the server under {CLIENTS} writers × {kills}", found_, passed=passed)


async def _kill_while_writing(server: Server, offers: Sequence[Ready], answers: Answers) -> None:
    enough = len(answers.bookings) + random.randint(5, A_ROUND // 2)
    writing = asyncio.create_task(accept_all([server], offers, at_once=CLIENTS, answers=answers))
    while len(answers.bookings) < enough and not writing.done():
        await asyncio.sleep(0.001)
    server.kill()
    await writing
