"""What happens without anyone asking: waves, expiries, reminders, the outbox, the journal's seal, the figures.

One round may run in several processes at once: every step claims its row and does nothing where it comes second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care import waves
from sharecare.deps import Runtime
from sharecare.errors import Refusal
from sharecare.journal.service import seal_facts
from sharecare.messages.outbox import deliver_outbox
from sharecare.metrics.service import close_days, roll_up

log = logging.getLogger(__name__)
Due = Callable[[AsyncSession], Awaitable[Sequence[int]]]
Step = Callable[[int, AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    waves_opened: int
    requests_expired: int
    ends_prompted: int
    handovers_overdue: int
    messages_sent: int
    facts_sealed: int
    area_days: int


async def run_round(here: Runtime) -> Round:
    """Do everything that is due now, each step in a transaction of its own."""
    now, index = here.clock(), here.index
    async with here.database.read() as session:
        await index.catch_up(session, now=now)
    expired = await _each(
        here,
        lambda session: waves.requests_run_out(session, now=now),
        lambda one, session: waves.expire_if_run_out(session, request_id=one, now=now),
    )
    opened = await _each(
        here,
        lambda session: waves.requests_with_due_wave(session, now=now),
        lambda one, session: waves.open_due_wave(session, index, request_id=one, now=now),
    )
    prompted = await _each(
        here,
        lambda session: waves.bookings_at_their_end(session, now=now),
        lambda one, session: waves.prompt_end(session, booking_id=one, now=now),
    )
    overdue = await _each(
        here,
        lambda session: waves.bookings_not_started(session, now=now),
        lambda one, session: waves.tell_handover_overdue(session, booking_id=one, now=now),
    )
    sent = sum([await deliver_outbox(here.database, channel=channel, now=now) for channel in here.channels])
    await here.database.write(lambda session: close_days(session, now=now))
    return Round(
        waves_opened=opened,
        requests_expired=expired,
        ends_prompted=prompted,
        handovers_overdue=overdue,
        messages_sent=sent,
        facts_sealed=await here.database.write(seal_facts),
        area_days=await here.database.write(lambda session: roll_up(session, now=now)),
    )


async def run_forever(here: Runtime) -> None:
    """Run rounds until cancelled; a round that fails is logged and the next one tries again."""
    while True:
        try:
            await run_round(here)
            await here.database.checkpoint()
        except Exception:
            log.exception("a round of the worker failed")
        await asyncio.sleep(here.settings.worker_seconds)


async def _each(here: Runtime, due: Due, step: Step) -> int:
    async with here.database.read() as session:
        ids = await due(session)
    done = 0
    for one in ids:
        try:
            await here.database.write(partial(step, one))
        except Refusal as refusal:
            log.info("step refused", extra={"code": refusal.code, "row": one})
        else:
            done += 1
    return done
