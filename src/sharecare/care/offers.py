"""Offers, and the one transaction in which an offer becomes an insured booking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Person
from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Level, Means
from sharecare.care.models import Ask, Booking, BookingChild, CareRequest, Offer
from sharecare.care.moves import move
from sharecare.care.people import (
    Requirement,
    ages_at,
    away_from,
    children_in,
    circle_of,
    require_day_left,
    require_fit,
    requirement,
)
from sharecare.care.requests import close_asks, request_by_id
from sharecare.care.rules import (
    ASK_MOVES,
    OFFER_MOVES,
    REQUEST_MOVES,
    AlreadyBegun,
    BookingState,
    NotNow,
    OfferState,
    RequestState,
    Side,
)
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.rules import Support
from sharecare.insurance.service import bind_cover
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


class SlotTaken(Refusal):
    """The supporter has another booking in that time."""

    constraints = ("ex_booking_supporter_overlap",)
    ja = "その時間、サポーターにはすでに別の予約があります。"
    en = "The supporter already has another booking at that time."


class ChildElsewhere(Refusal):
    """The child is in another booking at that time."""

    constraints = ("ex_booking_child_overlap",)
    ja = "その時間、お子さまにはすでに別の予約があります。"
    en = "Your child already has another booking at that time."


class AlreadyBooked(Refusal):
    """The request was booked by someone else at the same moment."""

    constraints = ("uq_booking_live", "booking.request_id")
    ja = "このお願いは、すでに成立しています。"
    en = "This request is already booked."


class AlreadyOffered(Refusal):
    """The supporter's offer stands."""

    constraints = ("uq_offer_standing", "offer.request_id")
    ja = "このお願いには、すでに応募しています。"
    en = "You have already offered to help with this."


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a booking rests on, gathered once."""

    area: Area
    children: Sequence[Child]
    ages: tuple[int, ...]
    needs: Requirement


async def make_offer(session: AsyncSession, *, by: Actor, request_id: int, note: str, now: datetime) -> Offer:
    """Offer to take a request one was asked for; where the first acceptance decides, it is booked at once.

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
    terms = await _terms(session, request, by.person_id)
    await _require_fit(session, request, terms, by.person_id, now=now)
    ask = (await session.exec(select(Ask).where(Ask.request_id == request_id, Ask.supporter_id == by.person_id))).one()
    await move(session, ask, ASK_MOVES, "make_offer", by=Side.SUPPORTER, answered_at=now)
    offer = Offer(request_id=request_id, supporter_id=by.person_id, note=note, state=OfferState.OPEN, made_at=now)
    session.add(offer)
    await session.flush()  # the message and a booking name the offer
    _record(session, FactKind.OFFER_MADE, request, by=by.person_id, supporter_id=by.person_id, now=now)
    if request.first_acceptance_decides or request.named_supporter_id == by.person_id:
        await _book(session, request, offer, by=Side.SUPPORTER, actor_id=by.person_id, now=now)
    else:
        await _tell_family_of_offer(session, request, offer, now=now)
    return offer


async def decline_ask(session: AsyncSession, *, by: Actor, ask_id: int, now: datetime) -> None:
    """Say "can't this time"; nobody is told a reason.

    Raises:
        NotNow: the ask is no longer open.

    """
    ask = (await session.exec(select(Ask).where(Ask.id == ask_id))).one()
    await move(session, ask, ASK_MOVES, "decline_ask", by=Side.SUPPORTER, answered_at=now)
    request = await request_by_id(session, ask.request_id)
    _record(session, FactKind.ASK_DECLINED, request, by=by.person_id, supporter_id=by.person_id, now=now)


async def withdraw_offer(session: AsyncSession, *, by: Actor, offer_id: int, now: datetime) -> None:
    """Take back an offer that was not accepted yet.

    Raises:
        NotNow: it was accepted or closed.

    """
    offer = await offer_by_id(session, offer_id)
    await move(session, offer, OFFER_MOVES, "withdraw_offer", by=Side.SUPPORTER, decided_at=now)
    asked = select(Ask).where(Ask.request_id == offer.request_id, Ask.supporter_id == by.person_id)
    await move(session, (await session.exec(asked)).one(), ASK_MOVES, "withdraw_offer", by=Side.SUPPORTER)
    request = await request_by_id(session, offer.request_id)
    _record(session, FactKind.OFFER_WITHDRAWN, request, by=by.person_id, supporter_id=by.person_id, now=now)
    facts = await _facts(session, request, offer.supporter_id)
    await tell(session, person_id=request.requester_id, kind=MessageKind.OFFER_WITHDRAWN, facts=facts, now=now)


async def accept_offer(session: AsyncSession, *, by: Actor, offer_id: int, now: datetime) -> Booking:
    """Choose an offer: request, offer, booking and cover change together or not at all.

    Raises:
        NotNow: the request or the offer is no longer open.
        AlreadyBegun: its time has come.
        SupporterNotEligible: a lapse, a suspension or a block stands against it.
        SlotTaken, ChildElsewhere: the database refused an overlap.
        DayFull: the supporter has as many bookings that day as the area allows.
        NoPolicy, OutsideTerms: there is no cover, so there is no booking.

    """
    offer = await offer_by_id(session, offer_id)
    request = await request_by_id(session, offer.request_id)
    return await _book(session, request, offer, by=Side.FAMILY, actor_id=by.person_id, now=now)


async def offer_by_id(session: AsyncSession, offer_id: int) -> Offer:
    """Return an offer that the policy table has let through."""
    return (await session.exec(select(Offer).where(Offer.id == offer_id))).one()


