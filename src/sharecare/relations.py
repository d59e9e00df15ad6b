"""What a person is to a thing: the other half of the policy table."""

from collections.abc import Awaitable, Callable

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.care.models import Ask, Booking, BookingChange, CareRequest, Offer
from sharecare.certification.models import Credential
from sharecare.incidents.models import Claim, Incident
from sharecare.incidents.queries import may_see
from sharecare.insurance.models import Policy, SentBordereau
from sharecare.policy import Relation, Thing
from sharecare.trust.models import Community

Relations = frozenset[Relation]
NONE: Relations = frozenset()
LARGEST_ID = 2**63 - 1  # what a database column holds


async def relations_to(session: AsyncSession, thing: Thing, key: str, actor: Actor) -> Relations:
    """Return everything the actor is to the thing; nothing where it does not exist."""
    if thing is Thing.AREA:
        return await _to_area(session, key, actor)
    if not key.isdecimal() or int(key) > LARGEST_ID:
        return NONE
    return await _RESOLVERS[thing](session, int(key), actor)


def _when(**held: bool) -> Relations:
    return frozenset(Relation(name) for name, holds in held.items() if holds)


async def _to_area(session: AsyncSession, slug: str, actor: Actor) -> Relations:
    area_id = (await session.exec(select(Area.id).where(Area.slug == slug))).first()
    return _when(member=area_id == actor.area_id, area_staff=area_id in actor.staff_of)


async def _to_person(session: AsyncSession, key: int, actor: Actor) -> Relations:
    area_id = (await session.exec(select(Person.area_id).where(Person.id == key))).first()
    return _when(area_staff=area_id in actor.staff_of)


async def _to_community(session: AsyncSession, key: int, actor: Actor) -> Relations:
    community = await session.get(Community, key)
    return NONE if community is None else _when(steward=community.steward_id == actor.person_id)


async def _to_credential(session: AsyncSession, key: int, actor: Actor) -> Relations:
    credential = await session.get(Credential, key)
    return NONE if credential is None else await _to_person(session, credential.person_id, actor)


async def _to_request(session: AsyncSession, key: int, actor: Actor) -> Relations:
    request = await session.get(CareRequest, key)
    if request is None:
        return NONE
    ask = select(Ask.id).where(Ask.request_id == key, Ask.supporter_id == actor.person_id, Ask.delivered)
    return _when(
        family=request.household_id == actor.household_id,
        asked=(await session.exec(ask)).first() is not None,
        area_staff=request.area_id in actor.staff_of,
    )


async def _to_ask(session: AsyncSession, key: int, actor: Actor) -> Relations:
    ask = await session.get(Ask, key)
    return NONE if ask is None else _when(asked=ask.delivered and ask.supporter_id == actor.person_id)


async def _to_offer(session: AsyncSession, key: int, actor: Actor) -> Relations:
    offer = await session.get(Offer, key)
    if offer is None:
        return NONE
    request = await session.get(CareRequest, offer.request_id)
    return _when(
        supporter=offer.supporter_id == actor.person_id,
        family=request is not None and request.household_id == actor.household_id,
    )


async def _to_booking(session: AsyncSession, key: int, actor: Actor) -> Relations:
    booking = await session.get(Booking, key)
    return (
        NONE
        if booking is None
        else _when(
            family=booking.household_id == actor.household_id,
            supporter=booking.supporter_id == actor.person_id,
            area_staff=booking.area_id in actor.staff_of,
        )
    )


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
    staff = incident.area_id in actor.staff_of
    if not await may_see(session, incident, booking, actor):
        return _when(area_staff=staff)
    return (await _to_booking(session, booking.id, actor)) | _when(area_staff=staff)


async def _to_claim(session: AsyncSession, key: int, actor: Actor) -> Relations:
    claim = await session.get(Claim, key)
    return NONE if claim is None else await _to_policy(session, claim.policy_id, actor)


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
}
