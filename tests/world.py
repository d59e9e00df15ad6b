"""A small town for tests, made through the services that people use."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from passlib.context import CryptContext
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import actor_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft, HomeDraft, SignUp, SupporterDraft
from sharecare.accounts.service import add_child, appoint_staff, offer_support, set_home
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.accounts.tokens import AccessClaims
from sharecare.areas.models import Area
from sharecare.areas.rules import AreaSettings, CareKind, Level, Means
from sharecare.areas.service import make_area
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.care.schemas import Need
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import confirm_credential, submit_credential
from sharecare.db import Database
from sharecare.insurance.rules import Terms
from sharecare.insurance.schedule import Schedule
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.matching.feed import LiveIndex
from sharecare.messages.models import Message
from sharecare.registration.service import add_insurer, confirm_address, sign_up
from sharecare.trust.service import approve_friend, meet, show_meeting_code

T = TypeVar("T")
NOW = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)  # a Monday, 09:00 in Japan
PASSWORD = "mizu-no-oto-1686"
PASSWORD_HASH = CryptContext(["argon2"], argon2__memory_cost=8, argon2__parallelism=1, argon2__rounds=1).hash(
    PASSWORD
)  # as cheap as can be
HOME = (35.8921, 139.7283)
KEY = b"0123456789abcdef0123456789abcdef"
TERMS = Terms.model_validate(
    {
        "kinds": {"pickup": 0, "own_home": 0, "child_home": 0, "event": 0},
        "means": ["foot", "bicycle"],
        "min_child_months": 12,
        "max_child_months": 155,
        "max_children": 3,
        "hours_from": "06:00",
        "hours_until": "20:00",
        "timezone": "Asia/Tokyo",
        "grace_minutes": 30,
        "max_temperature_c": 37.5,
    }
)


@dataclass(slots=True)
class World:
    """A town, its database, its index and its time."""

    database: Database
    index: LiveIndex
    area_id: int
    staff: Actor
    now: datetime = NOW

    async def do(self, verb: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Catch the index up as a door does, then run one write transaction."""
        async with self.database.read() as session:
            await self.index.catch_up(session, now=self.now)
        return await self.database.write(verb)

    async def family(self, name: str, *, children: int = 1, at: tuple[float, float] = HOME) -> "Family":
        """Make a requester with a home and children of four years."""

        async def work(session: AsyncSession) -> Family:
            actor = await a_person(session, name, now=self.now)
            await set_home(session, by=actor, draft=HomeDraft(lat=at[0], lon=at[1], address="美園1-2-3"), now=self.now)
            draft = ChildDraft(name=f"{name}の子", birth_month=date(2022, 5, 1), allergies="卵")
            kids = [await add_child(session, by=actor, draft=draft, now=self.now) for _ in range(children)]
            return Family(actor, [kid.id for kid in kids])

        return await self.do(work)

    async def supporter(
        self,
        name: str,
        *,
        level: Level = Level.CERTIFIED,
        at: tuple[float, float] = HOME,
        hours: tuple[int, int] = (360, 1200),
        capacity: int = 2,
        first_aid_on: date = date(2026, 1, 10),
    ) -> Actor:
        """Make a supporter with all kinds of care, hours every day, and papers up to a level."""

        async def work(session: AsyncSession) -> Actor:
            actor = await a_person(session, name, requester=False, supporter=True, now=self.now)
            await set_home(session, by=actor, draft=HomeDraft(lat=at[0], lon=at[1], address="美園9-9-9"), now=self.now)
            draft = SupporterDraft(
                kinds=list(CareKind),
                means=list(Means),
                capacity=capacity,
                travel_radius_m=3000,
                introduction="近所です",
            )
            await offer_support(session, by=actor, draft=draft, now=self.now)
            week = [Weekly(weekday, *hours) for weekday in range(7)]
            await set_weekly_hours(session, by=actor, weekly=week, now=self.now)
            return actor

        actor = await self.do(work)
        await self.certify(actor, level, first_aid_on=first_aid_on)
        return actor

    async def certify(self, actor: Actor, level: Level, *, first_aid_on: date = date(2026, 1, 10)) -> None:
        """Let staff confirm papers up to a level; the notification comes with the last step."""
        issued = date(2026, 1, 10)
        papers = [
            (Level.IDENTIFIED, CredentialDraft(kind=CredentialKind.IDENTITY, issued_on=issued)),
            *(
                (Level.TRAINED, CredentialDraft(kind=CredentialKind.COURSE_UNIT, unit=unit, issued_on=issued))
                for unit in AreaSettings().course_units
            ),
            (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.TRAINING_SESSION, issued_on=issued)),
            (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.FIRST_AID, issued_on=first_aid_on)),
            (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.INTERVIEW, issued_on=issued)),
            (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.NOTIFICATION, issued_on=issued)),
        ]

        async def work(session: AsyncSession) -> None:
            for step, draft in papers:
                if step <= level:
                    shown = await submit_credential(session, by=actor, draft=draft, now=self.now)
                    await confirm_credential(
                        session, by=self.staff, credential_id=shown.id, last_day=None, now=self.now
                    )

        await self.do(work)

    async def befriend(self, one: Actor, other: Actor) -> None:
        """Let two people meet and approve."""

        async def work(session: AsyncSession) -> None:
            shown = await show_meeting_code(session, by=one, now=self.now)
            await meet(session, by=other, code=shown.code, now=self.now)
            await approve_friend(session, by=one, person_id=other.person_id, now=self.now)

        await self.do(work)


