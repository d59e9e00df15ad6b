"""Handing a child over: by a parent's digits, by a nursery's hand, or past the digits by staff who say why."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, case
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.day_models import HandoverOverride
from sharecare.care.day_rules import end_ahead
from sharecare.care.models import Booking, CareRequest, Handover
from sharecare.care.rules import LIVE, MAX_PIN_FAILURES, BookingState, CareEnd, HandoverBy, NotNow, handover_pin
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all


class PinNeeded(Refusal):
    """A parent is there, so their digits are asked for."""

    status = 400
    ja = "保護者の画面に出ている6桁の番号を入力してください。"
    en = "Enter the six digits on the parent's screen."


class WrongPin(Refusal):
    """The digits are not those on the parent's screen."""

    keeps_writes = True
    ja = "番号が違います。あと{left}回入力できます。"
    en = "Those are not the right digits. {left} attempts are left."


class PinLocked(Refusal):
    """Too many wrong digits: a person has to look into it."""

    status = 423
    keeps_writes = True
    ja = "番号の間違いが続いたため止め、ご家族と地区の運営に知らせました。電話を待つか、相談窓口へご連絡ください。"
    en = "Too many wrong digits: entry is locked. Family and staff know, and will call; or call the help desk."


class AlreadyPassed(Refusal):
    """Staff have let this end pass before."""

    constraints = ("pk_handover_override", "handover_override.booking_id")
    ja = "この引き渡しは、すでに番号なしで認められています。"
    en = "This handover may already pass without digits."


async def check_digits(
    session: AsyncSession,
    booking: Booking,
    request: CareRequest,
    end: CareEnd,
    *,
    by: Actor,
    pin: str | None,
    key: bytes,
    now: datetime,
) -> HandoverBy:
    """Hold a handover to the parent's digits where a parent is there; return who hands over or receives.

    Raises:
        PinNeeded, WrongPin, PinLocked: a parent is there, and the digits aren't theirs.

    """
    who = HandoverBy(request.handover_start if end is CareEnd.START else request.handover_finish)
    if who is not HandoverBy.PARENT:
        return who
    # Tries queue here, or many at once would each be the first.
    await session.refresh(booking, with_for_update={"key_share": True})
    if await is_passed(session, booking.id, end):
        return HandoverBy.STAFF
    if booking.pin_failures >= MAX_PIN_FAILURES:
        raise PinLocked
    if pin is None:
        raise PinNeeded
    if pin != handover_pin(key, booking.id, end, booking.supporter_id):
        booking.pin_failures += 1
        session.add(booking)
        record_booking(session, FactKind.HANDOVER_FAILED, booking, by=by.person_id, now=now, data={"end": end})
        if booking.pin_failures == MAX_PIN_FAILURES:
            await _tell_locked(session, booking, now=now)
            raise PinLocked
        raise WrongPin(left=MAX_PIN_FAILURES - booking.pin_failures)
    return who


async def is_passed(session: AsyncSession, booking_id: int, end: CareEnd) -> bool:
    """Say whether staff let a handover pass without digits."""
    return await session.get(HandoverOverride, (booking_id, end)) is not None


async def digits_asked(session: AsyncSession, booking_ids: Collection[int]) -> dict[int, CareEnd]:
    """Return the next handover of each of some live bookings at which a parent's digits are asked for."""
    confirmed = col(Booking.state) == BookingState.CONFIRMED
    ahead = case((confirmed, CareEnd.START), else_=CareEnd.FINISH)
    by = case((confirmed, CareRequest.handover_start), else_=CareRequest.handover_finish)
    passed = and_(col(HandoverOverride.booking_id) == Booking.id, col(HandoverOverride.end) == ahead)
    asked = (
        select(Booking.id, Booking.state)
        .join(CareRequest, col(CareRequest.id) == Booking.request_id)
        .outerjoin(HandoverOverride, passed)
        .where(col(Booking.id).in_(booking_ids), col(Booking.state).in_(LIVE), by == HandoverBy.PARENT)
        .where(col(HandoverOverride.booking_id).is_(None))
    )
    return {booking_id: end_ahead(state) for booking_id, state in await session.exec(asked)}


async def _tell_locked(session: AsyncSession, booking: Booking, *, now: datetime) -> None:
    facts = window_facts(booking) | {"name": (await person_by_id(session, booking.supporter_id)).name}
    guardians = await guardian_ids_of(session, booking.household_id)
    await tell_all(session, to=dict.fromkeys(guardians, facts), kind=MessageKind.HANDOVER_LOCKED, now=now)
    staff = await staff_ids_of(session, booking.area_id)
    await tell_all(session, to=dict.fromkeys(staff, facts), kind=MessageKind.HANDOVER_TO_CHECK, now=now)


def hand_over(
    session: AsyncSession, booking: Booking, end: CareEnd, *, who: HandoverBy, by: Actor, now: datetime
) -> None:
    """Write down how a child was handed over."""
    session.add(Handover(booking_id=booking.id, end=end, by=who, recorded_by=by.person_id, at=now))


async def pass_handover(
    session: AsyncSession, *, by: Actor, booking_id: int, end: CareEnd, reason: str, now: datetime
) -> None:
    """Let one end pass without digits, as staff who have made sure by other means; both sides are told why.

    The supporter still records the handover; wrong digits so far are forgiven for the other end.

    Raises:
        NotNow: the booking is not live, or that handover is over.
        AlreadyPassed: this end may pass already.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    if booking.state not in LIVE or (end is CareEnd.START and booking.started_at):
        raise NotNow(state=booking.state)
    session.add(HandoverOverride(booking_id=booking_id, end=end, staff_id=by.person_id, reason=reason, at=now))
    booking.pin_failures = 0
    session.add(booking)
    await session.flush()  # a second one is refused here
    record_booking(session, FactKind.HANDOVER_PASSED, booking, by=by.person_id, now=now, data={"end": end})
    guardians = await guardian_ids_of(session, booking.household_id)
    concerned = [*guardians, booking.supporter_id]
    log_looks(session, by=by, area_id=booking.area_id, person_ids=concerned, reason=reason, now=now)
    facts = window_facts(booking) | {"reason": reason}
    await tell_all(session, to=dict.fromkeys(concerned, facts), kind=MessageKind.HANDOVER_PASSED, now=now)
