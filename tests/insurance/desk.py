"""An area with a policy, a supporter, and a support to insure; every verb in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, Person
from sharecare.areas.models import Area
from sharecare.areas.rules import CareKind, Level, Means
from sharecare.db import Database
from sharecare.insurance.models import Cover, CoverEntry, Policy
from sharecare.insurance.rules import Coverage, Support, Terms, VoidReason
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import amend_cover, bind_cover, end_cover, make_policy, put_in_force, void_cover

NOW = datetime.fromisoformat("2026-11-20T12:00:00+09:00")
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DRAFT = PolicyDraft(
    insurer="さくら損害保険",
    number="SK-2026",
    valid_from=datetime.fromisoformat("2026-04-01T00:00:00+09:00"),
    valid_until=datetime.fromisoformat("2027-04-01T00:00:00+09:00"),
    liability_yen=50_000_000,
    property_yen=30_000_000,
    terms=Terms(
        kinds={CareKind.PICKUP: Level.REGISTERED, CareKind.OWN_HOME: Level.IDENTIFIED},
        means=(Means.FOOT,),
        min_child_months=12,
        max_child_months=155,
        max_children=2,
        hours_from="06:00",
        hours_until="20:00",
        timezone="Asia/Tokyo",
        grace_minutes=30,
        max_temperature_c=37.5,
    ),
)
SUPPORT = Support(
    kind=CareKind.PICKUP,
    means=Means.FOOT,
    start_at=datetime.fromisoformat("2026-11-21T17:30:00+09:00"),
    end_at=datetime.fromisoformat("2026-11-21T19:00:00+09:00"),
    child_ages_months=(60, 24),
    level=Level.IDENTIFIED,
)
START, END = SUPPORT.start_at, SUPPORT.end_at


@dataclass(frozen=True, slots=True)
class Desk:
    """Where covers are bound and moved."""

    database: Database
    area: Area
    other_area: Area
    person: Person
    policy: Policy

    @classmethod
    async def opened(cls, database: Database, draft: PolicyDraft = DRAFT) -> "Desk":
        async def work(session: AsyncSession) -> "Desk":
            area, other_area = [
                Area(slug=slug, name_ja=slug, name_en=slug, timezone="Asia/Tokyo", created_at=NOW)
                for slug in ("misono", "urawa")
            ]
            session.add_all([area, other_area])
            await session.flush()  # the household belongs to the area
            household = Household(area_id=area.id, created_at=NOW)
            session.add(household)
            await session.flush()  # the person belongs to the household
            person = Person(area_id=area.id, household_id=household.id, email="hanako@example.jp", password_hash="-",
                            name="花子", state="active", created_at=NOW)  # fmt: skip
            session.add(person)
            await session.flush()  # the fact names the person
            policy = await make_policy(session, by_person_id=person.id, area_id=area.id, draft=draft, now=NOW)
            return cls(database, area, other_area, person, policy)

        return await database.write(work)

    async def make_policy(self, *, area: Area, draft: PolicyDraft) -> Policy:
        return await self.database.write(
            lambda session: make_policy(session, by_person_id=self.person.id, area_id=area.id, draft=draft, now=NOW)
        )

    async def bind(self, support: Support = SUPPORT) -> Cover:
        return await self.database.write(
            lambda session: bind_cover(
                session, area_id=self.area.id, supporter_id=self.person.id, support=support, now=NOW
            )
        )

    async def start(self, cover: Cover, *, now: datetime = START) -> Cover:
        return await self.database.write(lambda session: put_in_force(session, cover_id=cover.id, now=now))

    async def amend(self, cover: Cover, new_end_at: datetime, *, now: datetime = NOW) -> Cover:
        return await self.database.write(
            lambda session: amend_cover(session, cover_id=cover.id, new_end_at=new_end_at, now=now)
        )

    async def put_off(self, cover: Cover, new_start_at: datetime) -> Cover:
        return await self.database.write(
            lambda session: amend_cover(
                session, cover_id=cover.id, new_start_at=new_start_at, new_end_at=cover.end_at, now=NOW
            )
        )

    async def end(self, cover: Cover, end_at: datetime = END, *, start_at: datetime = START) -> Coverage:
        return await self.database.write(
            lambda session: end_cover(
                session, cover_id=cover.id, actual_start_at=start_at, actual_end_at=end_at, now=end_at
            )
        )

    async def void(self, cover: Cover) -> Cover:
        reason = VoidReason.REQUESTER_CANCELLED
        return await self.database.write(lambda session: void_cover(session, cover_id=cover.id, reason=reason, now=NOW))

    async def lines(self) -> Sequence[CoverEntry]:
        async with self.database.read() as session:
            lines = select(CoverEntry).order_by(col(CoverEntry.policy_id), col(CoverEntry.seq))
            return (await session.exec(lines)).all()

    async def stored(self, cover: Cover) -> Cover:
        async with self.database.read() as session:
            return (await session.exec(select(Cover).where(Cover.id == cover.id))).one()
