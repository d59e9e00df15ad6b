"""What a person is to a thing: the other half of the policy table."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import InsurerRole, Person, StaffRole
from sharecare.accounts.queries import SIGNED_IN, actor_and
from sharecare.accounts.rules import Actor
from sharecare.accounts.tokens import AccessClaims
from sharecare.areas.models import Area
from sharecare.care.day_models import CareSeries
from sharecare.care.models import Ask, Booking, BookingChange, CareRequest, Offer
from sharecare.certification.models import Credential
from sharecare.columns import id_in
from sharecare.incidents.models import Claim, Incident
from sharecare.incidents.queries import may_see
from sharecare.insurance.models import Policy, SentBordereau
from sharecare.journal.feed import BEYOND
from sharecare.policy import Relation, Thing
from sharecare.trust.models import Community

Relations = frozenset[Relation]
NONE: Relations = frozenset()
_STAFF: Relations = frozenset({Relation.AREA_STAFF})


def _request(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(CareRequest.id) == bindparam("request_id"), *conditions)


_role = aliased(StaffRole)  # the statement that reads the actor goes through their roles too
_HELD_TO_REQUEST: dict[Relation, ColumnElement[bool]] = {
    Relation.FAMILY: _request(col(CareRequest.household_id) == col(Person.household_id)),
    Relation.ASKED: exists().where(
        col(Ask.request_id) == bindparam("request_id"), col(Ask.supporter_id) == col(Person.id), col(Ask.delivered)
    ),
    Relation.AREA_STAFF: _request(
        col(_role.area_id) == col(CareRequest.area_id), col(_role.person_id) == col(Person.id)
    ),
}
_TO_REQUEST = select_columns(*_HELD_TO_REQUEST.values()).where(col(Person.id) == bindparam("person_id"))
_ASKER = SIGNED_IN.add_columns(BEYOND)
_ASKER_WITH_REQUEST = _ASKER.add_columns(*_HELD_TO_REQUEST.values())


class Asker(NamedTuple):
    """Who asks, what they are to the thing, and how many facts lay beyond a position of the journal."""

    actor: Actor
    relations: Relations
    beyond: int


async def asker_of(
    session: AsyncSession, claims: AccessClaims, thing: Thing | None, key: str, *, now: datetime, position: int
) -> Asker:
    """Return whom a valid token stands for, and everything they are to a thing: to a request in the same statement.

    Raises:
        NotSignedIn: the sign-in was revoked or has expired, or the account is not active.

    """
    if thing is Thing.REQUEST and (request_id := id_in(key)):
        given = asdict(claims) | {"request_id": request_id, "position": position}
        actor, (beyond, *held) = await actor_and(session, _ASKER_WITH_REQUEST, now=now, **given)
        return Asker(actor, _named(_HELD_TO_REQUEST, held), beyond)
    actor, (beyond,) = await actor_and(session, _ASKER, now=now, position=position, **asdict(claims))
    return Asker(actor, NONE if thing is None else await relations_to(session, thing, key, actor), beyond)


async def relations_to(session: AsyncSession, thing: Thing, key: str, actor: Actor) -> Relations:
    """Return everything the actor is to the thing; nothing where it does not exist."""
    if thing is Thing.AREA:
        return await _to_area(session, key, actor)
    number = id_in(key)
    return await _RESOLVERS[thing](session, number, actor) if number else NONE


def _named(conditions: Iterable[Relation], held: Iterable[bool]) -> Relations:
    return frozenset(relation for relation, holds in zip(conditions, held, strict=True) if holds)


def _when(**held: bool) -> Relations:
    return frozenset(Relation(name) for name, holds in held.items() if holds)


async def _to_area(session: AsyncSession, slug: str, actor: Actor) -> Relations:
    area_id = (await session.exec(select(Area.id).where(Area.slug == slug))).first()
    return _when(member=area_id == actor.area_id, area_staff=area_id in actor.staff_of)


async def _to_person(session: AsyncSession, key: int, actor: Actor) -> Relations:
    insurers = select(InsurerRole.person_id)  # an area lends them its clock, and no more
    area_id = (
        await session.exec(select(Person.area_id).where(Person.id == key, col(Person.id).not_in(insurers)))
    ).first()
    return _when(area_staff=area_id in actor.staff_of)


async def _to_community(session: AsyncSession, key: int, actor: Actor) -> Relations:
    community = await session.get(Community, key)
    return NONE if community is None else _when(steward=community.steward_id == actor.person_id)


async def _to_credential(session: AsyncSession, key: int, actor: Actor) -> Relations:
    credential = await session.get(Credential, key)
    return NONE if credential is None else await _to_person(session, credential.person_id, actor)


async def _to_request(session: AsyncSession, key: int, actor: Actor) -> Relations:
    given = {"request_id": key, "person_id": actor.person_id}
    return _named(_HELD_TO_REQUEST, (await (await session.connection()).execute(_TO_REQUEST, given)).one())


async def _to_ask(session: AsyncSession, key: int, actor: Actor) -> Relations:
    ask = await session.get(Ask, key)
    return NONE if ask is None else _when(asked=ask.delivered and ask.supporter_id == actor.person_id)


async def _to_offer(session: AsyncSession, key: int, actor: Actor) -> Relations:
    sides = (await (await session.connection()).execute(_SIDES_OF_OFFER, {"offer_id": key})).first()
    if sides is None:
        return NONE
    supporter_id, household_id = sides
    return _when(supporter=supporter_id == actor.person_id, family=household_id == actor.household_id)


_SIDES_OF_OFFER = (
    select_columns(col(Offer.supporter_id), col(CareRequest.household_id))
    .join(CareRequest, col(CareRequest.id) == col(Offer.request_id))
    .where(col(Offer.id) == bindparam("offer_id"))
)


async def _to_booking(session: AsyncSession, key: int, actor: Actor) -> Relations:
    booking = await session.get(Booking, key)
    if booking is None:
        return NONE
    sides = _when(family=booking.household_id == actor.household_id, supporter=booking.supporter_id == actor.person_id)
    return sides | _when(area_staff=await _decides_on(session, booking, booking.area_id, actor))


async def _decides_on(session: AsyncSession, booking: Booking, area_id: int, actor: Actor) -> bool:
    """Say whether somebody is staff of an area and no party to a booking: nobody decides on what is their family's."""
    if area_id not in actor.staff_of or booking.household_id == actor.household_id:
        return False
    return (await session.get_one(Person, booking.supporter_id)).household_id != actor.household_id


