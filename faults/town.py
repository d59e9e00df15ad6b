"""A small town made through the services that people use, with offers ready to be accepted."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from faults.server import KEY
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, Person
from sharecare.accounts.queries import actor_of
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.schemas import ChildDraft, HomeDraft, SupporterDraft
from sharecare.accounts.service import add_child, offer_support, set_home
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.accounts.tokens import AccessClaims, issue_access_token
from sharecare.areas.rules import AreaSettings, CareKind, Means
from sharecare.areas.service import make_area
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.offers import make_offer
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.care.requests import open_request
from sharecare.care.schemas import Need
from sharecare.clock import utc_now
from sharecare.db import Database
from sharecare.insurance.rules import Terms
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.matching.feed import LiveIndex
from sharecare.migrations import migrate
from sharecare.trust.service import approve_friend, meet, show_meeting_code

ZONE = ZoneInfo("Asia/Tokyo")
HOME = HomeDraft(lat=35.8921, lon=139.7283, address="美園1-2-3")
HOURS = range(6, 20)
HALF_A_YEAR = 170
AT_ONCE = 40  # in one transaction: PostgreSQL ends those that take long
UNLIMITED = 10_000_000
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


@dataclass(frozen=True, slots=True)
class Pair:
    """A family and a supporter who are friends."""

    family: Actor
    children: Sequence[int]
    supporter: Actor

    def token(self) -> str:
        """Sign the family in for ten minutes."""
        claims = AccessClaims(self.family.person_id, self.family.sign_in_id)
        return issue_access_token(claims, key=KEY.encode(), now=utc_now(), minutes=10)


@dataclass(frozen=True, slots=True)
class Ready:
    """An offer that only needs to be accepted."""

    pair: Pair
    offer_id: int

    @property
    def path(self) -> str:
        """Where to accept it."""
        return f"/api/v1/offers/{self.offer_id}/accept"


class Town:
    """Makes pairs and offers in a database that nobody serves yet."""

    def __init__(self, database: Database, pairs: Sequence[Pair]) -> None:
        self._database = database
        self._index = LiveIndex(busy_periods, stream_busy)
        self._hours = {pair: _hours() for pair in pairs}
        self.pairs = pairs

    async def one_slot(self, pair: Pair) -> list[Ready]:
        """Make an offer for each of a family's children, all at one hour of their supporter."""
        start_at = next(self._hours[pair])
        return await self._offers([(pair, [child], start_at) for child in pair.children])

    async def slots(self, count: int) -> list[Ready]:
        """Make offers that have nothing to do with one another."""
        pairs = itertools.islice(itertools.cycle(self.pairs), count)
        return await self._offers([(pair, [pair.children[0]], next(self._hours[pair])) for pair in pairs])

    async def _offers(self, wanted: list[tuple[Pair, list[int], datetime]]) -> list[Ready]:
        async with self._database.read() as session:
            await self._index.catch_up(session, now=utc_now())
        made: list[Ready] = []
        for begin in range(0, len(wanted), AT_ONCE):
            made += await self._database.write(partial(self._offer_all, wanted=wanted[begin : begin + AT_ONCE]))
        return made

    async def _offer_all(
        self, session: AsyncSession, *, wanted: Sequence[tuple[Pair, list[int], datetime]]
    ) -> list[Ready]:
        return [await self._offer(session, *one) for one in wanted]

    async def _offer(self, session: AsyncSession, pair: Pair, children: list[int], start_at: datetime) -> Ready:
        need = Need(
            kind=CareKind.CHILD_HOME, children=children, start_at=start_at, end_at=start_at + timedelta(hours=1)
        )
        now = utc_now()
        request = await open_request(session, self._index, by=pair.family, need=need, now=now)
        offer = await make_offer(session, by=pair.supporter, request_id=request.id, note="", now=now)
        return Ready(pair, offer.id)


async def found(database: Database, *, pairs: int = 1, children: int = 1) -> Town:
    """Migrate an empty database and settle an insured town there."""
    await migrate(database)

    async def work(session: AsyncSession) -> list[Pair]:
        area_id = await _area(session)
        return [await _pair(session, area_id, number, children) for number in range(pairs)]

    return Town(database, await database.write(work))


async def _area(session: AsyncSession) -> int:
    now = utc_now()
    area = await make_area(
        session,
        slug="misono",
        name_ja="美園",
        name_en="Misono",
        timezone="Asia/Tokyo",
        settings=AreaSettings(requests_a_day=UNLIMITED, bookings_a_day=UNLIMITED),
        now=now,
    )
    draft = PolicyDraft(
        insurer="さくら損害保険",
        number="SK-1",
        valid_from=now - timedelta(days=30),
        valid_until=now + timedelta(days=335),
        liability_yen=50_000_000,
        property_yen=50_000_000,
        terms=TERMS,
    )
    await make_policy(session, by_person_id=None, area_id=area.id, draft=draft, now=now)
    return area.id


async def _pair(session: AsyncSession, area_id: int, number: int, children: int) -> Pair:
    now = utc_now()
    family = await _person(session, area_id, f"family{number}", supports=False)
    await set_home(session, by=family, draft=HOME, now=now)
    draft = ChildDraft(name="子", birth_month=date(now.year - 5, 5, 1))
    kids = [(await add_child(session, by=family, draft=draft, now=now)).id for _ in range(children)]
    supporter = await _person(session, area_id, f"supporter{number}", supports=True)
    await set_home(session, by=supporter, draft=HOME, now=now)
    profile = SupporterDraft(
        kinds=list(CareKind), means=list(Means), capacity=2, travel_radius_m=3000, introduction="近所です"
    )
    await offer_support(session, by=supporter, draft=profile, now=now)
    week = [Weekly(weekday, 360, 1200) for weekday in range(7)]
    await set_weekly_hours(session, by=supporter, weekly=week, now=now)
    shown = await show_meeting_code(session, by=family, now=now)
    await meet(session, by=supporter, code=shown.code, now=now)
    await approve_friend(session, by=family, person_id=supporter.person_id, now=now)
    return Pair(family, tuple(kids), supporter)


async def _person(session: AsyncSession, area_id: int, name: str, *, supports: bool) -> Actor:
    """Settle someone who needs no password: tokens are signed with the key."""
    now = utc_now()
    household = Household(area_id=area_id, created_at=now)
    session.add(household)
    await session.flush()  # the person belongs to it
    person = Person(
        area_id=area_id,
        household_id=household.id,
        email=f"{name}@faults.example",
        password_hash="",
        name=name,
        phone="090-1234-5678",
        birth_date=date(1988, 4, 12),
        is_requester=not supports,
        is_supporter=supports,
        state=PersonState.ACTIVE,
        created_at=now,
    )
    session.add(person)
    await session.flush()  # the sign-in names it
    started, _ = await start_sign_in(session, person_id=person.id, device="faults", now=now, days=1)
    return await actor_of(session, AccessClaims(person.id, started.id), now=now)


def _hours() -> Iterator[datetime]:
    """Yield every hour of the coming half year in which a policy covers care."""
    today = utc_now().astimezone(ZONE).date()
    for day in range(2, HALF_A_YEAR):
        for hour in HOURS:
            yield datetime.combine(today + timedelta(days=day), time(hour), ZONE)
