"""What becomes of a booking in the demo: cancelled, lived as agreed, extended, ended early, collected late."""

from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.booking_schemas import CostLineDraft, Settlement
from sharecare.care.bookings import cancel_booking
from sharecare.care.care_day import finish_care, record_thanks, start_care
from sharecare.care.changes import agree_change, propose_change
from sharecare.care.contacts import set_contacts
from sharecare.care.diary import send_thanks, take_note, write_report
from sharecare.care.models import Booking, CareRequest
from sharecare.care.pre_meeting import write_sheet
from sharecare.care.queries import booking_view
from sharecare.care.rules import LIVE, CareEnd, CostKind, HandoverBy, handover_pin
from sharecare.demo.mishaps import Mishaps
from sharecare.demo.papers import (
    NOTES,
    REPORTS,
    THANKS,
    checks_for,
    contacts_for,
    read_and_agree,
    said_of,
    sheet_for,
)
from sharecare.demo.stage import MINUTE, Stage, awake

COLLECTED_LATE = 7  # the number of the care whose parent is stuck on a train
LATE_BY = 22 * MINUTE  # within the policy's 30 minutes of grace


class CareLife:
    """From the day of booking to the thanks."""

    def __init__(self, stage: Stage, mishaps: Mishaps) -> None:
        self._stage = stage
        self._mishaps = mishaps
        self._rng = stage.rng
        self._started = 0
        self._met: set[tuple[int, int]] = set()

    async def expect(self, request_id: int) -> None:
        """Plan what a new booking will live through."""
        booking = await self._booking_of(request_id)
        roll, days = self._rng.random(), self._stage.days
        await self._hold_pre_meeting(booking)
        before = max(days.now, booking.start_at - timedelta(hours=self._rng.choice((3, 9, 20))))
        if roll < 0.04:
            days.at(awake(before), lambda: self._cancel(booking, self._family(booking), "子どもが熱を出したため"))
        elif roll < 0.07:
            days.at(awake(before), lambda: self._cancel(booking, self._supporter(booking), "体調をくずしたため"))
        days.at(booking.start_at + self._rng.randrange(4) * MINUTE, lambda: self._start(booking.id))

    async def _hold_pre_meeting(self, booking: Booking) -> None:
        """Let a new pair agree on a sheet: the family writes it at once, the supporter reads it before the start."""
        pair = (booking.household_id, booking.supporter_id)
        if pair in self._met:
            return
        self._met.add(pair)
        days, family = self._stage.days, self._stage.residents[booking.requester_id]
        await self._stage.attempt(
            lambda session: set_contacts(session, by=family.actor, contacts=contacts_for(family), now=days.now)
        )
        sheet = sheet_for(family)
        await self._stage.attempt(
            lambda session: write_sheet(session, by=family.actor, booking_id=booking.id, draft=sheet, now=days.now)
        )
        days.at(min(awake(days.now + 12 * MINUTE), booking.start_at), lambda: self._agree_on_sheet(booking))

    async def _agree_on_sheet(self, booking: Booking) -> None:
        await self._stage.attempt(
            lambda session: read_and_agree(session, self._supporter(booking), booking, self._stage)
        )

    async def _cancel(self, booking: Booking, actor: Actor, reason: str) -> None:
        index = self._stage.here.index
        await self._stage.attempt(
            lambda session: cancel_booking(
                session, index, by=actor, booking_id=booking.id, reason=reason, now=self._stage.days.now
            )
        )

    async def _start(self, booking_id: int) -> None:
        booking = await self._booking(booking_id)
        days = self._stage.days
        started = await self._stage.attempt(lambda session: self._hand_over(session, booking, CareEnd.START))
        if started is None:
            return
        self._started += 1
        if self._started == COLLECTED_LATE:
            days.at(booking.end_at + LATE_BY, lambda: self._finish(booking_id))
            return
        if booking_id % 3 == 0:
            days.at(booking.start_at + 25 * MINUTE, lambda: self._note(booking))
        roll = self._rng.random()
        if roll < 0.08:
            days.at(booking.end_at - 20 * MINUTE, lambda: self._change(booking_id, self._family(booking), 30))
        elif roll < 0.11:
            days.at(booking.start_at + 20 * MINUTE, lambda: self._change(booking_id, self._supporter(booking), -15))
        days.at(booking.end_at - 2 * MINUTE, lambda: self._near_end(booking_id))

    async def _change(self, booking_id: int, proposer: Actor, minutes: int) -> None:
        booking = await self._booking(booking_id)
        new_end_at = booking.end_at + minutes * MINUTE
        change = await self._stage.attempt(
            lambda session: propose_change(
                session, by=proposer, booking_id=booking_id, new_end_at=new_end_at, now=self._stage.days.now
            )
        )
        if change is not None:
            family, supporter = self._family(booking), self._supporter(booking)
            decider = supporter if proposer is family else family
            self._stage.days.at(self._stage.days.now + 3 * MINUTE, lambda: self._agree(change.id, decider))

    async def _agree(self, change_id: int, decider: Actor) -> None:
        await self._stage.attempt(
            lambda session: agree_change(session, by=decider, change_id=change_id, now=self._stage.days.now)
        )

    async def _near_end(self, booking_id: int) -> None:
        """Look at the agreed end once more: it may have moved."""
        booking = await self._booking(booking_id)
        late = self._rng.choice((-2, -1, 0, 0, 1, 3, 5))
        self._stage.days.at(booking.end_at + late * MINUTE, lambda: self._finish(booking_id))

    async def _finish(self, booking_id: int) -> None:
        booking = await self._booking(booking_id)
        finished = await self._stage.attempt(lambda session: self._hand_over(session, booking, CareEnd.FINISH))
        if finished is not None:
            self._mishaps.after(finished, self._supporter(booking))
            days = self._stage.days
            days.at(awake(days.now + 15 * MINUTE), lambda: self._report(booking))
            minutes = self._rng.randrange(20, 300)
            days.at(awake(days.now + minutes * MINUTE), lambda: self._thank(booking))

    async def _note(self, booking: Booking) -> None:
        now, text = self._stage.days.now, said_of(booking.id, NOTES)
        await self._stage.attempt(
            lambda session: take_note(session, by=self._supporter(booking), booking_id=booking.id, text=text, now=now)
        )

    async def _report(self, booking: Booking) -> None:
        now, text = self._stage.days.now, said_of(booking.id, REPORTS)
        await self._stage.attempt(
            lambda session: write_report(
                session, by=self._supporter(booking), booking_id=booking.id, text=text, now=now
            )
        )

    async def _thank(self, booking: Booking) -> None:
        family = self._family(booking)
        async with self._stage.here.database.read() as session:
            view = await booking_view(session, booking.id, by=family, now=self._stage.days.now)
        lines = [CostLineDraft(kind=CostKind.THANKS, yen=view.suggested_thanks_yen)]
        if self._rng.random() < 0.25:
            lines.append(CostLineDraft(kind=CostKind.FOOD, yen=200, note="おやつ代"))
        await self._stage.attempt(
            lambda session: record_thanks(
                session, by=family, booking_id=booking.id, settlement=Settlement(lines=lines), now=self._stage.days.now
            )
        )
        if booking.id % 2:
            now, text = self._stage.days.now, said_of(booking.id, THANKS)
            await self._stage.attempt(
                lambda session: send_thanks(session, by=family, booking_id=booking.id, text=text, now=now)
            )

    async def _hand_over(self, session: AsyncSession, booking: Booking, end: CareEnd) -> Booking:
        """Hand over as agreed: a parent shows six digits, a nursery hands over by itself."""
        request = (await session.exec(select(CareRequest).where(CareRequest.id == booking.request_id))).one()
        start = end is CareEnd.START
        by_parent = (request.handover_start if start else request.handover_finish) == HandoverBy.PARENT
        key = self._stage.here.settings.signing_key
        pin = handover_pin(key, booking.id, end, booking.supporter_id) if by_parent else None
        supporter, now = self._supporter(booking), self._stage.days.now
        if not start:
            return await finish_care(session, by=supporter, booking_id=booking.id, pin=pin, key=key, now=now)
        checks = await checks_for(session, booking)
        return await start_care(session, by=supporter, booking_id=booking.id, pin=pin, checks=checks, key=key, now=now)

    def _family(self, booking: Booking) -> Actor:
        return self._stage.residents[booking.requester_id].actor

    def _supporter(self, booking: Booking) -> Actor:
        return self._stage.residents[booking.supporter_id].actor

    async def _booking(self, booking_id: int) -> Booking:
        async with self._stage.here.database.read() as session:
            return (await session.exec(select(Booking).where(Booking.id == booking_id))).one()

    async def _booking_of(self, request_id: int) -> Booking:
        async with self._stage.here.database.read() as session:
            live = select(Booking).where(Booking.request_id == request_id)
            return next(one for one in await session.exec(live) if one.state in LIVE)
