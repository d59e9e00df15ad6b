"""Two people in two towns who are told things."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, Person
from sharecare.areas.models import Area
from sharecare.db import Database
from sharecare.messages.models import Delivery, Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell

NOW = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
ASKED = {
    "request_id": 12,
    "kind": "pickup",
    "start_at": "2026-11-21T08:30:00+00:00",
    "end_at": "2026-11-21T10:00:00+00:00",
    "ages": [2, 5],
    "distance_m": 700,
}


@dataclass(frozen=True, slots=True)
class Post:
    """Hanako reads Japanese in Tokyo's zone, Bob English in Honolulu's."""

    database: Database
    hanako: Person
    bob: Person

    @classmethod
    async def opened(cls, database: Database) -> "Post":
        async def work(session: AsyncSession) -> "Post":
            hanako = await _person(session, "hanako", "ja", "Asia/Tokyo")
            return cls(database, hanako, await _person(session, "bob", "en", "Pacific/Honolulu"))

        return await database.write(work)

    async def tell(self, person: Person, kind: MessageKind, facts: dict[str, Any], *, now: datetime = NOW) -> None:
        await self.database.write(lambda session: tell(session, person_id=person.id, kind=kind, facts=facts, now=now))

    async def messages(self) -> Sequence[Message]:
        async with self.database.read() as session:
            return (await session.exec(select(Message).order_by(col(Message.id)))).all()

    async def deliveries(self) -> Sequence[Delivery]:
        async with self.database.read() as session:
            return (await session.exec(select(Delivery).order_by(col(Delivery.id)))).all()


async def _person(session: AsyncSession, name: str, language: str, timezone: str) -> Person:
    area = Area(slug=name, name_ja=name, name_en=name, timezone=timezone, created_at=NOW)
    session.add(area)
    await session.flush()  # the household belongs to the area
    household = Household(area_id=area.id, created_at=NOW)
    session.add(household)
    await session.flush()  # the person belongs to the household
    person = Person(area_id=area.id, household_id=household.id, email=f"{name}@example.jp", password_hash="-",
                    name=name, language=language, state="active", created_at=NOW)  # fmt: skip
    session.add(person)
    return person