async def _book(
    session: AsyncSession, request: CareRequest, offer: Offer, *, by: Side, actor_id: int, now: datetime
) -> Booking:
    if request.start_at <= now:
        raise AlreadyBegun
    terms = await _terms(session, request, offer.supporter_id)
    await _lock(session, offer.supporter_id, terms.children)
    await require_day_left(session, supporter_id=offer.supporter_id, area=terms.area, start_at=request.start_at)
    await move(session, request, REQUEST_MOVES, "accept_offer", by=by, closed_at=now, next_wave_at=None)
    await move(session, offer, OFFER_MOVES, "accept_offer", by=by, decided_at=now)
    level = await _require_fit(session, request, terms, offer.supporter_id, now=now)
    support = Support(
        kind=CareKind(request.kind),
        means=Means(request.means) if request.means else None,
        start_at=request.start_at,
        end_at=request.end_at,
        child_ages_months=terms.ages,
        level=level,
    )
    cover = await bind_cover(
        session, area_id=request.area_id, supporter_id=offer.supporter_id, support=support, now=now
    )
    booking = _booking(request, offer, terms.needs, cover.id, now=now)
    session.add(booking)
    await session.flush()  # children and the fact name the booking; an overlap is refused here
    session.add_all(
        BookingChild(
            booking_id=booking.id, child_id=child.id, age_months=age, start_at=booking.start_at, end_at=booking.end_at
        )
        for child, age in zip(terms.children, terms.ages, strict=True)
    )
    _record(
        session,
        FactKind.BOOKING_CONFIRMED,
        request,
        by=actor_id,
        supporter_id=offer.supporter_id,
        now=now,
        booking_id=booking.id,
    )
    await close_asks(session, request, now=now, except_for=offer.supporter_id)
    await _tell_both(session, request, booking, cover.number, now=now)
    return booking


def _booking(request: CareRequest, offer: Offer, needs: Requirement, cover_id: int, *, now: datetime) -> Booking:
    return Booking(
        area_id=request.area_id,
        request_id=request.id,
        offer_id=offer.id,
        household_id=request.household_id,
        requester_id=request.requester_id,
        supporter_id=offer.supporter_id,
        cover_id=cover_id,
        kind=request.kind,
        start_at=request.start_at,
        end_at=request.end_at,
        state=BookingState.CONFIRMED,
        required_level=needs.level,
        needs_notification=needs.notification,
        confirmed_at=now,
    )


async def _terms(session: AsyncSession, request: CareRequest, supporter_id: int) -> _Terms:
    area = await area_by_id(session, request.area_id)
    children = await children_in(session, request.id)
    ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
    circle = await circle_of(session, request, supporter_id)
    return _Terms(area, children, ages, requirement(request, circle, ages, settings_of(area)))


async def _lock(session: AsyncSession, supporter_id: int, children: Sequence[Child]) -> None:
    """Hold the supporter, then the children by id: every booking takes locks in this order, so none waits in a ring."""
    await session.exec(select(Person.id).where(Person.id == supporter_id).with_for_update(key_share=True))
    ids = [child.id for child in children]
    held = select(Child.id).where(col(Child.id).in_(ids)).order_by(col(Child.id)).with_for_update(key_share=True)
    await session.exec(held)


async def _require_fit(
    session: AsyncSession, request: CareRequest, terms: _Terms, supporter_id: int, *, now: datetime
) -> Level:
    return await require_fit(
        session,
        supporter_id=supporter_id,
        household_id=request.household_id,
        needs=terms.needs,
        area=terms.area,
        at=max(now, request.start_at),
        until=request.end_at,
    )


async def _tell_family_of_offer(session: AsyncSession, request: CareRequest, offer: Offer, *, now: datetime) -> None:
    facts = await _facts(session, request, offer.supporter_id)
    await tell(session, person_id=request.requester_id, kind=MessageKind.OFFER_RECEIVED, facts=facts, now=now)


async def _tell_both(
    session: AsyncSession, request: CareRequest, booking: Booking, cover_number: str, *, now: datetime
) -> None:
    shared = {"booking_id": booking.id, "cover_number": cover_number}
    to_family = await _facts(session, request, booking.supporter_id) | shared
    to_supporter = await _facts(session, request, booking.requester_id) | shared
    kind = MessageKind.BOOKING_CONFIRMED
    await tell(session, person_id=request.requester_id, kind=kind, facts=to_family, now=now)
    await tell(session, person_id=booking.supporter_id, kind=kind, facts=to_supporter, now=now)


async def _facts(session: AsyncSession, request: CareRequest, about_id: int) -> dict[str, object]:
    return {
        "request_id": request.id,
        "name": (await person_by_id(session, about_id)).name,
        "kind": request.kind,
        "start_at": request.start_at.isoformat(),
        "end_at": request.end_at.isoformat(),
    }


def _record(
    session: AsyncSession,
    kind: FactKind,
    request: CareRequest,
    *,
    by: int,
    supporter_id: int,
    now: datetime,
    booking_id: int | None = None,
) -> None:
    record(
        session,
        kind=kind,
        at=now,
        area_id=request.area_id,
        actor_id=by,
        person_id=supporter_id,
        other_id=request.requester_id,
        request_id=request.id,
        booking_id=booking_id,
        cell=request.cell,
        start_at=request.start_at,
        end_at=request.end_at,
        minutes=minutes_between(request.start_at, request.end_at),
        data={"kind": request.kind},
    )
