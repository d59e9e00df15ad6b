"""The one transaction in which an offer becomes an insured booking."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Person
from sharecare.accounts.queries import person_by_id
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Level, Means
from sharecare.care.group import gather_group, group_for, require_covered_together, tell_those_beside
from sharecare.care.models import Booking, BookingChild, CareRequest, Offer
from sharecare.care.moves import move
from sharecare.care.people import (
    Requirement,
    ages_at,
    children_in,
    circle_of,
    require_day_left,
    require_fit,
    requirement,
)
from sharecare.care.requests import close_asks
from sharecare.care.rules import OFFER_MOVES, REQUEST_MOVES, AlreadyBegun, BookingState, Side
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.rules import Support, Terms, least_level
from sharecare.insurance.service import bind_cover
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all


class AlreadyBooked(Refusal):
    """The request was booked by someone else at the same moment."""

    constraints = ("uq_booking_live", "booking.request_id")
    ja = "このお願いは、すでに成立しています。"
    en = "This request is already booked."


@dataclass(frozen=True, slots=True)
class BookingTerms:
    """What a booking rests on, gathered once."""

    supporter: Person
    area: Area
    children: Sequence[Child]
    ages: tuple[int, ...]
    needs: Requirement


async def bind(
    session: AsyncSession,
    request: CareRequest,
    offer: Offer,
    *,
    by: Side,
    actor_id: int,
    now: datetime,
    quiet: bool = False,
) -> Booking:
    """Move request and offer, bind cover, book: all of it or nothing.

    Everyone concerned is told, unless `quiet` leaves that to a caller who books several dates at once.

    Raises:
        NotNow: the request or the offer is no longer open.
        GroupNotCovered, GroupFull: the supporter is busy with a group that can't be joined.
        Refusal: everything else that `accept_offer` names.

    """
    if request.start_at <= now:
        raise AlreadyBegun
    supporter = await _hold(session, offer.supporter_id)
    terms = await terms_of(session, request, supporter, hold=True)
    await require_day_left(session, supporter_id=offer.supporter_id, area=terms.area, start_at=request.start_at)
    await move(session, request, REQUEST_MOVES, "accept_offer", by=by, closed_at=now, next_wave_at=None)
    await move(session, offer, OFFER_MOVES, "accept_offer", by=by, decided_at=now)
    group = await group_for(session, request, offer.supporter_id, children=len(terms.children))
    level = await require_fit_for(session, request, terms, now=now)
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
    covered = Terms.model_validate(cover.terms)
    least = least_level(covered, support.kind)
    needs = replace(terms.needs, level=max(terms.needs.level, least))
    booking = _booking(request, offer, needs, cover.id, now=now)
    if group is not None:
        await require_covered_together(session, group, covered)
        await gather_group(session, group)
        booking.group_id, booking.group_capacity = group.group_id, group.capacity
    session.add(booking)
    await session.flush()  # children and the fact name the booking; an overlap is refused here
    session.add_all(
        BookingChild(
            booking_id=booking.id, child_id=child.id, age_months=age, start_at=booking.start_at, end_at=booking.end_at
        )
        for child, age in zip(terms.children, terms.ages, strict=True)
    )
    record_offer(
        session,
        FactKind.BOOKING_CONFIRMED,
        request,
        by=actor_id,
        supporter_id=offer.supporter_id,
        now=now,
        booking_id=booking.id,
    )
    await close_asks(session, request, now=now, except_for=offer.supporter_id, quiet=quiet)
    # Each date is news to them, also where one's own side hears of a whole series at once.
    await tell_those_beside(session, booking, children=len(terms.children), now=now)
    if not quiet:
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


async def terms_of(
    session: AsyncSession, request: CareRequest, supporter: Person, *, hold: bool = False
) -> BookingTerms:
    """Gather what a booking of this request by this supporter rests on; with `hold`, nobody else books the children."""
    area = await area_by_id(session, request.area_id)
    children = await children_in(session, request.id, hold=hold)
    ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
    circle = await circle_of(session, request, supporter.id)
    return BookingTerms(supporter, area, children, ages, requirement(request, circle, ages, settings_of(area)))


async def _hold(session: AsyncSession, supporter_id: int) -> Person:
    """Hold the supporter; the children come after, by id: every booking takes locks so, and none waits in a ring."""
    return await session.get_one(Person, supporter_id, with_for_update={"key_share": True})


async def require_fit_for(session: AsyncSession, request: CareRequest, terms: BookingTerms, *, now: datetime) -> Level:
    """Hold the supporter to what a request asks, for its window; return the level held."""
    return await require_fit(
        session,
        supporter=terms.supporter,
        household_id=request.household_id,
        needs=terms.needs,
        area=terms.area,
        at=max(now, request.start_at),
        until=request.end_at,
    )


async def _tell_both(
    session: AsyncSession, request: CareRequest, booking: Booking, cover_number: str, *, now: datetime
) -> None:
    shared = {"booking_id": booking.id, "cover_number": cover_number}
    to_family = await facts_of(session, request, booking.supporter_id) | shared
    to_supporter = await facts_of(session, request, booking.requester_id) | shared
    to = {request.requester_id: to_family, booking.supporter_id: to_supporter}
    await tell_all(session, to=to, kind=MessageKind.BOOKING_CONFIRMED, now=now)


async def facts_of(session: AsyncSession, request: CareRequest, about_id: int) -> dict[str, object]:
    """Return what messages of a request say, with the name of one person."""
    return {
        "request_id": request.id,
        "name": (await person_by_id(session, about_id)).name,
        "kind": request.kind,
        "start_at": request.start_at.isoformat(),
        "end_at": request.end_at.isoformat(),
    }


def record_offer(
    session: AsyncSession,
    kind: FactKind,
    request: CareRequest,
    *,
    by: int,
    supporter_id: int,
    now: datetime,
    booking_id: int | None = None,
) -> None:
    """Write one fact of a request and a supporter."""
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