@dataclass(frozen=True, slots=True)
class Family:
    """A requester and the ids of the children."""

    actor: Actor
    child_ids: list[int]

    def need(self, **changes: object) -> Need:
        """Need care at the child's home, tomorrow 17:00 to 19:00 in Japan."""
        start_at = NOW + timedelta(days=1, hours=8)
        facts: dict[str, object] = {
            "kind": CareKind.CHILD_HOME,
            "children": self.child_ids,
            "start_at": start_at,
            "end_at": start_at + timedelta(hours=2),
        }
        return Need.model_validate(facts | changes)


async def make_world(
    database: Database,
    *,
    insured: bool = True,
    settings: AreaSettings | None = None,
    schedule: Schedule = Schedule(),  # noqa: B008  -- frozen
) -> World:
    """Make a town with one staff member and, unless told otherwise, a policy."""

    async def work(session: AsyncSession) -> tuple[int, Actor]:
        area = await make_area(
            session,
            slug="misono",
            name_ja="美園",
            name_en="Misono",
            timezone="Asia/Tokyo",
            settings=settings or AreaSettings(),
            now=NOW,
        )
        if insured:
            draft = PolicyDraft(
                insurer="さくら損害保険",
                number="SK-1",
                valid_from=NOW - timedelta(days=30),
                valid_until=NOW + timedelta(days=335),
                liability_yen=50_000_000,
                property_yen=50_000_000,
                terms=TERMS,
                schedule=schedule,
            )
            await make_policy(session, by_person_id=None, area_id=area.id, draft=draft, now=NOW)
        staff = await a_person(session, "Staff", now=NOW)
        await appoint_staff(session, email="staff@example.jp", area_id=area.id, now=NOW)
        return area.id, await signed_in(session, staff.person_id, now=NOW)

    area_id, staff = await database.write(work)
    return World(database, LiveIndex(busy_periods, stream_busy), area_id, staff)


async def an_insurer(world: World, company: str = "さくら損害保険", email: str = "desk@sakura.example") -> Actor:
    """Let somebody of an insurer sign in."""

    async def work(session: AsyncSession) -> Actor:
        person = await add_insurer(
            session,
            area="misono",
            insurer=company,
            email=email,
            name="損保 担当",
            password_hash=PASSWORD_HASH,
            now=world.now,
        )
        return await signed_in(session, person.id, now=world.now)

    return await world.do(work)


async def area(session: AsyncSession, slug: str = "misono") -> Area:
    """Make a town of no more than a name."""
    return await make_area(
        session, slug=slug, name_ja=slug, name_en=slug, timezone="Asia/Tokyo", settings=AreaSettings(), now=NOW
    )


async def make_urawa(session: AsyncSession, *, now: datetime = NOW) -> Area:
    """Make the town next door, which has no policy and nobody in it."""
    return await make_area(
        session,
        slug="urawa",
        name_ja="浦和",
        name_en="Urawa",
        timezone="Asia/Tokyo",
        settings=AreaSettings(),
        now=now,
    )


async def a_person(
    session: AsyncSession, name: str, *, requester: bool = True, supporter: bool = False, now: datetime = NOW
) -> Actor:
    """Sign up, confirm by the token from the message, sign in."""
    draft = SignUp(
        email=f"{name.lower()}@example.jp",
        password=PASSWORD,
        name=name,
        area="misono",
        is_requester=requester,
        is_supporter=supporter,
        birth_date=date(1988, 4, 12),
        phone="090-1234-5678",
    )
    await sign_up(session, draft=draft, password_hash=PASSWORD_HASH, now=now)
    person = (await session.exec(select(Person).where(Person.email == draft.email.casefold()))).one()
    letter = select(Message).where(Message.person_id == person.id).order_by(col(Message.id).desc())
    await confirm_address(session, token=(await session.exec(letter)).one().facts["token"], now=now)
    return await signed_in(session, person.id, now=now)


async def signed_in(session: AsyncSession, person_id: int, *, now: datetime = NOW) -> Actor:
    """Sign a person in for a year."""
    started, _ = await start_sign_in(session, person_id=person_id, device="test", now=now, days=365)
    return await actor_of(session, AccessClaims(person_id, started.id), now=now)
