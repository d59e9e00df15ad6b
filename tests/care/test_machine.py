"""Anyone may do anything in any order: a plain model says what must happen, on both databases.

More lives: `pytest tests/care/test_machine.py --hypothesis-profile=faults`, and `nightly` for more and longer ones.
"""

import asyncio
from collections.abc import Callable, Coroutine
from copy import deepcopy
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care import steps
from care.model import DAYS, LIVE, Asked, Booked, Cast, Offered, gather
from conftest import Copies
from sharecare.care.afterwards import close_if_left_over
from sharecare.care.changes import agree_change, propose_change
from sharecare.care.models import Ask, Booking, BookingChild, CareRequest
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import expire_request, withdraw_request
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.insurance.models import Cover
from sharecare.journal.service import seal_facts
from sharecare.metrics.service import close_days, roll_up
from sharecare.registration.service import restore, suspend
from sharecare.verify import verify
from world import NOW

T = TypeVar("T")
HOUR, HALF_HOUR = timedelta(hours=1), timedelta(minutes=30)
COVER_OF = {"confirmed": "bound", "in_care": "in_force", "completed": "ended", "cancelled": "voided"}
LIVES = 15  # of the usual 50 steps each; a hundred take two minutes more of every run
PROFILES = frozenset({"faults", "nightly"})
HOURS = st.integers(14, 17)  # few, so that they meet
SELDOM = st.sampled_from((False, False, False, True))


class Lives(RuleBasedStateMachine):
    """What people do, and what must come of it."""

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

    @rule(booking=bookings, by_helper=st.booleans())
    def cancel(self, booking: Booked, *, by_helper: bool) -> None:
        request = booking.offer.request
        allowed = booking.state == "confirmed" and self.world.now < booking.end
        helper, family = self.cast.helpers[booking.offer.helper], self.cast.families[request.family]
        by = helper.actor if by_helper else family.actor
        self.tried(steps.cancel(self.world, by, self.row(booking)), allowed=allowed)
        if allowed:
            booking.state, booking.offer.state = "cancelled", "ended"
            request.state = "open" if by_helper and request.start > self.world.now else "cancelled"

    @rule(booking=bookings)
    def start(self, booking: Booked) -> None:
        allowed = (
            booking.state == "confirmed"
            and booking.start <= self.world.now < booking.end
            and self.cast.is_fit(booking.offer.helper, booking.end)
        )
        helper = self.cast.helpers[booking.offer.helper].actor
        self.tried(steps.start(self.world, helper, self.row(booking)), allowed=allowed)
        if allowed:
            booking.state = "in_care"

    @rule(booking=bookings)
    def finish(self, booking: Booked) -> None:
        allowed = booking.state == "in_care"
        helper = self.cast.helpers[booking.offer.helper].actor
        self.tried(steps.finish(self.world, helper, self.row(booking)), allowed=allowed)
        if allowed:
            booking.state, booking.offer.request.state = "completed", "done"

    @rule(booking=bookings, took_min=st.sampled_from((1, 60, 200)))
    def record(self, booking: Booked, took_min: int) -> None:
        """Let staff put down what nobody did on the day."""
        over = booking.state == "confirmed" and self.world.now >= booking.end
        row = self.row(booking)
        ended_at = (row.started_at or booking.start) + timedelta(minutes=took_min)
        allowed = (over or booking.state == "in_care") and ended_at <= self.world.now
        self.tried(steps.record_afterwards(self.world, row, ended_at), allowed=allowed)
        if allowed:
            booking.state, booking.offer.request.state = "completed", "done"

    @rule(booking=bookings, by_time=st.booleans())
    def close_never_started(self, booking: Booked, *, by_time: bool) -> None:
        waited = timedelta(days=7) if by_time else timedelta()
        allowed = booking.state == "confirmed" and self.world.now >= booking.end + waited
        if by_time:
            self.runner.run(self.do(partial(close_if_left_over, booking_id=booking.id, now=self.world.now)))
        else:
            self.tried(steps.close_unstarted(self.world, booking.id), allowed=allowed)
        if allowed:
            booking.state, booking.offer.state, booking.offer.request.state = "cancelled", "ended", "cancelled"

    @rule(booking=bookings)
    def prolong(self, booking: Booked) -> None:
        later = booking.end + HALF_HOUR
        offer = booking.offer
        closes = booking.end.replace(hour=11, minute=0)  # 20:00 in Japan, as the policy ends its days
        allowed = (
            booking.state in LIVE
            and self.world.now <= later <= closes
            and self.cast.is_fit(offer.helper, later)
            and self.cast.is_free(booking.start, later, helper=offer.helper, family=offer.request.family, but=booking)
        )
        family, helper = self.cast.families[offer.request.family].actor, self.cast.helpers[offer.helper].actor

        async def agreed(session: AsyncSession) -> None:
            now = self.world.now
            change = await propose_change(session, by=family, booking_id=booking.id, new_end_at=later, now=now)
            await agree_change(session, by=helper, change_id=change.id, now=now)

        self.tried(self.do(agreed), allowed=allowed)
        if allowed:
            booking.end = later

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

    @rule(booking=bookings, late_min=st.sampled_from((0, 20, 60)), to_end=st.booleans())
    def live(self, booking: Booked, late_min: int, *, to_end: bool) -> None:
        """Let the day come on which a child is handed over, and back."""
        if booking.state == "confirmed" and self.world.now <= booking.start:
            self.come_to(booking.start + timedelta(minutes=late_min))
            self.start(booking)
        if booking.state == "in_care" and to_end:
            self.come_to(max(self.world.now, booking.end + timedelta(minutes=late_min)))
            self.finish(booking)

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

    def row(self, booking: Booked) -> Booking:
        found: Booking = self.runner.run(steps.row(self.world, Booking, booking.id))
        return found

    @invariant()
    def the_database_says_the_same(self) -> None:
        self.runner.run(self._compare())

    async def _compare(self) -> None:
        async with self.database.read() as session:
            requests = await session.exec(select(CareRequest.id, CareRequest.state))
            assert dict(requests.all()) == {one.id: one.state for one in self.cast.requests}
            kept = select(Booking, Cover).join(Cover, col(Cover.id) == Booking.cover_id).order_by(col(Booking.id))
            rows = (await session.exec(kept)).all()
            held = set(await session.exec(select(BookingChild.booking_id).where(BookingChild.live)))
        assert [(row.id, row.state, row.start_at, row.end_at, cover.state) for row, cover in rows] == [
            (one.id, one.state, one.start, one.end, COVER_OF[one.state]) for one in self.cast.bookings
        ]
        assert all(
            cover.start_at <= row.start_at and cover.end_at >= row.end_at for row, cover in rows if row.state in LIVE
        )
        assert held == {one.id for one in self.cast.bookings if one.state in LIVE}


def test_whatever_people_do_the_model_says_what_comes_of_it(copies: Copies) -> None:
    with asyncio.Runner() as runner:
        first = Database(copies.copy(copies.migrated), pool_size=2)
        cast = runner.run(gather(first))
        runner.run(first.close())

    class Here(Lives):
        def __init__(self) -> None:
            super().__init__(copies, first, cast)

    lives = settings().max_examples if settings.get_current_profile_name() in PROFILES else LIVES
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=lives,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
