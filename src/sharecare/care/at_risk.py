"""What an area's staff should know before it goes wrong: bookings at risk, requests that nobody has answered yet.

Nobody is named here. Whom to call is looked up one booking at a time, and each look is logged.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.service import log_looks
from sharecare.areas.models import Area
from sharecare.areas.queries import settings_of
from sharecare.areas.rules import CareKind
from sharecare.care.bookings import incident_told
from sharecare.care.models import Booking, CareRequest, Offer
from sharecare.care.no_show import no_shows_in
from sharecare.care.people import apart
from sharecare.care.rules import LIVE, BookingState, OfferState, RequestState
from sharecare.certification.queries import StandingRow, standings_of_many
from sharecare.errors import NotFound

BOOKINGS_AHEAD = timedelta(days=14)
REQUESTS_AHEAD = timedelta(days=2)
LOOK_REASON = "予約が危ぶまれるため (a booking is at risk)"


class Risk(StrEnum):
    """What can be wrong with a booking; the most pressing first."""

    CONTESTED = "contested"  # a no-show: staff ask both sides and decide
    INCIDENT_TOLD = "incident_told"  # and no start: staff put down what really was, or its claim has no support
    NOT_STARTED = "not_started"  # nobody has taken the child over
    NOT_ENDED = "not_ended"  # nobody has handed the child back
    SUSPENDED = "suspended"  # the supporter's account
    FAMILY_SUSPENDED = "family_suspended"  # the account of the parent who asked
    CANNOT_START = "cannot_start"  # something that only the two know of; a block must look like anything else
    LAPSE = "lapse"  # what the care asks of the supporter runs out before it


class BookingAtRisk(BaseModel):
    """A booking that may fail."""

    booking_id: int
    risk: Risk
    kind: CareKind
    start_at: datetime
    end_at: datetime


class WaitingRequest(BaseModel):
    """A request that waits for somebody."""

    request_id: int
    kind: CareKind
    start_at: datetime
    urgent: bool


class Ahead(NamedTuple):
    """What tells whether a live booking is at risk; from `supporter_state` to `apart`, of the people in it."""

    id: int
    supporter_id: int
    kind: str
    state: str
    start_at: datetime
    end_at: datetime
    required_level: int
    needs_notification: bool
    supporter_state: str
    requester_state: str = PersonState.ACTIVE
    supports: bool = True  # still offers to
    apart: bool = False  # one side keeps the other at a distance
    incident_told: bool = False  # whatever comes of it


_supporter, _requester = aliased(Person), aliased(Person)
_AHEAD = (
    select_columns(
        *(col(getattr(Booking, name)) for name in Ahead._fields[: Ahead._fields.index("supporter_state")]),
        col(_supporter.state),
        col(_requester.state),
        col(_supporter.is_supporter),
        apart(col(Booking.household_id), col(_supporter.household_id)),
        incident_told(col(Booking.id)),
    )
    .join(_supporter, col(_supporter.id) == col(Booking.supporter_id))
    .join(_requester, col(_requester.id) == col(Booking.requester_id))
    .where(col(Booking.state).in_(LIVE))
    .order_by(col(Booking.start_at), col(Booking.id))
)


class ContactAtRisk(BaseModel):
    """Whom to call."""

    name: str
    phone: str | None
    is_supporter: bool


class InQuestion(NamedTuple):
    """What staff should look at, and the other no-shows of the last two weeks."""

    at_risk: list[BookingAtRisk]
    missed: list[Booking]


async def bookings_in_question(session: AsyncSession, *, area: Area, now: datetime) -> InQuestion:
    """Return no-shows to look into, then bookings that are overdue or can't go ahead, the first to start first."""
    ahead = _AHEAD.where(col(Booking.area_id) == area.id, col(Booking.start_at) < now + BOOKINGS_AHEAD)
    bookings = [Ahead._make(row) for row in await (await session.connection()).execute(ahead)]
    overdue = now - timedelta(minutes=settings_of(area).handover_overdue_minutes)
    # Whoever's credentials matter: with none of them they would lack something.
    asked_of = {one.supporter_id for one in bookings if risk_of(one, None, overdue=overdue) is Risk.LAPSE}
    standings = {row[0]: row for row in await standings_of_many(session, asked_of)}
    missed = await no_shows_in(session, area_id=area.id, now=now)
    told = [
        _at_risk(one.booking, Risk.INCIDENT_TOLD if one.incident_told else Risk.CONTESTED)
        for one in missed
        if one.waits
    ]
    at_risk = told + [
        _at_risk(booking, risk)
        for booking in bookings
        if (risk := risk_of(booking, standings.get(booking.supporter_id), overdue=overdue)) is not None
    ]
    return InQuestion(at_risk, [one.booking for one in missed if not one.waits])


