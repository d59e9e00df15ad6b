"""A family's two emergency contacts."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.care.day_models import EmergencyContact
from sharecare.care.day_schemas import EmergencyContactDraft
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


class Reach(NamedTuple):
    """Whether a parent can be called, and whether somebody else can when they don't answer."""

    phone: bool
    contacts: bool


async def set_contacts(
    session: AsyncSession, *, by: Actor, contacts: Sequence[EmergencyContactDraft], now: datetime
) -> None:
    """Put down whom to call when no guardian answers, in this order."""
    await session.exec(delete(EmergencyContact).where(col(EmergencyContact.household_id) == by.household_id))
    session.add_all(
        EmergencyContact(household_id=by.household_id, place=place, set_at=now, **contact.model_dump())
        for place, contact in enumerate(contacts, start=1)
    )
    record(
        session,
        kind=FactKind.CONTACTS_SET,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        data={"household_id": by.household_id},
    )


async def contacts_of(session: AsyncSession, household_id: int) -> list[EmergencyContactDraft]:
    """Return a family's emergency contacts, the one to call first in front; empty where none were given."""
    rows = select(EmergencyContact).where(EmergencyContact.household_id == household_id)
    found = await session.exec(rows.order_by(col(EmergencyContact.place)))
    return [EmergencyContactDraft.model_validate(one) for one in found]


async def reach_of(session: AsyncSession, *, by: Actor) -> Reach:
    """Return how a parent can be reached during a care."""
    contacts = select(EmergencyContact.place).where(EmergencyContact.household_id == by.household_id).exists()
    phone, given = (await session.exec(select(Person.phone, contacts).where(Person.id == by.person_id))).one()
    return Reach(bool(phone), given)
