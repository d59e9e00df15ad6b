"""Reading what is told of one care, and what the area's staff must look into."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardians_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.care.access import require_details
from sharecare.care.bookings import booking_by_id
from sharecare.care.contacts import contacts_of
from sharecare.care.day_models import (
    ActivityReport,
    CareAlarm,
    CareAlarmStep,
    CareNote,
    ConditionCheck,
    CoverGap,
    ThankYou,
)
from sharecare.care.day_rules import AlarmKind
from sharecare.care.day_schemas import (
    AlarmStepView,
    AlarmView,
    CareRecord,
    ConditionView,
    Desk,
    GapView,
    LockedHandover,
    NoteView,
    People,
    PeopleToCall,
)
from sharecare.care.models import Booking
from sharecare.care.pre_meeting import is_ready, sheet_of, sheet_view
from sharecare.care.rules import LIVE, MAX_PIN_FAILURES
from sharecare.care.schemas import Contact
from sharecare.paging import MAX_PAGE


async def care_record(session: AsyncSession, booking_id: int, *, by: Actor, now: datetime) -> CareRecord:
    """Return everything told of a care.

    Raises:
        NotFound: its details are closed to this person.

    """
    booking = await booking_by_id(session, booking_id)
    await require_details(session, booking, by, now)
    sheet = await sheet_of(session, booking)
    checks = select(ConditionCheck).where(ConditionCheck.booking_id == booking_id).order_by(col(ConditionCheck.id))
    notes = select(CareNote).where(CareNote.booking_id == booking_id).order_by(col(CareNote.id))
    report = select(ActivityReport.text).where(ActivityReport.booking_id == booking_id)
    thanks = select(ThankYou.text).where(ThankYou.booking_id == booking_id)
    alarms = select(CareAlarm).where(CareAlarm.booking_id == booking_id).order_by(col(CareAlarm.id))
    return CareRecord(
        pre_meeting=await sheet_view(session, sheet) if sheet else None,
        ready=await is_ready(session, booking),
        contacts=await contacts_of(session, booking.household_id),
        conditions=[ConditionView.model_validate(one) for one in await session.exec(checks)],
        notes=[NoteView.model_validate(one) for one in await session.exec(notes)],
        report=(await session.exec(report)).first(),
        thank_you=(await session.exec(thanks)).first(),
        alarms=[await _alarm_view(session, one) for one in (await session.exec(alarms)).all()],
    )


async def desk(session: AsyncSession, *, area_id: int) -> Desk:
    """Return an area's waiting alarms, locked handovers and unexplained gaps, oldest first."""
    alarms = (
        select(CareAlarm)
        .join(Booking, col(Booking.id) == col(CareAlarm.booking_id))
        .where(Booking.area_id == area_id, col(CareAlarm.answered_at).is_(None))
        .order_by(col(CareAlarm.id))
        .limit(MAX_PAGE)
    )
    locked = (
        select(Booking)
        .where(Booking.area_id == area_id, col(Booking.state).in_(LIVE))
        .where(col(Booking.pin_failures) >= MAX_PIN_FAILURES)
        .order_by(col(Booking.start_at))
        .limit(MAX_PAGE)
    )
    gaps = select(CoverGap).where(CoverGap.area_id == area_id, col(CoverGap.explained_at).is_(None))
    return Desk(
        alarms=[await _alarm_view(session, one) for one in (await session.exec(alarms)).all()],
        locked=[
            LockedHandover(booking_id=one.id, start_at=one.start_at, end_at=one.end_at)
            for one in await session.exec(locked)
        ],
        gaps=[GapView.model_validate(one) for one in await session.exec(gaps.order_by(col(CoverGap.opened_at)))],
    )


async def people_to_call(
    session: AsyncSession, *, by: Actor, booking_id: int, reason: str, now: datetime
) -> PeopleToCall:
    """Return whom staff can call about a care; the look is logged, and those concerned can see it."""
    booking = await booking_by_id(session, booking_id)
    requester = await person_by_id(session, booking.requester_id)
    supporter = await person_by_id(session, booking.supporter_id)
    concerned = [*(guardian.id for guardian in await guardians_of(session, booking.household_id)), supporter.id]
    log_looks(session, by=by, area_id=booking.area_id, person_ids=concerned, reason=reason, now=now)
    people = People(
        requester=Contact(name=requester.name, phone=requester.phone),
        supporter=Contact(name=supporter.name, phone=supporter.phone),
        contacts=await contacts_of(session, booking.household_id),
    )
    return PeopleToCall(details=people)


async def _alarm_view(session: AsyncSession, alarm: CareAlarm) -> AlarmView:
    steps = select(CareAlarmStep).where(CareAlarmStep.alarm_id == alarm.id).order_by(col(CareAlarmStep.step))
    return AlarmView(
        id=alarm.id,
        booking_id=alarm.booking_id,
        kind=AlarmKind(alarm.kind),
        raised_at=alarm.raised_at,
        answered_at=alarm.answered_at,
        steps=[AlarmStepView.model_validate(one) for one in await session.exec(steps)],
    )
