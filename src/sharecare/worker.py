"""What happens without anyone asking: waves, expiries, reminders, the outbox, the journal's seal, the figures.

One round may run in several processes at once: every step claims its row and does nothing where it comes second.
"""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care import afterwards, waves
from sharecare.care.alarms import alarms_that_climb, climb
from sharecare.care.bulk_reads import bulk_readers, tell_of_bulk_reads
from sharecare.certification.reminders import credentials_lapsing, remind_of_lapse
from sharecare.deps import Runtime
from sharecare.errors import Refusal
from sharecare.idempotency import forget_answers
from sharecare.incidents import clock
from sharecare.journal.service import seal_facts
from sharecare.messages.outbox import deliver_outbox
from sharecare.metrics.service import close_days, roll_up

log = logging.getLogger(__name__)
Step = partial[Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did."""

    steps: int  # waves opened, requests expired, people reminded
    messages_sent: int
    facts_sealed: int
    area_days: int


async def run_round(here: Runtime) -> Round:
    """Do everything that is due now."""
    steps = await run_due(here)
    now, write = here.clock(), here.database.write
    async with here.database.read() as session:
        lapsing = await credentials_lapsing(session, now=now)
        readers = await bulk_readers(session, now=now)
    steps += sum([await _taken(here, partial(remind_of_lapse, credential_id=one, now=now)) for one in lapsing])
    for area_id, reader_id in readers:
        steps += await _taken(here, partial(tell_of_bulk_reads, area_id=area_id, reader_id=reader_id, now=now))
    post = [partial(deliver_outbox, here.database, channel=channel, now=now) for channel in here.channels]
    sent = sum([await _tried(here, "deliver_outbox", letters) for letters in post])
    await _tried(here, "close_days", lambda: write(partial(close_days, now=now)))
    await _tried(here, "forget_answers", lambda: write(partial(forget_answers, now=now)))
    return Round(
        steps=steps,
        messages_sent=sent,
        facts_sealed=await _tried(here, "seal_facts", lambda: write(seal_facts)),
        area_days=await _tried(here, "roll_up", lambda: write(partial(roll_up, now=now))),
    )


async def run_due(here: Runtime) -> int:
    """Do what people wait for, each step in a transaction of its own; return how many steps were taken."""
    now = here.clock()
    async with here.database.read() as session:
        await here.index.catch_up(session, now=now)
        steps = await _due_steps(session, here, now)
    return sum([await _taken(here, step) for step in steps])


async def run_forever(here: Runtime, stopping: asyncio.Event) -> None:
    """Run rounds until told to stop; a round that fails is logged and the next one tries again."""
    while not stopping.is_set():
        try:
            await run_round(here)
            await here.database.checkpoint()
        except Exception:
            log.exception("a round of the worker failed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), here.settings.worker_seconds)


async def _due_steps(session: AsyncSession, here: Runtime, now: datetime) -> list[Step]:
    """List what is due; expiry comes before waves, for nobody should be asked for what is over."""
    index = here.index
    return [
        *(
            partial(waves.expire_if_run_out, request_id=one, now=now)
            for one in await waves.requests_run_out(session, now=now)
        ),
        *(
            partial(waves.open_due_wave, index=index, request_id=one, now=now)
            for one in await waves.requests_with_due_wave(session, now=now)
        ),
        *(
            partial(waves.prompt_end, booking_id=one, now=now)
            for one in await waves.bookings_at_their_end(session, now=now)
        ),
        *(
            partial(waves.alarm_not_started, booking_id=one, now=now)
            for one in await waves.bookings_not_started(session, now=now)
        ),
        *(partial(clock.remind_of_report, mark=one, now=now) for one in await clock.reports_near(session, now=now)),
        *(partial(clock.alarm_of_report, mark=one, now=now) for one in await clock.reports_overdue(session, now=now)),
        *(
            partial(waves.alarm_not_finished, booking_id=one, now=now)
            for one in await waves.bookings_not_finished(session, now=now)
        ),
        *(
            partial(afterwards.close_if_left_over, booking_id=one, now=now)
            for one in await afterwards.bookings_left_over(session, now=now)
        ),
        *(partial(climb, alarm_id=one, now=now) for one in await alarms_that_climb(session, now=now)),
        *(
            partial(waves.remind_of_sheet, booking_id=one, now=now)
            for one in await waves.bookings_without_sheet(session, now=now)
        ),
    ]


async def _taken(here: Runtime, step: Step) -> bool:
    try:
        await here.database.write(step)
    except Refusal as refusal:
        log.info("a step was refused: %s", refusal.code)
        return False
    except Exception as error:  # noqa: BLE001  -- one broken step must not hold up those behind it
        _note_failure(here, step.func.__name__, error)
        return False
    return True


async def _tried(here: Runtime, name: str, step: Callable[[], Awaitable[int | None]]) -> int:
    """Do one part of the round; where it fails, the other parts still have their turn."""
    try:
        return await step() or 0
    except Exception as error:  # noqa: BLE001  -- likewise
        _note_failure(here, name, error)
        return 0


def _note_failure(here: Runtime, name: str, error: Exception) -> None:
    """Count a failure and say where it was, but not in the error's words: a database quotes what it was given."""
    here.measures.step_failed(name)
    where = traceback.extract_tb(error.__traceback__)[-1]
    log.error("step %s failed: %s at %s:%s", name, type(error).__name__, where.filename, where.lineno)
