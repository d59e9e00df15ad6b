"""Clocks that jump between one write and the next: a second, an hour, a day back.

Seen failing with the ledger's last line found by its moment instead of its number: see docs/faults.md.
"""

import itertools
from collections import Counter
from datetime import timedelta
from functools import partial

from faults.outcome import Outcome, judged
from faults.place import Place
from faults.town import Ready, found
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.bookings import cancel_booking
from sharecare.care.models import Booking
from sharecare.care.offers import accept_offer
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.clock import utc_now
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.journal.service import seal_facts
from sharecare.matching.feed import LiveIndex
from sharecare.metrics.service import roll_up

JUMPS = (
    timedelta(),
    timedelta(seconds=1),
    timedelta(seconds=-1),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(days=-1),
)
COUNTS = 60  # of days, at any size


async def run(place: Place) -> Outcome:
    """Accept and cancel by a clock that is elsewhere each time, count and seal in between."""
    count = place.many(60, 1200)
    # Counting a day reads all of it: after every booking of 1,200 it would take most of an hour.
    every = max(1, count // COUNTS)
    database = place.open()
    town = await found(database, pairs=5)
    offers = await town.slots(count)
    index = LiveIndex(busy_periods, stream_busy)
    ended: Counter[str] = Counter()
    jumps = itertools.cycle(itertools.product(JUMPS, JUMPS))
    for turn, (ready, (first, second)) in enumerate(zip(offers, jumps, strict=False)):
        ended[await _accept_and_cancel(database, index, ready, first, second)] += 1
        if turn % every == 0:
            await database.write(partial(roll_up, now=utc_now() + first))
    now = utc_now()
    await database.write(seal_facts)
    await database.write(partial(roll_up, now=now))
    await database.close()
    breaches = await place.breaches()
    told = f"{dict(ended)}, {breaches} breaches"
    done = f"{count} acceptances and cancellations with the clock at 0, ± 1 s, ± 1 h, - 1 day"
    return judged(done, told, passed=ended == {"done": count} and not breaches)


async def _accept_and_cancel(
    database: Database, index: LiveIndex, ready: Ready, first: timedelta, second: timedelta
) -> str:
    async def accept(session: AsyncSession) -> Booking:
        return await accept_offer(session, by=ready.pair.family, offer_id=ready.offer_id, now=utc_now() + first)

    try:
        booking = await database.write(accept)
        await database.write(
            partial(
                cancel_booking,
                index=index,
                by=ready.pair.family,
                booking_id=booking.id,
                reason="熱",
                now=utc_now() + second,
            )
        )
    except Refusal as refusal:
        return refusal.code
    return "done"
