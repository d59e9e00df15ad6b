"""Clients that accept offers and remember every answer they were given."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from faults.server import KEY, Server
from faults.town import Ready
from sqlmodel import col, func, select

from sharecare.care.models import Booking
from sharecare.db import Database
from sharecare.idempotency import IdempotencyKey, answer_in
from sharecare.insurance.models import Cover
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind

CREATED = 201
ANSWER_WITHIN_S = 60  # a hang is found by it; where an answer has to come sooner, the row measures


@dataclass(slots=True)
class Answers:
    """What clients were told."""

    statuses: Counter[int] = field(default_factory=Counter)
    bookings: dict[str, int] = field(default_factory=dict)  # by the key of the acknowledged command
    slowest_s: float = 0.0

    @property
    def failures(self) -> int:
        """Count the answers that blame the server."""
        return sum(count for status, count in self.statuses.items() if status >= 500)


def key_of(ready: Ready) -> str:
    """Return the key that a client keeps for one acceptance."""
    return f"accept-{ready.offer_id}"


async def accept(http: httpx.AsyncClient, ready: Ready, answers: Answers) -> int | None:
    """Accept an offer; return the status, or None where no answer came."""
    begun = asyncio.get_running_loop().time()
    body = b"{}"  # the same bytes each time: they are part of what a key stands for
    headers = {"authorization": f"Bearer {ready.pair.token()}", "idempotency-key": key_of(ready)}
    try:
        answer = await http.post(ready.path, headers=headers, content=body)
    except httpx.HTTPError:
        answers.statuses[0] += 1
        return None
    finally:
        answers.slowest_s = max(answers.slowest_s, asyncio.get_running_loop().time() - begun)
    answers.statuses[answer.status_code] += 1
    if answer.status_code == CREATED:
        answers.bookings[key_of(ready)] = answer.json()["id"]
    return answer.status_code


def client(server: Server, *, at_once: int) -> httpx.AsyncClient:
    """Open a client that may have so many connections."""
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    return httpx.AsyncClient(base_url=server.base, timeout=ANSWER_WITHIN_S, limits=limits, trust_env=False)


async def accept_all(servers: Sequence[Server], offers: Sequence[Ready], *, at_once: int, answers: Answers) -> None:
    """Accept offers over several connections, spread over servers; stops where a server no longer answers."""
    waiting = list(reversed(offers))

    async def take(http: httpx.AsyncClient) -> None:
        while waiting:
            if await accept(http, waiting.pop(), answers) is None:
                return

    clients = [client(server, at_once=at_once) for server in servers]
    try:
        await asyncio.gather(*(take(clients[n % len(clients)]) for n in range(at_once)))
    finally:
        await asyncio.gather(*(http.aclose() for http in clients))


@dataclass(frozen=True, slots=True)
class Kept:
    """What the database holds, beside what was acknowledged."""

    bookings: int
    lost: int
    torn: int


async def kept(database: Database, answers: Answers) -> Kept:
    """Compare the database with the acknowledgements: a booking, its key, its cover and its fact come together."""
    async with database.read() as session:
        stored = set(await session.exec(select(Booking.id)))
        answered = await session.exec(select(IdempotencyKey).where(col(IdempotencyKey.body).is_not(None)))
        keys = {one.key: answer_in(one, key=KEY.encode())["id"] for one in answered}
        covers = (await session.exec(select(func.count()).select_from(Cover))).one()
        told = select(Fact.booking_id).where(col(Fact.kind) == FactKind.BOOKING_CONFIRMED)
        facts = list(await session.exec(told))
    lost = sum(1 for key, booking in answers.bookings.items() if booking not in stored or keys.get(key) != booking)
    torn = len(stored ^ set(keys.values())) + abs(len(stored) - covers) + len(stored ^ set(facts))
    return Kept(len(stored), lost, torn + len(facts) - len(set(facts)))
