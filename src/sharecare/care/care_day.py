"""The care day: start, finish, and what is settled afterwards."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor
from sharecare.care.alarms import answer_overdue
from sharecare.care.booking_schemas import Settlement
from sharecare.care.bookings import (
    booking_by_id,
    booking_with_supporter,
    had_incident,
    record_booking,
    release_children,
    window_facts,
)
from sharecare.care.conditions import check_conditions
from sharecare.care.day_schemas import ConditionDraft
from sharecare.care.gaps import open_gap
from sharecare.care.handovers import check_digits, hand_over
from sharecare.care.models import Booking, CareRequest, CostLine
from sharecare.care.moves import move
from sharecare.care.people import require_fit_for_booking
from sharecare.care.pre_meeting import PreMeetingNeeded, is_ready
from sharecare.care.requests import request_by_id
from sharecare.care.rules import (
    BOOKING_MOVES,
    REQUEST_MOVES,
    BookingState,
    CareEnd,
    CostKind,
    EndsBeforeItStarts,
    HandoverBy,
    NotNow,
    Side,
    TooEarly,
    legal,
)
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.queries import cover_view
from sharecare.insurance.rules import Coverage
from sharecare.insurance.service import end_cover, put_in_force
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell, tell_all
from sharecare.trust.service import record_support


class EndInFuture(Refusal):
    """What really happened lies in the past."""

    status = 400
    ja = "終わりの時刻に、これからの時刻は入れられません。"
    en = "The actual end can't lie in the future."


class StillCovered(Refusal):
    """Only who records an end late says when it was."""

    ja = "保険の時間のうちは、記録した時刻が終わりになります。終わりの時刻を空けて、もう一度送ってください。"
    en = "While cover lasts, care ends when you record it. Leave out the time of the end and send it again."


class TooLateToStart(Refusal):
    """The window is over."""

    ja = "予定の時間を過ぎているため、開始できません。"
    en = "The agreed time is over, so this care can't start."


async def start_care(
    session: AsyncSession,
    *,
    by: Actor,
    booking_id: int,
    pin: str | None,
    checks: Sequence[ConditionDraft],
    key: bytes,
    now: datetime,
) -> Booking:
    """Take over the child: cover comes into force, and the family is told at once.

    Raises:
        NotNow: the booking is not confirmed.
        TooEarly, TooLateToStart: the agreed window has not begun, or is over.
        SupporterNotEligible: a lapse or a suspension counts at once.
        PreMeetingNeeded: the two have not agreed on the sheet as it is now.
        ConditionNeeded, TooIll: a child was not looked at, or the policy's illness rule keeps it at home.
        PinNeeded, WrongPin, PinLocked: a parent hands over, and the digits aren't theirs.

    """
    booking = await booking_with_supporter(session, booking_id)
    legal(BOOKING_MOVES, "start_care", booking.state, Side.SUPPORTER)
    if now < booking.start_at:
        raise TooEarly
    if now >= booking.end_at:
        raise TooLateToStart
    await require_fit_for_booking(session, booking, at=now, until=booking.end_at)
    if not await is_ready(session, booking):
        raise PreMeetingNeeded
    request = await request_by_id(session, booking.request_id)
    who = await check_digits(session, booking, request, CareEnd.START, by=by, pin=pin, key=key, now=now)
    await check_conditions(session, booking, checks, by=by, now=now)
    hand_over(session, booking, CareEnd.START, who=who, by=by, now=now)
    await move(session, booking, BOOKING_MOVES, "start_care", by=Side.SUPPORTER, started_at=now)
    await answer_overdue(session, booking_id=booking.id, by=by, now=now)
    await put_in_force(session, cover_id=booking.cover_id, now=now)
    record_booking(session, FactKind.CARE_STARTED, booking, by=by.person_id, now=now)
    await _tell_family(session, booking, MessageKind.HANDED_OVER, at=now, now=now, end=CareEnd.START)
    return booking


async def finish_care(
    session: AsyncSession,
    *,
    by: Actor,
    booking_id: int,
    pin: str | None,
    key: bytes,
    now: datetime,
    ended_at: datetime | None = None,
) -> Booking:
    """Give the child back: cover ends with what really happened, and trust between the two grows.

    Who could not record it at the time, and does so when cover has run out, says when it was (`ended_at`).

    Raises:
        NotNow: the care has not started, or is over.
        StillCovered, EndInFuture, EndsBeforeItStarts: the end can't have been then.
        PinNeeded, WrongPin, PinLocked: a parent receives, and the digits aren't theirs.

    """
    booking = await booking_by_id(session, booking_id, hold=True)  # an extension may be agreed on at this moment
    legal(BOOKING_MOVES, "finish_care", booking.state, Side.SUPPORTER)
    if ended_at is not None:
        check_actual_end(booking.started_at or booking.start_at, ended_at, now=now)
        if now <= (await cover_view(session, cover_id=booking.cover_id)).covered_until:
            raise StillCovered
    request = await request_by_id(session, booking.request_id)
    who = await check_digits(session, booking, request, CareEnd.FINISH, by=by, pin=pin, key=key, now=now)
    end = ended_at or now
    await complete(session, booking, request, side=Side.SUPPORTER, who=who, by=by, ended_at=end, now=now)
    await _tell_family(session, booking, MessageKind.CARE_COMPLETED, at=end, now=now, end=CareEnd.FINISH)
    if ended_at is not None:
        await _have_end_checked(session, booking, ended_at, now=now)
    return booking


def check_actual_end(started_at: datetime, ended_at: datetime, *, now: datetime) -> None:
    """Hold the actual end that somebody puts down to after the start and not to come.

    Raises:
        EndsBeforeItStarts, EndInFuture: it is not.

    """
    if ended_at <= started_at:
        raise EndsBeforeItStarts
    if ended_at > now:
        raise EndInFuture


async def complete(
    session: AsyncSession,
    booking: Booking,
    request: CareRequest,
    *,
    side: Side,
    who: HandoverBy,
    by: Actor,
    ended_at: datetime,
    now: datetime,
) -> None:
    """Complete a care that ended then: booking, request and cover; what no cover reached is written down as a gap."""
    hand_over(session, booking, CareEnd.FINISH, who=who, by=by, now=ended_at)
    await move(session, booking, BOOKING_MOVES, "finish_care", by=side, finished_at=ended_at, closed_at=now)
    await move(session, request, REQUEST_MOVES, "finish_request", by=side)
    met = who is HandoverBy.PARENT or side is Side.STAFF
    await answer_overdue(session, booking_id=booking.id, by=by, now=now, calls=met)
    await release_children(session, booking.id)
    started_at = booking.started_at or booking.start_at
    coverage = await end_cover(
        session, cover_id=booking.cover_id, actual_start_at=started_at, actual_end_at=ended_at, now=now
    )
    if not await had_incident(session, booking.id):
        await record_support(session, one=booking.requester_id, other=booking.supporter_id, now=now)
    await _record_completion(session, booking, coverage, started_at, ended_at, by=by, now=now)
    if not coverage.is_whole:
        open_gap(session, booking, coverage, started_at, ended_at, now=now)
        await _tell_staff_of_gap(session, booking, coverage, now=now)


async def record_thanks(
    session: AsyncSession, *, by: Actor, booking_id: int, settlement: Settlement, now: datetime
) -> Booking:
    """Record once what was paid between the two families.

    Raises:
        NotNow: the care is not completed, or it is settled already.

    """
    booking = await booking_by_id(session, booking_id)
    settled = await session.exec(
        update(Booking)
        .where(col(Booking.id) == booking_id, col(Booking.state) == BookingState.COMPLETED)
        .where(col(Booking.settled_at).is_(None))
        .values(settled_at=now)
    )
    if settled.rowcount != 1:
        raise NotNow(state="settled" if booking.settled_at else booking.state)
    await session.refresh(booking)
    session.add_all(
        CostLine(booking_id=booking_id, recorded_by=by.person_id, recorded_at=now, **line.model_dump())
        for line in settlement.lines
    )
    thanks_yen = sum(line.yen for line in settlement.lines if line.kind is CostKind.THANKS)
    costs_yen = sum(line.yen for line in settlement.lines) - thanks_yen
    record_booking(
        session,
        FactKind.THANKS_RECORDED,
        booking,
        by=by.person_id,
        now=now,
        data={"thanks_yen": thanks_yen, "costs_yen": costs_yen},
    )
    other = booking.requester_id if by.person_id == booking.supporter_id else booking.supporter_id
    facts = window_facts(booking) | {"thanks_yen": thanks_yen, "costs_yen": costs_yen}
    await tell(session, person_id=other, kind=MessageKind.THANKS_RECORDED, facts=facts, now=now)
    return booking


async def _record_completion(
    session: AsyncSession,
    booking: Booking,
    coverage: Coverage,
    started_at: datetime,
    finished_at: datetime,
    *,
    by: Actor,
    now: datetime,
) -> None:
    supporter = await person_by_id(session, booking.supporter_id)
    record_booking(
        session,
        FactKind.CARE_COMPLETED,
        booking,
        by=by.person_id,
        now=now,
        data={
            "kind": booking.kind,
            "started_at": started_at.isoformat(),
            "finished_at": finished_at.isoformat(),
            "actual_minutes": minutes_between(started_at, finished_at),
            "covered": coverage.is_whole,
            "gap_minutes": coverage.open_gap_minutes,
            "supporter_area_id": supporter.area_id,
        },
    )


async def _tell_family(
    session: AsyncSession, booking: Booking, kind: MessageKind, *, at: datetime, now: datetime, end: CareEnd
) -> None:
    supporter = await person_by_id(session, booking.supporter_id)
    facts = window_facts(booking) | {"name": supporter.name, "at": at.isoformat(), "end": end}
    to = dict.fromkeys(await guardian_ids_of(session, booking.household_id), facts)
    await tell_all(session, to=to, kind=kind, now=now)


async def _have_end_checked(session: AsyncSession, booking: Booking, ended_at: datetime, *, now: datetime) -> None:
    """Tell family and staff of an end that was put down later: had it been later too, cover would have left a gap."""
    await _tell_family(session, booking, MessageKind.END_SAID_LATER, at=ended_at, now=now, end=CareEnd.FINISH)
    name = (await person_by_id(session, booking.supporter_id)).name
    facts = window_facts(booking) | {"name": name, "at": ended_at.isoformat()}
    staff = dict.fromkeys(await staff_ids_of(session, booking.area_id), facts)
    await tell_all(session, to=staff, kind=MessageKind.END_TO_CHECK, now=now)


async def _tell_staff_of_gap(session: AsyncSession, booking: Booking, coverage: Coverage, *, now: datetime) -> None:
    facts = window_facts(booking) | {"gap_minutes": coverage.open_gap_minutes}
    for staff_id in await staff_ids_of(session, booking.area_id):
        await tell(session, person_id=staff_id, kind=MessageKind.COVER_GAP_OPEN, facts=facts, now=now)
