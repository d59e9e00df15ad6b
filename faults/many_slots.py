"""Five hundred acceptances at once that have nothing to do with one another, on SQLite's one writer.

Seen failing with `BEGIN` instead of `BEGIN IMMEDIATE` and two write connections: see docs/faults.md.
"""

import asyncio
import time
from functools import partial

from faults.outcome import Outcome, judged
from faults.place import Place
from faults.town import Ready, found

from sharecare.care.offers import accept_offer
from sharecare.clock import utc_now
from sharecare.db import Database

ACCEPTS = 500
WITHIN_S = 5.0
PAIRS = 10


async def run(place: Place) -> Outcome:
    """Run them in one process, as a server does, without HTTP's own time."""
    database = place.open()
    town = await found(database, pairs=PAIRS)
    offers = await town.slots(ACCEPTS)
    begun, cpu = time.monotonic(), time.process_time()
    ended = await asyncio.gather(*(_accept(database, one) for one in offers), return_exceptions=True)
    seconds, cpu_s = time.monotonic() - begun, time.process_time() - cpu
    await database.close()
    failed = [type(one).__name__ for one in ended if isinstance(one, BaseException)]
    breaches = await place.breaches()
    found_ = (
        f"{ACCEPTS - len(failed)} booked, {len(failed)} failed {sorted(set(failed)) or ''}, {database.retries} retries,"
        f" {seconds:.1f} s ({cpu_s:.1f} s of CPU), {breaches} breaches"
    )
    passed = not failed and not database.retries and not breaches and cpu_s <= WITHIN_S
    return judged(f"{ACCEPTS} distinct accepts at once", found_, passed=passed)


async def _accept(database: Database, ready: Ready) -> None:
    work = partial(accept_offer, by=ready.pair.family, offer_id=ready.offer_id, now=utc_now())
    await database.write(work)
