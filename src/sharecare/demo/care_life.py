"""What becomes of a booking in the demo: cancelled, lived as agreed, extended, ended early, collected late."""

from datetime import timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.bookings import cancel_booking
from sharecare.care.care_day import finish_care, record_thanks, start_care
from sharecare.care.changes import agree_change, propose_change
from sharecare.care.models import Booking, CareRequest
from sharecare.care.queries import booking_view
from sharecare.care.rules import LIVE, CareEnd, CostKind, HandoverBy, handover_pin
from sharecare.care.schemas import CostLineDraft, Settlement
from sharecare.demo.mishaps import Mishaps
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

    async def expect(self, request_id: int) -> None:
        """Plan what a new booking will live through."""
        booking = await self._booking_of(request_id)
        roll, days = self._rng.random(), self._stage.days
        before = max(days.now, booking.start_at - timedelta(hours=self._rng.choice((3, 9, 20))))
        if roll < 0.04:
            days.at(awake(before), lambda: self._cancel(booking, self._family(booking), "子どもが熱を出したため"))
        elif roll < 0.07:
            days.at(awake(before), lambda: self._cancel(booking, self._supporter(booking), "体調をくずしたため"))
        days.at(booking.start_at + self._rng.randrange(4) * MINUTE, lambda: self._start(booking.id))

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
            minutes = self._rng.randrange(20, 300)
            self._stage.days.at(awake(self._stage.days.now + minutes * MINUTE), lambda: self._thank(booking))

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

    async def _hand_over(self, session: AsyncSession, booking: Booking, end: CareEnd) -> Booking:
        """Hand over as agreed: a parent shows six digits, a nursery hands over by itself."""
        request = (await session.exec(select(CareRequest).where(CareRequest.id == booking.request_id))).one()
        start = end is CareEnd.START
        by_parent = (request.handover_start if start else request.handover_finish) == HandoverBy.PARENT
        key = self._stage.here.settings.signing_key
        pin = handover_pin(key, booking.id, end, booking.supporter_id) if by_parent else None
        verb = start_care if start else finish_care
        supporter, now = self._supporter(booking), self._stage.days.now
        return await verb(session, by=supporter, booking_id=booking.id, pin=pin, key=key, now=now)

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
