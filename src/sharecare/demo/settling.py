"""Moving in: the town, its people, their ties, their certificates and hours, through the services people use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.passwords import hash_password
from sharecare.accounts.queries import actor_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft, HomeDraft, SignUp, SupporterDraft
from sharecare.accounts.service import add_child, appoint_staff, offer_support, set_home
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.accounts.tokens import AccessClaims
from sharecare.areas.models import Area
from sharecare.areas.rules import AreaSettings, GoalMetric, Level
from sharecare.areas.schemas import GoalDraft
from sharecare.areas.service import make_area, set_goal
from sharecare.areas.townblocks import TownBlockRow, add_town_blocks
from sharecare.availability.schemas import WeeklyDraft
from sharecare.availability.service import set_weekly_hours
from sharecare.certification.rules import FIRST_AID_YEARS, CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import confirm_credential, submit_credential
from sharecare.db import Database
from sharecare.demo.town import BLOCKS, COMMUNITIES, INSURER, INSURER_EMAIL, PASSWORD, SLUG, Neighbour
from sharecare.insurance.rules import Terms
from sharecare.insurance.schedule import Exclusion, Peril, Schedule, Tariff
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.messages.models import Message
from sharecare.registration.service import add_insurer, confirm_address, sign_up
from sharecare.trust.communities import approve_member, ask_to_join, make_community
from sharecare.trust.rules import CommunityKind
from sharecare.trust.schemas import CommunityDraft
from sharecare.trust.service import approve_friend, meet, show_meeting_code

SETTINGS = AreaSettings(desk_phone="048-000-0000", desk_hours="平日 9:00〜17:00")
POLICY_NUMBER = "MSN-2026-001"
TERMS = Terms.model_validate(
    {
        "kinds": {"pickup": 0, "own_home": 1, "child_home": 0, "event": 0},
        "means": ["foot", "bicycle", "transit"],
        "min_child_months": 12,
        "max_child_months": 155,
        "max_children": 3,
        "several_families": True,
        "hours_from": "06:00",
        "hours_until": "20:00",
        "timezone": "Asia/Tokyo",
        "grace_minutes": 30,
        "max_temperature_c": 37.5,
    }
)
SCHEDULE = Schedule(
    injury_yen=3_000_000,
    deductibles_yen={Peril.PROPERTY: 5_000},
    exclusions=tuple(Exclusion),
    tariff=Tariff(per_support_yen=30, per_hour_yen=20),
    premium_limit_yen=60_000,
    claims_limit_yen=100_000_000,
)
LIABILITY_YEN = PROPERTY_YEN = 50_000_000  # AsMama 2017 notice; not confirmed from a primary source
GOAL_RUNS = timedelta(weeks=6)  # longer than the month that is lived: the pace that is still needed can be seen
LAPSE_AFTER = timedelta(days=12)  # two certificates run out in the middle of the month


@dataclass(slots=True)
class Resident:
    """A member who lives in the demo: the invented person and their account."""

    neighbour: Neighbour
    actor: Actor
    child_ids: tuple[int, ...] = ()


async def make_town(database: Database, *, now: datetime, first_day: date) -> Area:
    """Make the district with its blocks, policy, goals."""

    async def work(session: AsyncSession) -> Area:
        area = await make_area(
            session, slug=SLUG, name_ja="美園", name_en="Misono", timezone="Asia/Tokyo", settings=SETTINGS, now=now
        )
        rows = [TownBlockRow(code, "埼玉県", city, town, lat, lon) for code, city, town, lat, lon in BLOCKS]
        await add_town_blocks(session, rows, area_id=area.id)
        draft = PolicyDraft(
            insurer=INSURER,
            number=POLICY_NUMBER,
            valid_from=now,
            valid_until=now + timedelta(days=365),
            liability_yen=LIABILITY_YEN,
            property_yen=PROPERTY_YEN,
            terms=TERMS,
            schedule=SCHEDULE,
        )
        await make_policy(session, by_person_id=None, area_id=area.id, draft=draft, now=now)
        for metric, target in ((GoalMetric.USES, 100), (GoalMetric.MEMBERS, 150)):
            goal = GoalDraft(metric=metric, target=target, from_date=first_day, until_date=first_day + GOAL_RUNS)
            await set_goal(session, area_id=area.id, draft=goal, by_person_id=None, now=now)
        return area

    return await database.write(work)


async def move_in(database: Database, neighbours: Sequence[Neighbour], *, now: datetime) -> list[Resident]:
    """Sign everyone up, and let them say who they are, where they live and what they offer."""
    password_hash = await hash_password(PASSWORD)  # one for all: it is printed anyway
    residents = [
        await database.write(partial(_register, one=one, password_hash=password_hash, now=now)) for one in neighbours
    ]
    await database.write(
        lambda session: add_insurer(
            session,
            area=SLUG,
            insurer=INSURER,
            email=INSURER_EMAIL,
            name="みその損保 担当",
            password_hash=password_hash,
            now=now,
        )
    )
    staff = residents[-1]  # a parent who works for the town, and confirms nobody's papers but others'
    await database.write(
        lambda session: appoint_staff(session, email=staff.neighbour.email, area_id=staff.actor.area_id, now=now)
    )
    staff.actor = await database.write(lambda session: _signed_in(session, staff.actor.person_id, now))
    for resident in residents:
        if resident.neighbour.supporter:
            await _certify(database, resident, staff.actor, now=now)
    return residents


async def get_to_know(database: Database, residents: Sequence[Resident], rng: Random, *, now: datetime) -> None:
    """Let people meet: at meet-ups in dozens, in classes and circles."""
    for number, (name, kind) in enumerate(COMMUNITIES):
        members = rng.sample(residents, 16)
        await database.write(partial(_gather, name=name, kind=kind, members=members, now=now))
        await _meet_up(database, members, rng, share=0.3, now=now + timedelta(minutes=number))
    for _meet_up_number in range(8):
        await _meet_up(database, rng.sample(residents, 12), rng, share=0.25, now=now)


async def _meet_up(
    database: Database, present: Sequence[Resident], rng: Random, *, share: float, now: datetime
) -> None:
    pairs = [(one, other) for place, one in enumerate(present) for other in present[place + 1 :]]
    for one, other in pairs:
        if rng.random() < share:
            await database.write(partial(_shake_hands, one=one, other=other, now=now))


async def _shake_hands(session: AsyncSession, one: Resident, other: Resident, now: datetime) -> None:
    shown = await show_meeting_code(session, by=one.actor, now=now)
    await meet(session, by=other.actor, code=shown.code, now=now)
    await approve_friend(session, by=one.actor, person_id=other.actor.person_id, now=now)


async def _gather(session: AsyncSession, name: str, kind: str, members: Sequence[Resident], now: datetime) -> None:
    steward, *others = members
    draft = CommunityDraft(name=name, kind=CommunityKind(kind))
    community = await make_community(session, by=steward.actor, draft=draft, now=now)
    for one in others:
        await ask_to_join(session, by=one.actor, community_id=community.id, now=now)
        await approve_member(
            session, by=steward.actor, community_id=community.id, person_id=one.actor.person_id, now=now
        )


async def _register(session: AsyncSession, one: Neighbour, password_hash: str, now: datetime) -> Resident:
    draft = SignUp(
        email=one.email,
        password=PASSWORD,
        name=one.name,
        area=SLUG,
        is_requester=one.requester,
        is_supporter=one.supporter,
        birth_date=one.born,
        phone=f"090-0000-{one.number:04d}",
    )
    await sign_up(session, draft=draft, password_hash=password_hash, now=now)
    person_id = (await session.exec(select(Person.id).where(Person.email == one.email))).one()
    letter = select(Message).where(Message.person_id == person_id).order_by(col(Message.id).desc()).limit(1)
    await confirm_address(session, token=(await session.exec(letter)).one().facts["token"], now=now)
    resident = Resident(one, await _signed_in(session, person_id, now))
    home = HomeDraft(lat=one.lat, lon=one.lon, address=f"{BLOCKS[one.block][1]}{BLOCKS[one.block][2]}")
    await set_home(session, by=resident.actor, draft=home, now=now)
    children = [
        await add_child(session, by=resident.actor, draft=ChildDraft(name=name, birth_month=month), now=now)
        for name, month in one.children
    ]
    resident.child_ids = tuple(child.id for child in children)
    if one.supporter:
        await _offer(session, resident, now)
    return resident


async def _offer(session: AsyncSession, resident: Resident, now: datetime) -> None:
    one = resident.neighbour
    draft = SupporterDraft(
        kinds=list(one.kinds),
        means=list(one.means),
        capacity=one.capacity,
        travel_radius_m=one.radius_m,
        introduction=f"{BLOCKS[one.block][2]}に住んでいます。",
    )
    await offer_support(session, by=resident.actor, draft=draft, now=now)
    week = [WeeklyDraft(weekday=day, start=_clock(start), end=_clock(end)).row() for day, start, end in one.hours]
    await set_weekly_hours(session, by=resident.actor, weekly=week, now=now)


async def _certify(database: Database, resident: Resident, staff: Actor, *, now: datetime) -> None:
    """Climb the ladder as far as this neighbour came; everyone else's papers are still on the desk."""
    one = resident.neighbour
    issued = (now - timedelta(days=200)).date()
    first_aid = (now + LAPSE_AFTER).date().replace(year=now.year - FIRST_AID_YEARS) if one.lapsed else issued
    papers: list[tuple[Level, CredentialDraft]] = [
        (Level.IDENTIFIED, CredentialDraft(kind=CredentialKind.IDENTITY, evidence="運転免許証", issued_on=issued)),
        *(
            (Level.TRAINED, CredentialDraft(kind=CredentialKind.COURSE_UNIT, unit=unit, issued_on=issued))
            for unit in SETTINGS.course_units
        ),
        (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.TRAINING_SESSION, issued_on=issued)),
        (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.FIRST_AID, issued_on=first_aid)),
        (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.INTERVIEW, issued_on=issued)),
        (Level.CERTIFIED, CredentialDraft(kind=CredentialKind.NOTIFICATION, issued_on=issued)),
    ]

    async def work(session: AsyncSession) -> None:
        for level, draft in papers:
            if level <= one.level:
                shown = await submit_credential(session, by=resident.actor, draft=draft, now=now)
                await confirm_credential(session, by=staff, credential_id=shown.id, last_day=None, now=now)
            elif level == one.level + 1 and draft.kind is CredentialKind.IDENTITY:
                await submit_credential(session, by=resident.actor, draft=draft, now=now)

    await database.write(work)


async def _signed_in(session: AsyncSession, person_id: int, now: datetime) -> Actor:
    started, _ = await start_sign_in(session, person_id=person_id, device="demo", now=now, days=1)
    return await actor_of(session, AccessClaims(person_id, started.id), now=now)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