async def _to_change(session: AsyncSession, key: int, actor: Actor) -> Relations:
    change = await session.get(BookingChange, key)
    return NONE if change is None else await _to_booking(session, change.booking_id, actor)


async def _to_policy(session: AsyncSession, key: int, actor: Actor) -> Relations:
    policy = await session.get(Policy, key)
    if policy is None:
        return NONE
    return _when(area_staff=policy.area_id in actor.staff_of, insurer=policy.insurer == actor.insurer)


async def _to_bordereau(session: AsyncSession, key: int, actor: Actor) -> Relations:
    sent = await session.get(SentBordereau, key)
    return NONE if sent is None else await _to_policy(session, sent.policy_id, actor)


async def _to_incident(session: AsyncSession, key: int, actor: Actor) -> Relations:
    incident = await session.get(Incident, key)
    if incident is None:
        return NONE
    booking = await session.get_one(Booking, incident.booking_id)
    staff = await _decides_on(session, booking, incident.area_id, actor)
    if not await may_see(session, incident, booking, actor):
        return _when(area_staff=staff)
    return (await _to_booking(session, booking.id, actor)) | _when(area_staff=staff)


async def _to_claim(session: AsyncSession, key: int, actor: Actor) -> Relations:
    claim = await session.get(Claim, key)
    if claim is None:
        return NONE
    incident = await session.get_one(Incident, claim.incident_id)
    booking = await session.get_one(Booking, incident.booking_id)
    relations = await _to_policy(session, claim.policy_id, actor)
    return relations if await _decides_on(session, booking, incident.area_id, actor) else relations - _STAFF


async def _to_series(session: AsyncSession, key: int, actor: Actor) -> Relations:
    series = await session.get(CareSeries, key)
    if series is None:
        return NONE
    asked = (
        select(Ask.id)
        .join(CareRequest)
        .where(CareRequest.series_id == key, Ask.supporter_id == actor.person_id, Ask.delivered)
    )
    booked = (
        select(Booking.id)
        .join(CareRequest)
        .where(CareRequest.series_id == key, Booking.supporter_id == actor.person_id)
    )
    return _when(
        family=series.household_id == actor.household_id,
        asked=(await session.exec(asked)).first() is not None,
        supporter=(await session.exec(booked)).first() is not None,
    )


_RESOLVERS: dict[Thing, Callable[[AsyncSession, int, Actor], Awaitable[Relations]]] = {
    Thing.PERSON: _to_person,
    Thing.COMMUNITY: _to_community,
    Thing.CREDENTIAL: _to_credential,
    Thing.REQUEST: _to_request,
    Thing.ASK: _to_ask,
    Thing.OFFER: _to_offer,
    Thing.BOOKING: _to_booking,
    Thing.CHANGE: _to_change,
    Thing.POLICY: _to_policy,
    Thing.BORDEREAU: _to_bordereau,
    Thing.INCIDENT: _to_incident,
    Thing.CLAIM: _to_claim,
    Thing.SERIES: _to_series,
}
