"""Invariant 6: every state of a request or a booking was reached by moves that left exactly their facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.models import Booking, CareRequest
from sharecare.care.rules import LIVE, BookingState, RequestState
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.verify.breach import Breach

Kinds = tuple[FactKind, ...]
OF_BOOKING: Mapping[str, Kinds] = {
    BookingState.CONFIRMED: (FactKind.BOOKING_CONFIRMED,),
    BookingState.IN_CARE: (FactKind.BOOKING_CONFIRMED, FactKind.CARE_STARTED),
    BookingState.COMPLETED: (FactKind.BOOKING_CONFIRMED, FactKind.CARE_STARTED, FactKind.CARE_COMPLETED),
    BookingState.CANCELLED: (FactKind.BOOKING_CONFIRMED, FactKind.BOOKING_CANCELLED),
}
OF_REQUEST: Mapping[str, Kinds] = {
    **dict.fromkeys(RequestState, (FactKind.REQUEST_OPENED,)),
    RequestState.WITHDRAWN: (FactKind.REQUEST_OPENED, FactKind.REQUEST_WITHDRAWN),
    RequestState.EXPIRED: (FactKind.REQUEST_OPENED, FactKind.REQUEST_EXPIRED),
}
# request state: how many of its bookings are live, how many completed
BOOKINGS_OF_REQUEST: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(RequestState, (0, 0)),
    RequestState.BOOKED: (1, 0),
    RequestState.DONE: (0, 1),
}


async def moves_without_facts(session: AsyncSession) -> list[Breach]:
    """Find rows whose facts are missing, doubled or of a move that the row never made, and facts without a row."""
    bookings = dict((await session.exec(fetch(Booking.id, Booking.state))).all())
    requests = dict((await session.exec(fetch(CareRequest.id, CareRequest.state))).all())
    of_bookings = await _facts_by(session, col(Fact.booking_id), _kinds(OF_BOOKING) | {FactKind.BOOKING_REINSTATED})
    of_requests = await _facts_by(session, col(Fact.request_id), _kinds(OF_REQUEST))
    for facts in of_bookings.values():
        facts[FactKind.BOOKING_CANCELLED] -= facts.pop(FactKind.BOOKING_REINSTATED, 0)
    return [
        *_at_odds("booking", bookings, OF_BOOKING, of_bookings),
        *_at_odds("care_request", requests, OF_REQUEST, of_requests),
        *await _wrong_bookings(session, requests),
    ]


def _at_odds(
    table: str, states: Mapping[int, str], expected: Mapping[str, Kinds], facts: Mapping[int, Counter[str]]
) -> Iterable[Breach]:
    for row in sorted({*states, *facts}):
        if row not in states:
            yield Breach(6, "facts tell of a row that is gone", table, (row,))
        elif facts.get(row, Counter()) != Counter(expected[states[row]]):
            yield Breach(6, f"facts don't fit the state {states[row]!r}", table, (row,))


def _kinds(expected: Mapping[str, Kinds]) -> set[FactKind]:
    return {kind for each in expected.values() for kind in each}


async def _facts_by(session: AsyncSession, column: Mapped[int | None], kinds: set[FactKind]) -> dict[int, Counter[str]]:
    counted = (
        select(column, col(Fact.kind), func.count())
        .where(column.is_not(None), col(Fact.kind).in_(kinds))
        .group_by(column, col(Fact.kind))
    )
    found: dict[int, Counter[str]] = defaultdict(Counter)
    for row, kind, count in await (await session.connection()).execute(counted):
        found[row or 0][kind] = count
    return found


async def _wrong_bookings(session: AsyncSession, requests: Mapping[int, str]) -> list[Breach]:
    states = fetch(Booking.request_id, Booking.state).where(Booking.state != BookingState.CANCELLED)
    live: Counter[int] = Counter()
    completed: Counter[int] = Counter()
    for request_id, state in await session.exec(states):
        (live if state in LIVE else completed)[request_id] += 1
    return [
        Breach(6, f"bookings don't fit the state {state!r}", "care_request", (row,))
        for row, state in sorted(requests.items())
        if (live[row], completed[row]) != BOOKINGS_OF_REQUEST[state]
    ]
