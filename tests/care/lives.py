"""What people do before a care: they ask, offer, accept, withdraw; and time passes."""

import asyncio
from collections.abc import Callable, Coroutine
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, multiple, rule
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from care import steps
from care.model import DAYS, Asked, Booked, Cast, Offered
from conftest import Copies
from sharecare.care.models import Ask, CareRequest
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import expire_request, withdraw_request
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.journal.service import seal_facts
from sharecare.metrics.service import close_days, roll_up
from sharecare.registration.service import restore, suspend
from sharecare.verify import verify
from world import NOW

T = TypeVar("T")
HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
HOURS = st.integers(14, 17)  # few, so that they meet
SELDOM = st.sampled_from((False, False, False, True))


class Lives(RuleBasedStateMachine):
    """What leads to a booking, and what must come of it."""

    requests, offers, bookings = Bundle("requests"), Bundle("offers"), Bundle("bookings")

    def __init__(self, copies: Copies, first: Database, cast: Cast) -> None:
        super().__init__()
        self.runner, self.copies = asyncio.Runner(), copies
        self.database = Database(copies.copy(first.url), pool_size=2)
        self.cast = deepcopy(cast, {id(first): self.database})
        self.world = self.cast.world

    def teardown(self) -> None:
        self.runner.run(self._end())
        self.runner.close()
        self.copies.drop(self.database.url)

    async def _end(self) -> None:
        await self.world.database.write(lambda session: close_days(session, now=self.world.now))
        await self.world.database.write(lambda session: roll_up(session, now=self.world.now))
        await self.world.database.write(seal_facts)
        async with self.database.read() as session:
            breaches = await verify(session)
        await self.database.close()
        assert breaches == []

    def tried(self, doing: Coroutine[Any, Any, T], *, allowed: bool) -> T | None:
        """Do it; it is refused just where the model says so."""
        try:
            done = self.runner.run(doing)
        except Refusal as refusal:
            note(f"refused: {refusal}")
            assert not allowed
            return None
        assert allowed
        return done

    def do(self, verb: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]:
        return self.world.do(verb)

    def at(self, day: int, hour: int) -> datetime:
        """Return an hour in Japan."""
        return NOW.replace(hour=0) + timedelta(days=day, hours=hour - 9)

    @initialize(target=requests, family=st.integers(0, 1))
    def first_request(self, family: int) -> Asked | MultipleResults[Asked]:
        return self.opened(family, 0, 15, 2) or multiple()

    @rule(
        target=requests,
        family=st.integers(0, 1),
        day=st.integers(0, DAYS - 1),
        hour=HOURS,
        hours=st.integers(1, 2),
    )
    def open_request(self, family: int, day: int, hour: int, hours: int) -> Asked | MultipleResults[Asked]:
        start = self.at(day, hour)
        if start <= self.world.now:
            return multiple()
        return self.opened(family, day, hour, hours) or multiple()

    def opened(self, family: int, day: int, hour: int, hours: int) -> Asked | None:
        start, end = self.at(day, hour), self.at(day, hour) + hours * HOUR
        made = self.tried(
            steps.ask(self.world, self.cast.families[family], urgent=True, start_at=start, end_at=end),
            allowed=self.cast.is_free(start, end, helper=None, family=family),
        )
        if made is None:
            return None
        self.cast.requests.append(Asked(made.id, family, start, end))
        return self.cast.requests[-1]

    @rule(target=offers, request=requests, helper=st.integers(0, 1))
    def make_offer(self, request: Asked, helper: int) -> Offered | MultipleResults[Offered]:
        state = self.runner.run(self._ask_state(request, helper))
        if state is None:  # who was not asked can't even see the request
            return multiple()
        allowed = (
            request.state == "open"
            and self.world.now < request.start
            and state in {"open", "declined"}
            and self.cast.is_fit(helper, request.end)
        )
        actor = self.cast.helpers[helper].actor
        made = self.tried(
            self.do(lambda s: make_offer(s, by=actor, request_id=request.id, note="", now=self.world.now)),
            allowed=allowed,
        )
        if made is None:
            return multiple()
        self.cast.offers.append(Offered(made.id, request, helper))
        return self.cast.offers[-1]

    async def _ask_state(self, request: Asked, helper: int) -> str | None:
        who = self.cast.helpers[helper].actor.person_id
        async with self.database.read() as session:
            found = select(Ask.state).where(Ask.request_id == request.id, Ask.supporter_id == who)
            return (await session.exec(found)).first()

    @rule(target=bookings, offer=offers)
    def accept(self, offer: Offered) -> Booked | MultipleResults[Booked]:
        request = offer.request
        allowed = (
            offer.state == "open"
            and request.state == "open"
            and self.world.now < request.start
            and self.cast.is_fit(offer.helper, request.end)
            and self.cast.is_free(request.start, request.end, helper=offer.helper, family=request.family)
        )
        family = self.cast.families[request.family]
        made = self.tried(
            self.do(lambda s: accept_offer(s, by=family.actor, offer_id=offer.id, now=self.world.now)),
            allowed=allowed,
        )
        if made is None:
            return multiple()
        request.state, offer.state = "booked", "accepted"
        self.cast.close_offers(request)
        self.cast.bookings.append(Booked(made.id, offer, request.start, request.end))
        return self.cast.bookings[-1]

    @rule(
        target=bookings,
        family=st.integers(0, 1),
        helper=st.integers(0, 1),
        day=st.integers(0, DAYS - 1),
        hour=HOURS,
    )
    def book(self, family: int, helper: int, day: int, hour: int) -> Booked | MultipleResults[Booked]:
        """Go straight to a booking, or as far as it gets."""
        if self.at(day, hour) <= self.world.now:
            return multiple()
        request = self.opened(family, day, hour, 1)
        offer = self.make_offer(request, helper) if request else None
        return self.accept(offer) if isinstance(offer, Offered) else multiple()

    @rule(
        target=bookings,
        family=st.integers(0, 1),
        helper=st.integers(0, 1),
        day=st.integers(0, DAYS - 1),
        hour=HOURS,
        same_helper=st.booleans(),
    )
    def book_twice(
        self, family: int, helper: int, day: int, hour: int, *, same_helper: bool
    ) -> MultipleResults[Booked]:
        """Let two offers of one time stand, of one supporter or for one child, and accept both."""
        if self.at(day, hour) <= self.world.now:
            return multiple()
        requests = self.opened(family, day, hour, 2), self.opened(1 - family if same_helper else family, day, hour, 1)
        helpers = helper, helper if same_helper else 1 - helper
        offers = [self.make_offer(request, one) for request, one in zip(requests, helpers, strict=True) if request]
        booked = [self.accept(offer) for offer in offers if isinstance(offer, Offered)]
        return multiple(*(one for one in booked if isinstance(one, Booked)))

    @rule(request=requests, really=SELDOM)
    def withdraw(self, request: Asked, *, really: bool) -> None:
        if not really:
            return
        by = self.cast.families[request.family].actor
        allowed = request.state == "open"
        self.tried(
            self.do(lambda s: withdraw_request(s, by=by, request_id=request.id, reason="解決", now=self.world.now)),
            allowed=allowed,
        )
        if allowed:
            request.state = "withdrawn"
            self.cast.close_offers(request)

    @rule(helper=st.integers(0, 1), really=SELDOM)
    def suspend_or_restore(self, helper: int, *, really: bool) -> None:
        if not really and not self.cast.helpers[helper].suspended:
            return
        one, staff = self.cast.helpers[helper], self.world.staff
        who, now = one.actor.person_id, self.world.now
        if one.suspended:
            self.tried(self.do(lambda s: restore(s, person_id=who, by=staff, now=now)), allowed=True)
        else:
            self.tried(self.do(lambda s: suspend(s, person_id=who, by=staff, reason="確認中", now=now)), allowed=True)
        one.suspended = not one.suspended

    @rule(halves=st.integers(1, 4))
    def pass_time(self, halves: int) -> None:
        self.come_to(self.world.now + halves * HALF_HOUR)

    def come_to(self, moment: datetime) -> None:
        self.world.now = moment
        late = [one for one in self.cast.requests if one.state == "open" and one.start <= self.world.now]
        for request in late:
            self.tried(self.do(partial(self._expire, request_id=request.id)), allowed=True)
            request.state = "expired"
            self.cast.close_offers(request)

    async def _expire(self, session: AsyncSession, request_id: int) -> None:
        request = await session.get_one(CareRequest, request_id)
        await expire_request(session, request=request, now=self.world.now)
