"""What a process knows after a start from cold is what one knows that followed every change."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import pairwise

import pytest
from sqlalchemy.exc import NoResultFound
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book, cancel
from matching.followed import rankings_after_following, rankings_of_a_fresh_load
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import HomeDraft, SupporterDraft
from sharecare.accounts.service import offer_support, set_home
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings, CareKind, Level, Means
from sharecare.areas.service import change_settings
from sharecare.availability.models import HoursException
from sharecare.availability.rules import ExceptionKind, Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.matching.feed import LiveIndex
from sharecare.registration.service import restore, suspend
from sharecare.trust import rules as trust_rules
from sharecare.trust.blocks import block, unblock
from sharecare.trust.communities import approve_member, ask_to_join, leave_community, make_community
from sharecare.trust.models import Community, Membership
from sharecare.trust.rules import CommunityKind
from sharecare.trust.schemas import CommunityDraft
from sharecare.trust.service import meet, record_support, show_meeting_code, unfriend, vouch
from world import HOME, Family, World, make_world

PEOPLE = 8
COMMUNITIES = 2
SMALL = 3  # members, where the town has 300: so that a few who join and leave change what a community weighs
Deed = Callable[[AsyncSession], Awaitable[object]]


class Life:
    """A town in which anything may happen next."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self.world = world
        self.dice = dice
        self.families: list[Family] = []
        self.supporters: list[Actor] = []

    async def begin(self) -> None:
        self.families = [await self.world.family(name) for name in ("Aoki", "Baba")]
        levels = (Level.REGISTERED, Level.IDENTIFIED, Level.CERTIFIED, Level.CERTIFIED, Level.CERTIFIED)
        for name, level in zip(("Chiba", "Doi", "Endo", "Fuji", "Goto"), levels, strict=True):
            at = HOME[0] + self.dice.uniform(-0.01, 0.01), HOME[1] + self.dice.uniform(-0.01, 0.01)
            self.supporters.append(await self.world.supporter(name, level=level, at=at))

    async def happen(self, times: int) -> None:
        """Do some things of all kinds, and book."""
        for _ in range(times):
            done = await self._do_one_of(
                self._hours, self._exception, self._home, self._offer, self._vouch, self._block, self._join,
                self._leave, self._suspend, self._support, self._befriend, self._part, self._rules,
            )  # fmt: skip
            if done and self.dice.random() < 0.3:
                await self._book()

    async def come_and_go(self, times: int) -> None:
        """Join and leave communities."""
        for _ in range(times):
            await self._do_one_of(self._join, self._join, self._join, self._leave, self._leave, self._suspend)

    async def _do_one_of(self, *deeds: Callable[[Actor, Actor, AsyncSession], Awaitable[None]]) -> bool:
        """Do something; a refusal is life."""
        try:
            await self.world.do(partial(self.dice.choice(deeds), self._one(), self._one()))
        except Refusal:
            return False
        return True

    def _one(self) -> Actor:
        return self.dice.choice([*self.supporters, *(family.actor for family in self.families)])

    async def _book(self) -> None:
        family, helper = self.dice.choice(self.families), self.dice.choice(self.supporters)
        start_at = self.world.now + timedelta(days=1, hours=self.dice.randrange(0, 30))
        try:
            booking = await book(self.world, family, helper, start_at=start_at, end_at=start_at + timedelta(hours=2))
            if self.dice.random() < 0.3:
                await cancel(self.world, helper, booking)
        except (Refusal, NoResultFound):  # nothing, or the helper was not asked
            return

    async def _hours(self, one: Actor, _other: Actor, session: AsyncSession) -> None:
        until = self.dice.choice((None, date(2026, 6, 3)))
        week = [Weekly(day, self.dice.randrange(0, 1200), 1400, None, until) for day in self.dice.sample(range(7), 4)]
        await set_weekly_hours(session, by=one, weekly=week, now=self.world.now)

    async def _exception(self, one: Actor, _other: Actor, session: AsyncSession) -> None:
        kind, on_date = self.dice.choice(list(ExceptionKind)), date(2026, 6, self.dice.randrange(1, 5))
        session.add(
            HoursException(person_id=one.person_id, on_date=on_date, start_minute=600, end_minute=1080, kind=kind)
        )
        record(session, kind=FactKind.HOURS_CHANGED, at=self.world.now, person_id=one.person_id)

    async def _home(self, one: Actor, _other: Actor, session: AsyncSession) -> None:
        lat, lon = HOME[0] + self.dice.uniform(-0.01, 0.01), HOME[1] + self.dice.uniform(-0.01, 0.01)
        draft = HomeDraft(lat=lat, lon=lon, address="美園4-5-6")
        await set_home(session, by=one, draft=draft, now=self.world.now)

    async def _offer(self, _one: Actor, _other: Actor, session: AsyncSession) -> None:
        draft = SupporterDraft(
            kinds=self.dice.sample(list(CareKind), 3),
            means=[Means.FOOT],
            capacity=self.dice.randrange(1, 4),
            travel_radius_m=self.dice.choice((800, 3000)),
            timezone=self.dice.choice(("Asia/Tokyo", "America/New_York")),
            paused=self.dice.random() < 0.2,
        )
        await offer_support(session, by=self.dice.choice(self.supporters), draft=draft, now=self.world.now)

    async def _vouch(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        shown = await show_meeting_code(session, by=one, now=self.world.now)
        await meet(session, by=other, code=shown.code, now=self.world.now)
        if self.dice.random() < 0.7:
            await unfriend(session, by=other, person_id=one.person_id, now=self.world.now)
        await vouch(session, by=one, person_id=other.person_id, level=Level.IDENTIFIED, now=self.world.now)

    async def _befriend(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        shown = await show_meeting_code(session, by=one, now=self.world.now)
        await meet(session, by=other, code=shown.code, now=self.world.now)

    async def _part(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        await unfriend(session, by=one, person_id=other.person_id, now=self.world.now)

    async def _support(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        low, high = sorted((one.person_id, other.person_id))
        if low < high:
            await record_support(session, one=low, other=high, now=self.world.now)
            record(session, kind=FactKind.TIE_CHANGED, at=self.world.now, person_id=low, other_id=high)

    async def _block(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        deed = block if self.dice.random() < 0.7 else unblock
        await deed(session, by=one, person_id=other.person_id, now=self.world.now)

    async def _join(self, one: Actor, other: Actor, session: AsyncSession) -> None:
        now = self.world.now
        there = (await session.exec(select(Community))).all()
        if len(there) < COMMUNITIES:
            draft = CommunityDraft(name="ひまわり組", kind=CommunityKind.NURSERY)
            there = [await make_community(session, by=one, draft=draft, now=now)]
        joined = self.dice.choice(there)
        await ask_to_join(session, by=other, community_id=joined.id, now=now)
        steward = replace(one, person_id=joined.steward_id)
        await approve_member(session, by=steward, community_id=joined.id, person_id=other.person_id, now=now)

    async def _leave(self, one: Actor, _other: Actor, session: AsyncSession) -> None:
        theirs = select(Membership.community_id).where(Membership.person_id == one.person_id)
        if ids := (await session.exec(theirs.order_by(col(Membership.community_id)))).all():
            await leave_community(session, by=one, community_id=self.dice.choice(ids), now=self.world.now)

    async def _suspend(self, one: Actor, _other: Actor, session: AsyncSession) -> None:
        staff, now = self.world.staff, self.world.now
        if self.dice.random() < 0.5:
            await suspend(session, person_id=one.person_id, by=staff, reason="確認中", now=now)
        else:
            await restore(session, person_id=one.person_id, by=staff, now=now)

    async def _rules(self, _one: Actor, _other: Actor, session: AsyncSession) -> None:
        area: Area = await area_by_id(session, self.world.area_id)
        units = self.dice.choice((("care", "health"), AreaSettings().course_units))
        settings = AreaSettings(course_units=units)
        await change_settings(session, area=area, settings=settings, by_person_id=1, now=self.world.now)


@pytest.mark.parametrize("seed", range(3))
async def test_a_cold_start_equals_following_every_change(database: Database, seed: int) -> None:
    life = Life(await make_world(database), random.Random(seed))
    await life.begin()
    for _ in range(3):
        await life.happen(12)
        followed = await rankings_after_following(life.world, PEOPLE)
        assert followed == await rankings_of_a_fresh_load(life.world, PEOPLE)
        assert any(ids for ids, *_ in followed)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_cold_start_equals_following_communities(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fails when only those who join or leave are read again, for what the others' membership counts for.
    monkeypatch.setattr(trust_rules, "SMALL_COMMUNITY", SMALL)
    life = Life(await make_world(database), random.Random(seed))
    await life.begin()
    for _ in range(8):
        await life.come_and_go(3)
        followed = await rankings_after_following(life.world, PEOPLE)
        assert followed == await rankings_of_a_fresh_load(life.world, PEOPLE)


async def test_a_voucher_s_lapse_is_noticed_by_both(database: Database) -> None:
    life = Life(await make_world(database), random.Random(7))
    await life.begin()
    world, (family, *_), voucher = life.world, life.families, life.supporters[2]

    async def vouched(session: AsyncSession) -> None:
        shown = await show_meeting_code(session, by=voucher, now=world.now)
        await meet(session, by=family.actor, code=shown.code, now=world.now)
        await vouch(session, by=voucher, person_id=family.actor.person_id, level=Level.IDENTIFIED, now=world.now)

    await world.do(vouched)
    assert await rankings_after_following(world, PEOPLE) == await rankings_of_a_fresh_load(world, PEOPLE)
    world.now += timedelta(days=4000)
    assert await rankings_after_following(world, PEOPLE) == await rankings_of_a_fresh_load(world, PEOPLE)


async def test_an_empty_database_loads(database: Database) -> None:
    world = await make_world(database)
    assert await rankings_of_a_fresh_load(world, 2) == await rankings_after_following(world, 2)


async def test_loading_tells_how_far_it_is(database: Database) -> None:
    world = await make_world(database)
    await world.supporter("Chiba")
    told: list[tuple[str, float]] = []
    async with database.read() as session:
        index = LiveIndex(busy_periods, stream_busy)
        await index.catch_up(session, now=world.now, progress=lambda what, share: told.append((what, share)))
    assert told[0] == ("standings", 0.0)
    assert told[-1] == ("ready", 1.0)
    assert all(before <= after + 1e-9 for (_, before), (_, after) in pairwise(told))


async def test_a_community_weighs_for_those_who_stay_what_its_size_now_says(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who left was read again, who stayed was not: the index scored them by the size that the community had before.
    monkeypatch.setattr(trust_rules, "SMALL_COMMUNITY", SMALL)
    world = await make_world(database)
    staff, family = world.staff, (await world.family("Aoki")).actor
    stays, goes = await world.supporter("Chiba"), await world.supporter("Doi")

    async def made(session: AsyncSession) -> int:
        draft = CommunityDraft(name="ひまわり組", kind=CommunityKind.NURSERY)
        return (await make_community(session, by=family, draft=draft, now=world.now)).id

    community_id = await world.do(made)

    async def let_in(one: Actor, session: AsyncSession) -> None:
        await ask_to_join(session, by=one, community_id=community_id, now=world.now)
        await approve_member(session, by=family, community_id=community_id, person_id=one.person_id, now=world.now)

    async def followed() -> object:
        seen = await rankings_after_following(world, PEOPLE)
        assert seen == await rankings_of_a_fresh_load(world, PEOPLE)
        return seen

    for one in (stays, staff):
        await world.do(partial(let_in, one))
    small = await followed()
    await world.do(partial(let_in, goes))
    assert await followed() != small
    await world.do(partial(leave_community, by=goes, community_id=community_id, now=world.now))
    assert await followed() == small


async def test_a_community_that_ends_is_nobody_s_any_more(database: Database) -> None:
    # Members who were suspended when the last other left were named by no fact: restored, they still shared it.
    world = await make_world(database)
    family, members = (await world.family("Aoki")).actor, [await world.supporter(name) for name in ("Chiba", "Doi")]

    async def made(session: AsyncSession) -> int:
        draft = CommunityDraft(name="ひまわり組", kind=CommunityKind.NURSERY)
        made = await make_community(session, by=family, draft=draft, now=world.now)
        for one in members:
            await ask_to_join(session, by=one, community_id=made.id, now=world.now)
            await approve_member(session, by=family, community_id=made.id, person_id=one.person_id, now=world.now)
        return made.id

    community_id = await world.do(made)
    for one in members:
        await world.do(partial(suspend, person_id=one.person_id, by=world.staff, reason="確認中", now=world.now))
    await world.do(partial(leave_community, by=family, community_id=community_id, now=world.now))
    for one in members:
        await world.do(partial(restore, person_id=one.person_id, by=world.staff, now=world.now))
    assert await rankings_after_following(world, PEOPLE) == await rankings_of_a_fresh_load(world, PEOPLE)
