"""Reading what is told of one care, and what the area's staff must look into."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import guardians_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.care.access import require_details
from sharecare.care.answering import awaited
from sharecare.care.answers import OVERDUE, STANDING, UNANSWERED
from sharecare.care.booking_schemas import Contact
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
from sharecare.care.day_rules import AlarmKind, end_ahead
from sharecare.care.day_schemas import (
    AlarmStepView,
    AlarmView,
    CareRecord,
    ConditionView,
    Desk,
    DeskAlarm,
    DeskCount,
    GapView,
    HowLong,
    LockedHandover,
    NoteView,
    OwnAlarm,
    People,
    PeopleToCall,
)
from sharecare.care.handovers import digits_asked
from sharecare.care.models import Booking
from sharecare.care.pre_meeting import is_ready, sheet_of, sheet_view
from sharecare.care.rules import LIVE, MAX_PIN_FAILURES
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.paging import MAX_PAGE


async def care_record(session: AsyncSession, booking_id: int, *, by: Actor, now: datetime) -> CareRecord:
    """Return everything told of a care.

    Raises:
        NotFound: its details are closed to this person.

    """
    booking = await booking_by_id(session, booking_id)
    require_details(booking, by, now)
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
        alarms=[
            OwnAlarm(**view.model_dump(), awaits_you=by.person_id in await awaited(session, booking, view.kind))
            for view in await _alarm_views(session, (await session.exec(alarms)).all())
        ],
    )


async def desk(session: AsyncSession, *, area_id: int, limit: int = MAX_PAGE) -> Desk:
    """Return an area's alarms, locked handovers and unexplained gaps, oldest first; alarms kept quiet come last.

    Of each, so many at most: those that are dealt with make room for the next.
    """
    standing = (
        select(CareAlarm, Booking)
        .join(Booking, col(Booking.id) == col(CareAlarm.booking_id))
        .where(Booking.area_id == area_id, STANDING)
        .order_by(col(CareAlarm.answered_at).is_not(None), col(CareAlarm.id))
        .limit(limit)
    )
    locked = select(Booking).where(Booking.area_id == area_id, *_LOCKED).order_by(col(Booking.start_at)).limit(limit)
    gaps = select(CoverGap).where(CoverGap.area_id == area_id, _OPEN).order_by(col(CoverGap.opened_at))
    alarms = (await session.exec(standing)).all()
    views = await _alarm_views(session, [alarm for alarm, _ in alarms])
    digits = await digits_asked(session, {booking.id for alarm, booking in alarms if alarm.kind in OVERDUE})
    return Desk(
        alarms=[
            DeskAlarm(
                **view.model_dump(),
                start_at=booking.start_at,
                end_at=booking.end_at,
                quiet_until=alarm.next_step_at if alarm.answered_at else None,
                digits_at=digits.get(booking.id) if alarm.kind in OVERDUE else None,
            )
            for view, (alarm, booking) in zip(views, alarms, strict=True)
        ],
        locked=[
            LockedHandover(
                booking_id=one.id,
                end=end_ahead(one.state),
                start_at=one.start_at,
                end_at=one.end_at,
            )
            for one in await session.exec(locked)
        ],
        gaps=[GapView.model_validate(one) for one in await session.exec(gaps.limit(limit))],
    )


async def count_at_desk(session: AsyncSession, *, area_id: int) -> DeskCount:
    """Count what waits at an area's desk, without the alarms that somebody has answered."""
    return await _counted(session, col(Booking.area_id) == area_id, col(CoverGap.area_id) == area_id)


async def count_of_booking(session: AsyncSession, booking_id: int) -> DeskCount:
    """Count what waits at the desk about one booking, likewise."""
    return await _counted(session, col(Booking.id) == booking_id, col(CoverGap.booking_id) == booking_id)


async def _counted(session: AsyncSession, booking: ColumnElement[bool], gap: ColumnElement[bool]) -> DeskCount:
    alarms = (
        select(func.count())
        .select_from(CareAlarm)
        .join(Booking, col(Booking.id) == col(CareAlarm.booking_id))
        .where(booking, UNANSWERED)
    )
    locked = select(func.count()).select_from(Booking).where(booking, *_LOCKED)
    gaps = select(func.count()).select_from(CoverGap).where(gap, _OPEN)
    counts = select(alarms.scalar_subquery(), locked.scalar_subquery(), gaps.scalar_subquery())
    return DeskCount(*(await session.exec(counts)).one())


_LOCKED = (col(Booking.state).in_(LIVE), col(Booking.pin_failures) >= MAX_PIN_FAILURES)
_OPEN = col(CoverGap.explained_at).is_(None)


async def people_to_call(
    session: AsyncSession, *, by: Actor, booking_id: int, reason: str, now: datetime
) -> PeopleToCall:
    """Return whom staff can call about a care; the look is logged, and those concerned can see it."""
    booking = await booking_by_id(session, booking_id)
    requester = await person_by_id(session, booking.requester_id)
    supporter = await person_by_id(session, booking.supporter_id)
    guardians = await guardians_of(session, booking.household_id)
    concerned = [*(guardian.id for guardian in guardians), supporter.id]
    log_looks(session, by=by, area_id=booking.area_id, person_ids=concerned, reason=reason, now=now)
    people = People(
        requester=_contact(requester),
        other_guardians=[_contact(guardian) for guardian in guardians if guardian.id != requester.id],
        supporter=_contact(supporter),
        contacts=await contacts_of(session, booking.household_id),
    )
    return PeopleToCall(details=people)


def _contact(person: Person) -> Contact:
    return Contact(name=person.name, phone=person.phone)


async def _alarm_views(session: AsyncSession, alarms: Sequence[CareAlarm]) -> list[AlarmView]:
    ids = [alarm.id for alarm in alarms]
    rows = select(CareAlarmStep).where(col(CareAlarmStep.alarm_id).in_(ids)).order_by(col(CareAlarmStep.step))
    steps = (await session.exec(rows)).all() if ids else []
    said = await _how_long(session, {alarm.booking_id for alarm in alarms if alarm.kind in OVERDUE})
    return [
        AlarmView(
            id=alarm.id,
            booking_id=alarm.booking_id,
            kind=AlarmKind(alarm.kind),
            raised_at=alarm.raised_at,
            answered_at=alarm.answered_at,
            how_long=_about(alarm, said.get(alarm.booking_id)),
            steps=[AlarmStepView.model_validate(one) for one in steps if one.alarm_id == alarm.id],
        )
        for alarm in alarms
    ]


def _about(alarm: CareAlarm, said: HowLong | None) -> HowLong | None:
    return said if said and alarm.kind in OVERDUE and said.said_at >= alarm.raised_at else None


async def _how_long(session: AsyncSession, booking_ids: Collection[int]) -> dict[int, HowLong]:
    """Return what was said last by those whom late handovers await, by booking."""
    facts = (
        select(Fact, col(Booking.supporter_id))
        .join(Booking, col(Booking.id) == col(Fact.booking_id))
        .where(col(Fact.booking_id).in_(booking_ids), Fact.kind == FactKind.SAID_HOW_LONG)
        .order_by(col(Fact.id))
    )
    return {
        fact.booking_id or 0: HowLong(
            by_supporter=fact.actor_id == supporter_id,
            said_at=fact.at,
            expected_at=fact.at + timedelta(minutes=fact.data["minutes"]),
        )
        for fact, supporter_id in (await session.exec(facts) if booking_ids else ())
    }
