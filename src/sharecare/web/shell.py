"""What stands around every page of a signed-in person."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.messages.models import Message


@dataclass(frozen=True, slots=True)
class Shell:
    """Whose page it is, and what waits for them."""

    name: str
    area: str
    zone: ZoneInfo
    unread: int
    has_phone: bool
    staff_area: str | None  # the slug of the area one works for; the first, where there are several


async def shell_of(session: AsyncSession, by: Actor) -> Shell:
    """Read the shell; whoever works for an area takes a second statement."""
    unread = select(func.count()).where(col(Message.person_id) == by.person_id, col(Message.read_at).is_(None))
    told = (
        select(Person, Area.slug, Area.timezone, unread.scalar_subquery())
        .join(Area, col(Area.id) == col(Person.area_id))
        .where(Person.id == by.person_id)
    )
    person, area, timezone, waiting = (await session.exec(told)).one()
    return Shell(
        name=person.name,
        area=area,
        zone=ZoneInfo(timezone),
        unread=waiting,
        has_phone=bool(person.phone),
        staff_area=await _watched(session, by) if by.staff_of else None,
    )


async def _watched(session: AsyncSession, by: Actor) -> str | None:
    watched = select(Area.slug).where(col(Area.id).in_(by.staff_of)).order_by(Area.slug)
    return (await session.exec(watched)).first()
