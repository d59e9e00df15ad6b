"""Invariant 4: after every catching up, the report equals the slow recount from the bookings.

Random lives of a small town, led through the services; what they refuse is part of life.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from care import steps
from metrics.recount import ZONE, recount, recount_levels
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.rules import Level
from sharecare.care.bookings import cancel_booking
from sharecare.care.care_day import finish_care
from sharecare.care.models import Ask, Booking, CareRequest, Offer
from sharecare.care.no_show import contest_no_show, decide_no_show, report_no_show, take_back_no_show
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import open_request, withdraw_request
from sharecare.care.rules import BookingState, CareEnd, handover_pin
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.metrics.report import report
from sharecare.metrics.schemas import Audience
from sharecare.metrics.service import close_days, roll_up
from sharecare.registration.service import restore, suspend
from sharecare.verify import verify
from world import KEY, NOW, Family, World, make_world

T = TypeVar("T")
FIRST = date(2026, 6, 1)
STEPS = 70


@dataclass(slots=True)
class Life:
    """What happens next in a town, by chance."""

    world: World
    chance: Random
    families: list[Family] = field(default_factory=list)
    helpers: list[Actor] = field(default_factory=list)

    async def settle(self) -> None:
        self.families = [await self.world.family(name) for name in ("Alice", "Carol", "Dora")]
        levels = (Level.CERTIFIED, Level.IDENTIFIED, Level.CERTIFIED)
        for name, level in zip(("Bob", "Erin", "Frank"), levels, strict=True):
            self.helpers.append(await self.world.supporter(name, level=level))
        for family in self.families:
            for helper in self.helpers[: self.chance.randint(1, 3)]:
                await self.world.befriend(family.actor, helper)

    async def step(self) -> None:
        """Let some time pass and something happen."""
        self.world.now += timedelta(minutes=self.chance.choice((1, 4, 7, 40, 200)))
        happenings = [*[self.ask, self.offer, self.accept] * 3, self.withdraw, self.cancel, self.decide, self.miss]
        happenings += [self.start, self.start, self.finish, self.finish, self.suspend_or_restore]
        with suppress(Refusal):
            await self.chance.choice(happenings)()

    async def ask(self) -> None:
        family = self.chance.choice(self.families)
        morning = (self.world.now + timedelta(days=1)).astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
        start_at = morning.replace(hour=self.chance.randint(7, 17))
        need = family.need(start_at=start_at, end_at=start_at + timedelta(hours=self.chance.randint(1, 3)))
        await self._do(lambda s: open_request(s, self.world.index, by=family.actor, need=need, now=self.world.now))

    async def offer(self) -> None:
        ask = await self._one(select(Ask).where(Ask.state == "open").order_by(col(Ask.id).desc()))
        helper = next(one for one in self.helpers if one.person_id == ask.supporter_id)
        await self._do(lambda s: make_offer(s, by=helper, request_id=ask.request_id, note="", now=self.world.now))

    async def accept(self) -> None:
        offer = await self._one(select(Offer).where(Offer.state == "open").order_by(col(Offer.id).desc()))
        by = self.families[0].actor
        await self._do(lambda s: accept_offer(s, by=by, offer_id=offer.id, now=self.world.now))

    async def withdraw(self) -> None:
        request = await self._one(
            select(CareRequest).where(CareRequest.state == "open").order_by(col(CareRequest.id).desc())
        )
        by = self.families[0].actor
        await self._do(lambda s: withdraw_request(s, by=by, request_id=request.id, reason="解決", now=self.world.now))

    async def cancel(self) -> None:
        booking = await self._one(_bookings("confirmed").where(col(Booking.end_at) > self.world.now))
        helper = next(one for one in self.helpers if one.person_id == booking.supporter_id)
        by = self.chance.choice((helper, self.families[0].actor))
        await self._do(
            lambda s: cancel_booking(
                s, self.world.index, by=by, booking_id=booking.id, reason="急用", now=self.world.now
            )
        )

    async def decide(self) -> None:
        """Have staff decide on what neither began nor was cancelled in time."""
        booking = await self._one(_bookings("confirmed").where(col(Booking.end_at) <= self.world.now))
        if self.chance.random() < 0.5:
            await steps.close_unstarted(self.world, booking.id)
        else:
            await steps.record_afterwards(self.world, booking, booking.end_at)

    async def miss(self) -> None:
        """Report a no-show; sometimes it is taken back, or staff strike it off."""
        booking = await self._one(_bookings("confirmed"))
        helper = next(one for one in self.helpers if one.person_id == booking.supporter_id)
        family = await steps.parent_of(self.world, booking)
        self.world.now = max(self.world.now, booking.start_at + timedelta(minutes=15))
        its: dict[str, Any] = {"booking_id": booking.id, "now": self.world.now}
        await self._do(lambda s: report_no_show(s, by=family, **its))
        then = self.chance.random()
        if then < 0.4:
            await self._do(lambda s: take_back_no_show(s, by=family, **its))
        elif then < 0.8:
            await self._do(lambda s: contest_no_show(s, by=helper, because="いました", **its))
            stands, staff = self.chance.random() < 0.3, self.world.staff
            await self._do(lambda s: decide_no_show(s, by=staff, stands=stands, reason="確認", **its))

    async def start(self) -> None:
        booking = await self._one(_bookings("confirmed"))
        self.world.now = max(self.world.now, booking.start_at + timedelta(minutes=self.chance.choice((0, 3))))
        by, _pin = self._handover(booking, CareEnd.START)
        with suppress(Refusal):
            await steps.start(self.world, by, booking)

    async def finish(self) -> None:
        booking = await self._one(_bookings("in_care"))
        late = timedelta(minutes=self.chance.choice((-20, 5, 45)))
        self.world.now = max(self.world.now, booking.end_at + late)
        by, pin = self._handover(booking, CareEnd.FINISH)
        await self._do(lambda s: finish_care(s, by=by, booking_id=booking.id, pin=pin, key=KEY, now=self.world.now))

    async def suspend_or_restore(self) -> None:
        who, staff, now = self.chance.choice(self.helpers).person_id, self.world.staff, self.world.now
        if self.chance.random() < 0.15:
            await self._do(lambda s: suspend(s, person_id=who, by=staff, reason="確認", now=now))
        else:
            await self._do(lambda s: restore(s, person_id=who, by=staff, now=now))

    def _handover(self, booking: Booking, end: CareEnd) -> tuple[Actor, str]:
        helper = next(one for one in self.helpers if one.person_id == booking.supporter_id)
        return helper, handover_pin(KEY, booking.id, end, helper.person_id)

    async def _do(self, verb: Callable[[AsyncSession], Awaitable[object]]) -> None:
        await self.world.do(verb)

    async def _one(self, statement: SelectOfScalar[T]) -> T:
        async with self.world.database.read() as session:
            rows = (await session.exec(statement)).all()
        if not rows:
            raise Refusal
        return rows[0] if self.chance.random() < 0.7 else self.chance.choice(rows)


def _bookings(state: str) -> SelectOfScalar[Booking]:
    return select(Booking).where(Booking.state == state).order_by(col(Booking.start_at), col(Booking.id))


async def catch_up(database: Database, now: datetime) -> None:
    await database.write(lambda session: close_days(session, now=now))
    await database.write(lambda session: roll_up(session, now=now))


async def figures(session: AsyncSession, area: Area, first: date, last: date) -> dict[str, float | None]:
    told = await report(session, area=area, first_day=first, last_day=last, audience=Audience.OPERATOR)
    return {figure.name: figure.value for figure in told.figures}


@pytest.mark.parametrize("seed", [3, 10, 12])
async def test_the_report_equals_the_recount_at_every_moment(database: Database, seed: int) -> None:
    world = await make_world(database)
    life = Life(world, Random(seed))
    await life.settle()
    for _ in range(STEPS):
        await life.step()
        await catch_up(database, world.now)
        today = world.now.astimezone(ZONE).date()
        async with database.read() as session:
            area = (await session.exec(select(Area))).one()
            for first in (FIRST, today):
                counted = await recount(session, area_id=area.id, first=first, last=today)
                told = await figures(session, area, first, today)
                assert {name: told[name] for name in counted} == pytest.approx(counted)
    async with database.read() as session:
        assert await verify(session) == []
        lived = set(await session.exec(select(Booking.state)))
    assert lived >= {BookingState.COMPLETED, BookingState.CANCELLED}


async def test_levels_equal_the_recount_as_papers_lapse(database: Database) -> None:
    world = await make_world(database)
    for name, level in (("Bob", Level.CERTIFIED), ("Erin", Level.TRAINED), ("Frank", Level.REGISTERED)):
        await world.supporter(name, level=level, first_aid_on=date(2021, 6, 3))
    for day in range(4):
        now = NOW + timedelta(days=day)
        await catch_up(database, now)
        today = now.astimezone(ZONE).date()
        async with database.read() as session:
            area = (await session.exec(select(Area))).one()
            told = await report(session, area=area, first_day=today, last_day=today, audience=Audience.OPERATOR)
            counted = await recount_levels(session, area_id=area.id, at=now)
        groups = {group.label: group.value for group in told.breakdowns[0].groups}
        assert groups == {level.name.lower(): count for level, count in counted.items()}
