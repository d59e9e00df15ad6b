"""Clients that vanish in the middle of a request, and come back with the same key.

Seen failing with the key looked at only after the verb: see docs/faults.md.
"""

import asyncio
import random
from collections.abc import Sequence

from faults.outcome import Outcome, judged
from faults.place import POSTGRESQL, Place
from faults.server import Server, serving
from faults.town import Ready, found
from faults.writing import CREATED, Answers, accept, client, kept, key_of

AT_ONCE = 10
PAIRS = 10
LONGEST_STAY_S = 0.3


async def run(place: Place) -> Outcome:
    """Send, hang up after a moment, and later ask again with the key."""
    count = place.many(200, 2000)
    database = place.open()
    town = await found(database, pairs=PAIRS)
    offers = await town.slots(count)
    await database.close()
    answers = Answers()
    async with serving(place.url, place.log) as server:
        for begin in range(0, count, AT_ONCE):
            await asyncio.gather(*(_vanish(server, one) for one in offers[begin : begin + AT_ONCE]))
        await _ask_again(server, offers, answers)
        first = dict(answers.bookings)
        await _ask_again(server, offers, answers)
        leaked = _idle_in_transaction(place)
    database = place.open()
    held = await kept(database, answers)
    await database.close()
    breaches = await place.breaches()
    other = sum(1 for key, booking in answers.bookings.items() if first.get(key) != booking)
    found_ = (
        f"{answers.statuses[CREATED]} of {2 * count} later answers 201, {other} with another booking, "
        f"{held.bookings} stored, {held.torn} torn, {leaked} transactions left open, {breaches} breaches"
    )
    right = answers.statuses == {CREATED: 2 * count} and held.bookings == count
    passed = right and not other and not held.lost and not held.torn and not leaked and not breaches
    return judged(f"client gone mid-request × {count}, then the same key twice", found_, passed=passed)


async def _vanish(server: Server, ready: Ready) -> None:
    """Send a whole request, or half of one, and hang up without a word."""
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    message = (
        f"POST {ready.path} HTTP/1.1\r\nhost: faults\r\nauthorization: Bearer {ready.pair.token()}\r\n"
        f"idempotency-key: {key_of(ready)}\r\ncontent-length: 2\r\n\r\n" + "{}"
    ).encode()
    half = random.random() < 0.1
    writer.write(message[: len(message) // 2] if half else message)
    await writer.drain()
    await asyncio.sleep(random.uniform(0, LONGEST_STAY_S))
    writer.transport.abort()


async def _ask_again(server: Server, offers: Sequence[Ready], answers: Answers) -> None:
    async with client(server, at_once=AT_ONCE) as http:
        for begin in range(0, len(offers), AT_ONCE):
            await asyncio.gather(*(accept(http, one, answers) for one in offers[begin : begin + AT_ONCE]))


def _idle_in_transaction(place: Place) -> int:
    if place.kind != POSTGRESQL or place.cluster is None:
        return 0
    name = place.url.rpartition("/")[2]
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND state LIKE 'idle in%'"
    ((count,),) = place.cluster.run(asked.encode())
    assert isinstance(count, int)
    return count
