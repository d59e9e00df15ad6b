"""A PostgreSQL primary whose synchronous standby freezes, and which is then lost itself.

Seen failing without `replication.Standby`'s bound and without its mark on a replay: see docs/faults.md.
"""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from faults.outcome import Outcome, judged
from faults.place import Place
from faults.postgres import Cluster
from faults.server import is_ready, serving
from faults.town import Ready, found
from faults.writing import CREATED, Answers, accept, accept_all, client, kept

NAME = "second"
ANSWER_WITHIN_S = 5.0
RESUME_WITHIN_S = 10.0
UNAVAILABLE = 503
HANDS = 20
GIVE_UP_S = 60


@contextmanager
def pair(bin_: Path, folder: Path) -> Iterator[tuple[Cluster, Cluster]]:
    """Make a primary and the standby that each commit waits for."""
    primary, second = Cluster(bin_, folder / "first"), Cluster(bin_, folder / NAME)
    try:
        primary.make()
        primary.start()
        second.copy_of(primary, name=NAME)
        second.start()
        primary.set("synchronous_standby_names", f"'{NAME}'")
        yield primary, second
    finally:
        for one in (primary, second):
            one.end()


async def run(place: Place) -> Outcome:
    """Freeze the standby under load, ask, replay, let go; freeze again, lose the primary, promote."""
    assert place.bin_ is not None
    place.folder.chmod(0o755)
    with pair(place.bin_, place.folder) as (primary, second):
        first = primary.url("postgres")
        url = f"postgresql://postgres@/postgres?host=127.0.0.1:{primary.port}&host=127.0.0.1:{second.port}"
        here = Place(place.kind, first, place.folder, primary, place.bin_, place.size)
        database = here.open()
        town = await found(database, pairs=HANDS)
        offers = await town.slots(place.many(300, 20_000) + 3 * HANDS)
        await database.close()
        answers = Answers()
        async with serving(url + "&target_session_attrs=read-write", place.log) as server:
            async with client(server, at_once=HANDS) as http:
                absent = await _without_standby(http, second, offers[: 2 * HANDS], answers)
            await accept_all([server], offers[3 * HANDS :], at_once=8, answers=answers)
            async with client(server, at_once=HANDS) as http:
                lost = await _lose_primary(http, primary, second, offers[2 * HANDS : 3 * HANDS], answers)
        after = Place(place.kind, second.url("postgres"), place.folder, second, place.bin_, place.size)
        database = after.open()
        held = await kept(database, answers)
        await database.close()
        breaches = await after.breaches()
    counted = f"{len(answers.bookings)} acknowledged, {held.lost} lost, {held.torn} torn, {breaches} breaches"
    passed = absent.fine and lost.fine and not (held.lost or held.torn or breaches)
    done = "synchronous standby frozen, then freed; frozen again, primary killed, standby promoted"
    return judged(done, f"{absent.told}; {lost.told}; {counted}", passed=passed)


class _Part:
    """One part of the story."""

    def __init__(self, told: str, *, fine: bool) -> None:
        self.told = told
        self.fine = fine


async def _without_standby(
    http: httpx.AsyncClient, second: Cluster, offers: Sequence[Ready], answers: Answers
) -> _Part:
    second.signal(signal.SIGSTOP)
    refused = Answers()
    await asyncio.gather(*(accept(http, one, refused) for one in offers[:HANDS]))
    await asyncio.gather(*(accept(http, one, refused) for one in offers))  # replays, and others beside them
    ready = await is_ready(http)
    second.signal(signal.SIGCONT)
    healed = await _until_ready(http)
    await asyncio.gather(*(accept(http, one, answers) for one in offers))
    told = (
        f"frozen: {dict(refused.statuses)} in {refused.slowest_s:.1f} s at most, ready {ready}; "
        f"freed: ready in {healed:.1f} s, {dict(answers.statuses)}"
    )
    only = refused.statuses == {UNAVAILABLE: HANDS + len(offers)} and answers.statuses == {CREATED: len(offers)}
    return _Part(told, fine=only and not ready and refused.slowest_s <= ANSWER_WITHIN_S and healed <= RESUME_WITHIN_S)


async def _lose_primary(
    http: httpx.AsyncClient, primary: Cluster, second: Cluster, offers: Sequence[Ready], answers: Answers
) -> _Part:
    second.signal(signal.SIGSTOP)
    refused = Answers()
    await asyncio.gather(*(accept(http, one, refused) for one in offers))
    primary.signal(signal.SIGKILL)
    second.signal(signal.SIGCONT)
    await asyncio.to_thread(second.promote)
    resumed = await _until_ready(http)
    after = Answers()
    await asyncio.gather(*(accept(http, one, after) for one in offers))
    answers.bookings |= refused.bookings | after.bookings
    told = f"lost: {dict(refused.statuses)}; promoted: writes after {resumed:.1f} s, {dict(after.statuses)}"
    fine = refused.statuses == {UNAVAILABLE: len(offers)} and after.statuses == {CREATED: len(offers)}
    return _Part(told, fine=fine and refused.slowest_s <= ANSWER_WITHIN_S and resumed <= RESUME_WITHIN_S)


async def _until_ready(http: httpx.AsyncClient) -> float:
    begun = time.monotonic()
    while not await is_ready(http) and time.monotonic() < begun + GIVE_UP_S:
        await asyncio.sleep(0.1)
    return time.monotonic() - begun
