"""An account is suspended, a credential taken back, somebody blocked: what it means for what they were to do.

Nobody but the owner is told why, and of a block nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import guardian_ids_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.at_risk import lapses
from sharecare.care.bookings import window_facts
from sharecare.care.models import Ask, Booking, CareRequest
from sharecare.care.requests import close_asks_of
from sharecare.care.rules import LIVE, BookingState, RequestState
from sharecare.certification.models import Credential
from sharecare.certification.queries import standings_of
from sharecare.certification.service import revoke_credential
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all
from sharecare.registration.service import suspend
from sharecare.trust.blocks import block


async def suspend_person(session: AsyncSession, *, person_id: int, by: Actor, reason: str, now: datetime) -> None:
    """Suspend an account, and tell the other side of each live booking that it can't take place as agreed.

    Raises:
        Refusal: everything that `suspend` names.

    """
    await suspend(session, person_id=person_id, by=by, reason=reason, now=now)
    await _tell_others(session, await _live(session, person_id), about=person_id, now=now)


async def take_back_credential(
    session: AsyncSession, *, by: Actor, credential_id: int, reason: str, now: datetime
) -> Credential:
    """Take back a confirmation, and tell the families of those live bookings for which too little is left.

    Raises:
        Refusal: everything that `revoke_credential` names.

    """
    credential = await revoke_credential(session, by=by, credential_id=credential_id, reason=reason, now=now)
    owner = credential.person_id
    standing = next(iter(await standings_of(session, [owner])), None)
    held = [one for one in await _live(session, owner) if one.supporter_id == owner and lapses(one, standing)]
    await _tell_others(session, held, about=owner, now=now)
    return credential


async def keep_apart(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """Keep someone at a distance; what their family was asked by one's own closes as if somebody else had taken it.

    Raises:
        NotFound: there is no such account, or it is one's own.

    """
    await block(session, by=by, person_id=person_id, now=now)
    household_id = (await person_by_id(session, person_id)).household_id
    theirs = set(await session.exec(select(Person.id).where(Person.household_id == household_id)))
    asked = select(Ask.request_id).where(col(Ask.supporter_id).in_(theirs), col(Ask.delivered))
    mine = select(CareRequest).where(
        CareRequest.household_id == by.household_id,
        CareRequest.state == RequestState.OPEN,
        col(CareRequest.id).in_(asked),
    )
    held = mine.order_by(col(CareRequest.id)).with_for_update(key_share=True)
    for request in (await session.exec(held)).all():
        await close_asks_of(session, request, theirs, now=now)


async def _live(session: AsyncSession, person_id: int) -> Sequence[Booking]:
    mine = or_(col(Booking.supporter_id) == person_id, col(Booking.requester_id) == person_id)
    live = select(Booking).where(mine, col(Booking.state).in_(LIVE))
    order = (col(Booking.supporter_id), col(Booking.household_id), col(Booking.start_at), col(Booking.id))
    return (await session.exec(live.order_by(*order))).all()


async def _tell_others(session: AsyncSession, bookings: Sequence[Booking], *, about: int, now: datetime) -> None:
    """Tell each other side of a care under way at once, and once of all that is to come between the two."""
    name = (await person_by_id(session, about)).name
    for (supporter_id, household_id), both in groupby(bookings, key=lambda one: (one.supporter_id, one.household_id)):
        family = set(await guardian_ids_of(session, household_id))
        others = sorted((family if supporter_id == about else family | {supporter_id}) - {about})
        held = list(both)
        ahead = [one for one in held if one.state == BookingState.CONFIRMED]
        told = [(one, MessageKind.CANNOT_GO_ON) for one in held if one.state == BookingState.IN_CARE]
        for booking, kind in told + [(one, MessageKind.CANNOT_TAKE_PLACE) for one in ahead[:1]]:
            facts = window_facts(booking) | {"name": name, "dates": len(ahead)}
            await tell_all(session, to=dict.fromkeys(others, facts), kind=kind, now=now)
