"""Five hundred connections that send a byte now and then, beside people who want an answer.

Seen failing with uvicorn's own protocol class: see docs/faults.md.
"""

import asyncio
import time

from faults.outcome import Outcome, judged
from faults.place import Place
from faults.server import serving
from faults.town import found
from faults.writing import client

SLOW = 500
CLOSED_WITHIN_S = 15.0
P99_WITHIN_S = 1.0
WATCH_S = 30.0
OK = 200
HEAD = b"POST /api/v1/token HTTP/1.1\r\nhost: faults\r\n"
BODY = HEAD + b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"


async def run(place: Place) -> Outcome:
    """Open them: a third is silent, a third drips its head, a third its body."""
    database = place.open()
    await found(database)
    await database.close()
    times: list[float] = []
    async with serving(place.url, place.log) as server:
        openings = (b"", HEAD, BODY)
        slow = [asyncio.create_task(_drip(server.port, openings[number % 3])) for number in range(SLOW)]
        async with client(server, at_once=2) as http:
            while not all(one.done() for one in slow):
                begun = time.monotonic()
                assert (await http.get("/health")).status_code == OK
                times.append(time.monotonic() - begun)
                await asyncio.sleep(0.05)
        closed = [one.result() for one in slow]
    longest, p99 = max(closed), sorted(times)[len(times) * 99 // 100]
    still = sum(1 for one in closed if one >= WATCH_S)
    told = f"last closed after {longest:.1f} s, {still} never; {len(times)} others' p99 {p99 * 1000:.0f} ms"
    passed = longest <= CLOSED_WITHIN_S and p99 <= P99_WITHIN_S
    return judged(f"{SLOW} slow connections", told, passed=passed)


async def _drip(port: int, opening: bytes) -> float:
    """Send a byte a second; return how long the server put up with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begun = time.monotonic()
    writer.write(opening)
    gone = asyncio.create_task(reader.read())
    while not gone.done() and time.monotonic() - begun < WATCH_S:
        await asyncio.wait({gone}, timeout=1)
        if opening and not gone.done():
            writer.write(b"x")
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    writer.transport.abort()
    return time.monotonic() - begun
