"""Offers, and the one transaction in which an offer becomes an insured booking."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.care.asking import need_no_answer
from sharecare.care.binding import AlreadyBooked, bind, facts_of, record_offer, require_fit_for, terms_of
from sharecare.care.models import Ask, Booking, CareRequest, Offer
from sharecare.care.moves import move
from sharecare.care.people import away_from
from sharecare.care.requests import hurry_if_nobody_is_left, request_by_id
from sharecare.care.rules import (
    ASK_MOVES,
    OFFER_MOVES,
    AlreadyBegun,
    NotNow,
    OfferState,
    RequestState,
    Side,
)
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


class AlreadyOffered(Refusal):
    """The supporter's offer stands."""

    constraints = ("uq_offer_standing", "offer.request_id")
    ja = "このお願いには、すでに手をあげています。"
    en = "You have already offered to help with this."


async def make_offer(
    session: AsyncSession, *, by: Actor, request_id: int, note: str, now: datetime, quiet: bool = False
) -> Offer:
    """Offer to take a request one was asked for; where the first acceptance decides, it is booked at once.

    The family is told, unless `quiet` leaves that to a caller who offers on several dates at once.

    Raises:
        NotNow: the request or the ask is closed.
        AlreadyBegun: its time has come.
        SupporterNotEligible: the supporter's level or notification has lapsed.
        Refusal: booking at once is refused (see `accept_offer`).

    """
    # Offers queue at the request: each would hold its own ask, and the one that is booked at once closes all others'.
    request = await request_by_id(session, request_id, hold=True)
    if request.state != RequestState.OPEN:
        raise NotNow(state=request.state)
    if request.start_at <= now:
        raise AlreadyBegun
    if by.person_id in await away_from(session, request.household_id):
        raise AlreadyBooked  # as if another had been faster: a block is never told
    terms = await terms_of(session, request, await person_by_id(session, by.person_id))
    await require_fit_for(session, request, terms, now=now)
    ask = (await session.exec(select(Ask).where(Ask.request_id == request_id, Ask.supporter_id == by.person_id))).one()
    await move(session, ask, ASK_MOVES, "make_offer", by=Side.SUPPORTER, answered_at=now)
    await need_no_answer(session, request, [by.person_id], now=now)
    offer = Offer(request_id=request_id, supporter_id=by.person_id, note=note, state=OfferState.OPEN, made_at=now)
    session.add(offer)
    await session.flush()  # the message and a booking name the offer
    record_offer(session, FactKind.OFFER_MADE, request, by=by.person_id, supporter_id=by.person_id, now=now)
    if request.first_acceptance_decides or request.named_supporter_id == by.person_id:
        await bind(session, request, offer, by=Side.SUPPORTER, actor_id=by.person_id, now=now, quiet=quiet)
    elif not quiet:
        await _tell_family_of_offer(session, request, offer, now=now)
    return offer


async def decline_ask(session: AsyncSession, *, by: Actor, ask_id: int, now: datetime) -> None:
    """Say "can't this time"; nobody is told a reason. Once nobody is left who might say yes, the next are asked.

    Raises:
        NotNow: the ask is no longer open.

    """
    ask = (await session.exec(select(Ask).where(Ask.id == ask_id))).one()
    request = await request_by_id(session, ask.request_id, hold=True)
    await move(session, ask, ASK_MOVES, "decline_ask", by=Side.SUPPORTER, answered_at=now)
    await hurry_if_nobody_is_left(session, request, now=now)
    await need_no_answer(session, request, [by.person_id], now=now)
    record_offer(session, FactKind.ASK_DECLINED, request, by=by.person_id, supporter_id=by.person_id, now=now)


async def withdraw_offer(session: AsyncSession, *, by: Actor, offer_id: int, now: datetime) -> None:
    """Take back an offer that was not accepted yet.

    Raises:
        NotNow: it was accepted or closed.

    """
    offer, request = await _offer_and_request(session, offer_id)
    await request_by_id(session, request.id, hold=True)
    await move(session, offer, OFFER_MOVES, "withdraw_offer", by=Side.SUPPORTER, decided_at=now)
    asked = select(Ask).where(Ask.request_id == offer.request_id, Ask.supporter_id == by.person_id)
    await move(session, (await session.exec(asked)).one(), ASK_MOVES, "withdraw_offer", by=Side.SUPPORTER)
    await hurry_if_nobody_is_left(session, request, now=now)
    record_offer(session, FactKind.OFFER_WITHDRAWN, request, by=by.person_id, supporter_id=by.person_id, now=now)
    facts = await facts_of(session, request, offer.supporter_id)
    await tell(session, person_id=request.requester_id, kind=MessageKind.OFFER_WITHDRAWN, facts=facts, now=now)


async def accept_offer(
    session: AsyncSession, *, by: Actor, offer_id: int, now: datetime, quiet: bool = False
) -> Booking:
    """Choose an offer: request, offer, booking and cover change together or not at all.

    Raises:
        NotNow: the request or the offer is no longer open.
        AlreadyBegun: its time has come.
        SupporterNotEligible: a lapse, a suspension or a block stands against it.
        SlotTaken, ChildElsewhere: the database refused an overlap.
        DayFull: the supporter has as many bookings that day as the area allows.
        NoPolicy, OutsideTerms: there is no cover, so there is no booking.

    """
    offer, request = await _offer_and_request(session, offer_id)
    return await bind(session, request, offer, by=Side.FAMILY, actor_id=by.person_id, now=now, quiet=quiet)


_WITH_ITS_REQUEST = (
    select(Offer, CareRequest, Area, Person)
    .join(CareRequest, col(CareRequest.id) == col(Offer.request_id))
    .join(Area, col(Area.id) == col(CareRequest.area_id))
    .join(Person, col(Person.id) == col(CareRequest.requester_id))
    .where(Offer.id == bindparam("offer_id"))
)


async def _offer_and_request(session: AsyncSession, offer_id: int) -> tuple[Offer, CareRequest]:
    """Return both; the session then holds the area and the requester too, whom every act on an offer asks for."""
    offer, request, *_ = (await session.exec(_WITH_ITS_REQUEST, params={"offer_id": offer_id})).one()
    return offer, request


async def _tell_family_of_offer(session: AsyncSession, request: CareRequest, offer: Offer, *, now: datetime) -> None:
    facts = await facts_of(session, request, offer.supporter_id)
    await tell(session, person_id=request.requester_id, kind=MessageKind.OFFER_RECEIVED, facts=facts, now=now)
