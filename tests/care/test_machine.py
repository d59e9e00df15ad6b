"""Anyone may do anything in any order: a plain model says what must happen, on both databases.

More lives: `pytest tests/care/test_machine.py --hypothesis-profile=faults`, and `nightly` for more and longer ones.
"""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care import steps
from care.lives import HALF_HOUR, Lives
from care.model import LIVE, Booked, gather
from conftest import Copies
from sharecare.accounts.rules import Actor
from sharecare.care.afterwards import close_if_left_over
from sharecare.care.changes import agree_change, propose_change
from sharecare.care.models import Booking, BookingChild, CareRequest
from sharecare.care.no_show import contest_no_show, decide_no_show, report_no_show, take_back_no_show
from sharecare.db import Database
from sharecare.insurance.models import Cover

OVERDUE = timedelta(minutes=15)
COVER_OF = {"confirmed": "bound", "in_care": "in_force", "completed": "ended", "cancelled": "voided"}
LIVES = 15  # of the usual 50 steps each; a hundred take two minutes more of every run
PROFILES = frozenset({"faults", "nightly"})


class Bookings(Lives):
    """What becomes of a booking, and what the database must say of all of it."""

    bookings = Lives.bookings

    @rule(booking=bookings, by_helper=st.booleans())
    def cancel(self, booking: Booked, *, by_helper: bool) -> None:
        request = booking.offer.request
        allowed = booking.state == "confirmed" and self.world.now < booking.end
        by = self.one_of(booking, helper=by_helper)
        self.tried(steps.cancel(self.world, by, self.row(booking)), allowed=allowed)
        if allowed:
            booking.end_unbegun("open" if by_helper and request.start > self.world.now else "cancelled")

    @rule(booking=bookings, by_helper=st.booleans())
    def miss(self, booking: Booked, *, by_helper: bool) -> None:
        if booking.state == "confirmed" and self.world.now <= booking.start:
            self.come_to(booking.start + OVERDUE)
        allowed = booking.state == "confirmed" and booking.start + OVERDUE <= self.world.now
        by = self.one_of(booking, helper=by_helper)
        verb = partial(report_no_show, by=by, booking_id=booking.id, now=self.world.now)
        self.tried(self.do(verb), allowed=allowed)
        if allowed:
            booking.end_unbegun()
            booking.missed_by_helper = by_helper

    @rule(booking=bookings, by_helper=st.booleans())
    def take_back(self, booking: Booked, *, by_helper: bool) -> None:
        allowed = (
            booking.missed_by_helper is by_helper
            and self.world.now < booking.end
            and self.cast.is_fit(booking.offer.helper, booking.end)
            and self.has_room(booking)
        )
        by = self.one_of(booking, helper=by_helper)
        verb = partial(take_back_no_show, by=by, booking_id=booking.id, now=self.world.now)
        self.tried(self.do(verb), allowed=allowed)
        if allowed:
            booking.reinstate()

    @rule(booking=bookings, stands=st.booleans())
    def contest(self, booking: Booked, *, stands: bool) -> None:
        """Let the other side contest a no-show, and staff decide once its time is over."""
        missed = booking.missed_by_helper
        if missed is not None:
            self.come_to(max(self.world.now, booking.end))
        by, staff = self.one_of(booking, helper=not missed), self.world.staff
        facts: dict[str, Any] = {"booking_id": booking.id, "now": self.world.now}

        async def decided(session: AsyncSession) -> None:
            await contest_no_show(session, by=by, because="いました", **facts)
            await decide_no_show(session, by=staff, stands=stands, reason="確認", **facts)

        self.tried(self.do(decided), allowed=missed is not None and not booking.contested)
        if missed is not None and not booking.contested:
            booking.contested, booking.missed_by_helper = True, missed if stands else None

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
        missed = booking.missed_by_helper is not None and self.has_room(booking)
        over = (booking.state == "confirmed" or missed) and self.world.now >= booking.end
        row = self.row(booking)
        ended_at = (row.started_at or booking.start) + timedelta(minutes=took_min)
        allowed = (over or booking.state == "in_care") and ended_at <= self.world.now
        self.tried(steps.record_afterwards(self.world, row, ended_at), allowed=allowed)
        if allowed:
            booking.reinstate()
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
            booking.end_unbegun()

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

    @rule(booking=bookings, late_min=st.sampled_from((0, 20, 60)), to_end=st.booleans())
    def live(self, booking: Booked, late_min: int, *, to_end: bool) -> None:
        """Let the day come on which a child is handed over, and back."""
        if booking.state == "confirmed" and self.world.now <= booking.start:
            self.come_to(booking.start + timedelta(minutes=late_min))
            self.start(booking)
        if booking.state == "in_care" and to_end:
            self.come_to(max(self.world.now, booking.end + timedelta(minutes=late_min)))
            self.finish(booking)

    def one_of(self, booking: Booked, *, helper: bool) -> Actor:
        """Return one side of a booking."""
        offer = booking.offer
        return self.cast.helpers[offer.helper].actor if helper else self.cast.families[offer.request.family].actor

    def has_room(self, booking: Booked) -> bool:
        """Say whether nobody of a booking is in another one meanwhile."""
        offer = booking.offer
        return self.cast.is_free(
            booking.start, booking.end, helper=offer.helper, family=offer.request.family, but=booking
        )

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

    class Here(Bookings):
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
