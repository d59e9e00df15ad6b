"""Alarms: a handover that is overdue, a family that can't be reached; they climb until someone answers.

Parent → second guardian and emergency contacts → the area's staff, each step written down; one with nobody to tell
takes no time. Then staff, and less often the family, are reminded while it is unanswered. What quiets it stands in
`answering`; only the handover ends an overdue one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_email, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.care.answers import OVERDUE, UNANSWERED, end_alarms
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.contacts import contacts_of
from sharecare.care.day_models import CareAlarm, CareAlarmStep
from sharecare.care.day_rules import AlarmKind, Reached, is_reminder, next_step_at, reached_at
from sharecare.care.models import Booking
from sharecare.care.people import away_from
from sharecare.care.rules import LIVE, NotNow
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

FOR_FAMILY = {
    AlarmKind.START_OVERDUE: MessageKind.HANDOVER_OVERDUE,
    AlarmKind.FINISH_OVERDUE: MessageKind.FINISH_OVERDUE,
    AlarmKind.CALL: MessageKind.CALL_SUPPORTER,
}


async def call_family(session: AsyncSession, *, by: Actor, booking_id: int, now: datetime) -> CareAlarm:
    """Ask the family to call at once, as a supporter whom nobody answers; while one call waits, it is that one.

    Raises:
        NotNow: the booking is not live.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    if booking.state not in LIVE:
        raise NotNow(state=booking.state)
    waiting = select(CareAlarm).where(CareAlarm.booking_id == booking_id, CareAlarm.kind == AlarmKind.CALL, UNANSWERED)
    standing = (await session.exec(waiting)).first()
    return standing or await raise_alarm(session, booking, AlarmKind.CALL, by=by.person_id, now=now)


async def raise_alarm(
    session: AsyncSession, booking: Booking, kind: AlarmKind, *, by: int | None, now: datetime
) -> CareAlarm:
    """Begin an alarm with its first step; `by` is None where time raises it."""
    alarm = CareAlarm(booking_id=booking.id, kind=kind, raised_at=now)
    session.add(alarm)
    await session.flush()  # its steps name the alarm
    record_booking(session, FactKind.ALARM_RAISED, booking, by=by, now=now, data={"alarm": kind})
    await _take_step(session, alarm, booking, now=now)
    return alarm


async def alarms_that_climb(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return alarms whose next step is due: unanswered, or answered a while ago and still about the same."""
    return (await session.exec(select(CareAlarm.id).where(_due(now)).order_by(col(CareAlarm.id)))).all()


async def climb(session: AsyncSession, *, alarm_id: int, now: datetime) -> None:
    """Take an alarm's next step, if that is still due."""
    held = select(CareAlarm).where(CareAlarm.id == alarm_id, _due(now)).with_for_update(skip_locked=True)
    alarm = (await session.exec(held)).first()
    if alarm is None:
        return
    booking = await booking_by_id(session, alarm.booking_id)
    if is_reminder(alarm.step) and booking.state not in LIVE:
        alarm.next_step_at = None  # all have heard of it, and the care is over
        session.add(alarm)
        return
    alarm.answered_at = alarm.answered_by = None
    await _take_step(session, alarm, booking, now=now)
    record_booking(session, FactKind.ALARM_CLIMBED, booking, by=None, now=now, data={"alarm": alarm.kind})


async def answer_overdue(
    session: AsyncSession, *, booking_id: int, by: Actor, now: datetime, calls: bool = False
) -> None:
    """Stop the alarms that a handover answers by itself; a call too (`calls`) where it was to a parent in person."""
    await end_alarms(session, booking_id, tuple(AlarmKind) if calls else OVERDUE, by=by.person_id, now=now)


def _due(now: datetime) -> ColumnElement[bool]:
    return col(CareAlarm.next_step_at) <= now


async def _take_step(session: AsyncSession, alarm: CareAlarm, booking: Booking, *, now: datetime) -> None:
    told = 0
    while not told:
        reached = reached_at(alarm.step)
        told = await _tell(session, AlarmKind(alarm.kind), booking, reached, now=now)
        alarm.step += 1
        session.add(CareAlarmStep(alarm_id=alarm.id, step=alarm.step, reached=reached, told=told, at=now))
        if is_reminder(alarm.step):
            break
    minutes = settings_of(await area_by_id(session, booking.area_id)).escalation_minutes
    alarm.next_step_at = next_step_at(alarm.step, raised_at=alarm.raised_at, now=now, minutes=minutes)
    session.add(alarm)


async def _tell(session: AsyncSession, kind: AlarmKind, booking: Booking, reached: Reached, *, now: datetime) -> int:
    """Tell whom a step reaches; return how many that were."""
    facts = window_facts(booking) | {"name": (await person_by_id(session, booking.supporter_id)).name}
    told = 0
    if reached in {Reached.STAFF, Reached.ALL}:
        staff = await staff_ids_of(session, booking.area_id)
        told += await _tell_each(session, staff, MessageKind.NOBODY_ANSWERS, facts, now=now)
    if reached in {Reached.PARENT, Reached.ALL}:
        forgot = [booking.supporter_id] if kind is AlarmKind.START_OVERDUE else []
        told += await _tell_each(session, forgot, MessageKind.START_FORGOTTEN, facts, now=now)
        told += await _tell_each(session, [booking.requester_id], FOR_FAMILY[kind], facts, now=now)
    if reached in {Reached.CONTACTS, Reached.ALL}:
        others = set(await guardian_ids_of(session, booking.household_id)) - {booking.requester_id}
        told += await _tell_each(session, others, FOR_FAMILY[kind], facts, now=now)
    if reached is Reached.CONTACTS:
        told += await tell_contacts(session, booking, MessageKind.CONTACT_NEEDED, now=now)
    return told


async def tell_contacts(session: AsyncSession, booking: Booking, kind: MessageKind, *, now: datetime) -> int:
    """Tell those outside the booking who should be called, or need not be any more; not where or what."""
    guardians = set(await guardian_ids_of(session, booking.household_id))
    contacts = await _members_among_contacts(session, booking) - guardians - {booking.supporter_id}
    requester: dict[str, object] = {"name": (await person_by_id(session, booking.requester_id)).name}
    return await _tell_each(session, contacts, kind, requester, now=now)


async def _tell_each(
    session: AsyncSession, people: Iterable[int], kind: MessageKind, facts: dict[str, object], *, now: datetime
) -> int:
    to = dict.fromkeys(sorted(people), facts)
    await tell_all(session, to=to, kind=kind, now=now)
    return len(to)


async def _members_among_contacts(session: AsyncSession, booking: Booking) -> set[int]:
    """Return emergency contacts who are members, and not kept at a distance; staff call the others by phone."""
    away = await away_from(session, booking.household_id)
    found = [
        await person_by_email(session, contact.email)
        for contact in await contacts_of(session, booking.household_id)
        if contact.email
    ]
    return {one.id for one in found if one and one.state == PersonState.ACTIVE and one.id not in away}