def _at_risk(booking: Ahead | Booking, risk: Risk) -> BookingAtRisk:
    return BookingAtRisk(
        booking_id=booking.id,
        risk=risk,
        kind=CareKind(booking.kind),
        start_at=booking.start_at,
        end_at=booking.end_at,
    )


def risk_of(booking: Ahead, standing: StandingRow | None, *, overdue: datetime) -> Risk | None:
    """Return what is wrong with a live booking, if anything; a handover due by `overdue` is late."""
    in_care = booking.state == BookingState.IN_CARE
    if (booking.end_at if in_care else booking.start_at) <= overdue:
        unbegun = Risk.INCIDENT_TOLD if booking.incident_told else Risk.NOT_STARTED
        return Risk.NOT_ENDED if in_care else unbegun
    if booking.supporter_state != PersonState.ACTIVE:
        return Risk.SUSPENDED
    if booking.requester_state != PersonState.ACTIVE:
        return Risk.FAMILY_SUSPENDED
    if lapses(booking, standing):
        return Risk.LAPSE
    stuck = not in_care and (booking.apart or not booking.supports)
    return Risk.CANNOT_START if stuck else None


def lapses(booking: Ahead | Booking, standing: StandingRow | None) -> bool:
    """Say whether what a booking asks of its supporter is not there, or runs out before its end."""
    _, *ends, notified = standing or (0, None, None, None, None)
    until = ends[booking.required_level - 1] if booking.required_level else booking.end_at
    unnotified = booking.needs_notification and (notified is None or notified < booking.end_at)
    return until is None or until < booking.end_at or unnotified


async def unanswered_requests(session: AsyncSession, *, area_id: int, now: datetime) -> list[WaitingRequest]:
    """Return open requests that start soon and that nobody has offered to take."""
    offered = select(Offer.request_id).where(Offer.state == OfferState.OPEN)
    soon = (
        select(CareRequest.id, CareRequest.kind, CareRequest.start_at, CareRequest.urgent)
        .where(CareRequest.area_id == area_id, CareRequest.state == RequestState.OPEN)
        .where(col(CareRequest.start_at) > now, col(CareRequest.start_at) < now + REQUESTS_AHEAD)
        .where(col(CareRequest.id).not_in(offered))
        .order_by(col(CareRequest.start_at), col(CareRequest.id))
    )
    return [_waiting(request) for request in await session.exec(soon)]


async def open_requests_of(session: AsyncSession, *, area_id: int, now: datetime) -> Sequence[WaitingRequest]:
    """Return an area's open requests that are still ahead, the first to start first."""
    ahead = (
        select(CareRequest.id, CareRequest.kind, CareRequest.start_at, CareRequest.urgent)
        .where(CareRequest.area_id == area_id, CareRequest.state == RequestState.OPEN, col(CareRequest.start_at) > now)
        .order_by(col(CareRequest.start_at), col(CareRequest.id))
    )
    return [_waiting(request) for request in await session.exec(ahead)]


async def look_up_contacts(
    session: AsyncSession, *, by: Actor, area: Area, booking_id: int, now: datetime
) -> list[ContactAtRisk]:
    """Return whom to call about a booking at risk; both can see that it was looked up, and why.

    Raises:
        NotFound: the area has no such booking, or it is at no risk and no recent no-show.

    """
    found = await bookings_in_question(session, area=area, now=now)
    if booking_id not in {one.booking_id for one in found.at_risk} | {one.id for one in found.missed}:
        raise NotFound
    booking = (await session.exec(select(Booking).where(Booking.id == booking_id))).one()
    ids = [booking.requester_id, booking.supporter_id]
    people = {person.id: person for person in await session.exec(select(Person).where(col(Person.id).in_(ids)))}
    log_looks(session, by=by, area_id=area.id, person_ids=ids, reason=LOOK_REASON, now=now)
    return [
        ContactAtRisk(name=people[one].name, phone=people[one].phone, is_supporter=one == booking.supporter_id)
        for one in ids
    ]


def _waiting(row: tuple[int, str, datetime, bool]) -> WaitingRequest:
    request_id, kind, start_at, urgent = row
    return WaitingRequest(request_id=request_id, kind=CareKind(kind), start_at=start_at, urgent=urgent)
