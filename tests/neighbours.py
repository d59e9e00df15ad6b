"""People to test with, settled in a town."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.models import Area
from sharecare.areas.rules import AreaSettings
from sharecare.areas.service import make_area
from sharecare.db import Database

T = TypeVar("T")

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)  # noon in Japan


async def do(database: Database, verb: Callable[..., Awaitable[T]], **facts: object) -> T:
    """Run one verb in a transaction of its own, at `NOW` unless the facts say otherwise."""
    return await database.write(lambda session: verb(session, **{"now": NOW, **facts}))


async def settle(database: Database, *names: str, area: str = "misono", staff: bool = False) -> list[Actor]:
    """Return one active person for each name, each in a family of their own."""

    async def work(session: AsyncSession) -> list[Actor]:
        return [await _settled(session, name, await _area(session, area), staff=staff) for name in names]

    return await database.write(work)


async def _area(session: AsyncSession, slug: str) -> Area:
    area = (await session.exec(select(Area).where(Area.slug == slug))).first()
    return area or await make_area(
        session, slug=slug, name_ja=slug, name_en=slug, timezone="Asia/Tokyo", settings=AreaSettings(), now=NOW
    )


async def _settled(session: AsyncSession, name: str, area: Area, *, staff: bool) -> Actor:
    household = Household(area_id=area.id, created_at=NOW)
    session.add(household)
    await session.flush()  # the person belongs to the household
    person = Person(
        area_id=area.id,
        household_id=household.id,
        email=f"{name}@{area.slug}.example",
        password_hash="",
        name=name,
        is_supporter=True,
        state=PersonState.ACTIVE,
        created_at=NOW,
    )
    session.add(person)
    await session.flush()  # the actor names the person
    return Actor(
        person_id=person.id,
        household_id=household.id,
        area_id=area.id,
        sign_in_id=0,
        language="en",
        is_requester=True,
        is_supporter=True,
        staff_of=frozenset({area.id}) if staff else frozenset(),
    )
