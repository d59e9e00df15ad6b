"""Cancelling a booking, and "I can't be there"."""

from datetime import datetime

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.models import Ask, Booking, BookingChild, CareRequest, Offer
from sharecare.care.moves import move
from sharecare.care.people import away_from
from sharecare.care.requests import open_next_wave, request_by_id
from sharecare.care.rules import (
    BOOKING_MOVES,
    OFFER_MOVES,
    REQUEST_MOVES,
    AskState,
    Side,
)
from sharecare.clock import minutes_between
from sharecare.insurance.rules import VoidReason
from sharecare.insurance.service import void_cover
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.matching.feed import LiveIndex
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell

VOIDED_BY = {Side.FAMILY: VoidReason.REQUESTER_CANCELLED, Side.SUPPORTER: VoidReason.SUPPORTER_CANCELLED}


async def cancel_booking(
    session: AsyncSession, index: LiveIndex, *, by: Actor, booking_id: int, reason: str, now: datetime
) -> Booking:
    """Cancel before the care begins; when the supporter does, the request opens again to the next wave.

    Raises:
        NotNow: the care has begun, ended or was cancelled.

    """
    booking = await booking_by_id(session, booking_id)
    side = side_of(booking, by)
    await move(
        session,
        booking,
        BOOKING_MOVES,
        "cancel_booking",
        by=side,
        closed_at=now,
        cancelled_by=side,
        close_reason=reason,
    )
    await release_children(session, booking.id)
    offer = (await session.exec(select(Offer).where(Offer.id == booking.offer_id))).one()
    await move(session, offer, OFFER_MOVES, "end_offer", by=side, decided_at=now)
    await void_cover(session, cover_id=booking.cover_id, reason=VOIDED_BY[side], now=now)
    request = await request_by_id(session, booking.request_id)
    record_booking(
        session,
        FactKind.BOOKING_CANCELLED,
        booking,
        by=by.person_id,
        now=now,
        data={"cancelled_by": side, "kind": booking.kind},
    )
    if side is Side.SUPPORTER and request.start_at > now:
        await _reopen(session, index, request, booking, now=now)
    else:
        await move(session, request, REQUEST_MOVES, "close_request", by=side, closed_at=now)
    await _tell_other(session, booking, side, by, reason, now=now)
    return booking


async def booking_by_id(session: AsyncSession, booking_id: int) -> Booking:
    """Return a booking that the policy table has let through."""
    return (await session.exec(select(Booking).where(Booking.id == booking_id))).one()


def side_of(booking: Booking, actor: Actor) -> Side:
    """Return on which side of a booking a person stands."""
    return Side.SUPPORTER if booking.supporter_id == actor.person_id else Side.FAMILY


async def release_children(session: AsyncSession, booking_id: int) -> None:
    """Free the children's time; the rows stay as a record."""
    await session.exec(update(BookingChild).where(col(BookingChild.booking_id) == booking_id).values(live=False))


def record_booking(
    session: AsyncSession,
    kind: FactKind,
    booking: Booking,
    *,
    by: int | None,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    """Write one fact of a booking; it names supporter and requester, whose matching state it may change."""
    record(
        session,
        kind=kind,
        at=now,
        area_id=booking.area_id,
        actor_id=by,
        person_id=booking.supporter_id,
        other_id=booking.requester_id,
        request_id=booking.request_id,
        booking_id=booking.id,
        start_at=booking.start_at,
        end_at=booking.end_at,
        minutes=minutes_between(booking.start_at, booking.end_at),
        data=data,
    )


def window_facts(booking: Booking) -> dict[str, object]:
    """Return what most messages of a booking say."""
    return {
        "booking_id": booking.id,
        "kind": booking.kind,
        "start_at": booking.start_at.isoformat(),
        "end_at": booking.end_at.isoformat(),
    }


async def _reopen(
    session: AsyncSession, index: LiveIndex, request: CareRequest, booking: Booking, *, now: datetime
) -> None:
    """Open the request again: those who were turned away are asked once more, and the next circle at once."""
    await move(session, request, REQUEST_MOVES, "reopen_request", by=Side.SUPPORTER, closed_at=None)
    gone = select(Ask).where(Ask.request_id == request.id, Ask.supporter_id == booking.supporter_id)
    for ask in (await session.exec(gone)).all():
        ask.state, ask.answered_at = AskState.DECLINED, now
        session.add(ask)
    asked_again = {**window_facts(booking), "request_id": request.id}
    asked_again.pop("booking_id")  # the booking was never theirs to see
    closed = select(Ask).where(Ask.request_id == request.id, Ask.state == AskState.CLOSED, Ask.delivered)
    away = await away_from(session, request.household_id)
    for ask in (await session.exec(closed)).all():
        if ask.supporter_id in away:
            continue
        ask.state, ask.answered_at = AskState.OPEN, None
        session.add(ask)
        await tell(session, person_id=ask.supporter_id, kind=MessageKind.REQUEST_REOPENED, facts=asked_again, now=now)
    await open_next_wave(session, index, request=request, now=now)


async def _tell_other(
    session: AsyncSession, booking: Booking, side: Side, by: Actor, reason: str, *, now: datetime
) -> None:
    facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name, "reason": reason}
    if side is Side.FAMILY:
        await tell(session, person_id=booking.supporter_id, kind=MessageKind.BOOKING_CANCELLED, facts=facts, now=now)
    else:
        await tell(
            session, person_id=booking.requester_id, kind=MessageKind.SUPPORTER_CANNOT_COME, facts=facts, now=now
        )
