"""The other side did not come: said by one side, taken back, contested by the other, decided by staff."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.care.afterwards import NotOverYet
from sharecare.care.answers import resume_alarm
from sharecare.care.booking_schemas import ContestView
from sharecare.care.bookings import (
    booking_by_id,
    booking_with_supporter,
    end_unbegun,
    incident_told,
    record_booking,
    reinstate_booking,
    side_of,
    tell_both,
    window_facts,
)
from sharecare.care.day_models import NoShowContest
from sharecare.care.day_rules import AlarmKind
from sharecare.care.group import tell_those_beside
from sharecare.care.models import Booking, BookingChild
from sharecare.care.moves import move
from sharecare.care.people import ages_at, children_in, require_day_left, require_fit_for_booking
from sharecare.care.requests import request_by_id
from sharecare.care.rules import BOOKING_MOVES, REQUEST_MOVES, NotNow, Side, legal
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.rules import VoidReason
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

CONTESTED_WITHIN = timedelta(days=14)


class WaitALittle(Refusal):
    """A few minutes late is no no-show."""

    ja = "予定の開始から{minutes}分は、相手の方を待ってください。"
    en = "Please wait for the other side until {minutes} minutes after the agreed start."


class OtherSideSays(Refusal):
    """Who reported a no-show takes it back; who is said not to have come contests it."""

    ja = "これができるのは、相手の方です。"
    en = "Only the other side can do this."


class TooLateToTakeBack(Refusal):
    """Once the agreed time is over nobody can begin: what really was is for staff to put down."""

    ja = "予定の時間を過ぎたため、予約を元に戻せません。実際にお預かりがあったときは、相談窓口へご連絡ください。"
    en = "The agreed time is over, so the booking can't stand again. If care did take place, tell the help desk."


class ChildrenChanged(Refusal):
    """Cover is for the children it was bound for, at the age they had."""

    ja = "お子さんの登録が変わったため、予約を元に戻せません。あらためてお願いしてください。"
    en = "What is registered of the children has changed, so the booking can't stand again. Please ask anew."


class TooLateToContest(Refusal):
    """After two weeks nobody can find out any more."""

    ja = "記録されてから{days}日を過ぎたため、ここからは申し出られません。相談窓口へご連絡ください。"
    en = "More than {days} days have passed. Please tell the help desk."


class AlreadyContested(Refusal):
    """It was said once, and staff have it."""

    constraints = ("pk_no_show_contest", "no_show_contest.booking_id")
    ja = "すでに申し出を受け付けています。"
    en = "You have said so already."


async def report_no_show(session: AsyncSession, *, by: Actor, booking_id: int, now: datetime) -> Booking:
    """Say that the other side did not come: the booking ends as theirs to answer for, and its cover is voided.

    Raises:
        NotNow: the care has begun, or the booking is not live.
        WaitALittle: the area's limit for an overdue handover has not passed.
        SomethingHappened: an incident in it is on record, or a claim.

    """
    booking = await booking_by_id(session, booking_id, hold=True)  # a late start may be agreed on at this moment
    legal(BOOKING_MOVES, "report_no_show", booking.state, side_of(booking, by))
    if now < (earliest := await no_show_from(session, booking)):
        raise WaitALittle(minutes=minutes_between(booking.start_at, earliest))
    absent = Side.FAMILY if side_of(booking, by) is Side.SUPPORTER else Side.SUPPORTER
    why = VoidReason.NEVER_STARTED
    await end_unbegun(session, booking, "report_no_show", side=absent, why=why, reason="", now=now, no_show=True)
    request = await request_by_id(session, booking.request_id)
    await move(session, request, REQUEST_MOVES, "close_request", by=absent, closed_at=now)
    data = {"cancelled_by": absent, "kind": booking.kind, "no_show": True}
    record_booking(session, FactKind.BOOKING_CANCELLED, booking, by=by.person_id, now=now, data=data)
    await _tell(session, booking, absent, MessageKind.NO_SHOW, by=by, now=now)
    return booking


async def no_show_from(session: AsyncSession, booking: Booking) -> datetime:
    """Return from when on the other side counts as not having come, where the care has not begun."""
    minutes = settings_of(await area_by_id(session, booking.area_id)).handover_overdue_minutes
    return booking.start_at + timedelta(minutes=minutes)


async def take_back_no_show(session: AsyncSession, *, by: Actor, booking_id: int, now: datetime) -> Booking:
    """Say that they came after all, as who reported them: booking and cover stand again, and care can begin.

    Raises:
        NotNow: no no-show is on record.
        OtherSideSays: the side that reported it takes it back.
        TooLateToTakeBack: the agreed time is over.
        ChildrenChanged, SupporterNotEligible, DayFull: it would not be booked so any more.
        Refusal: everything else that `reinstate_booking` names.

    """
    booking = await booking_with_supporter(session, booking_id)
    absent, area = _absent(booking), await area_by_id(session, booking.area_id)
    if side_of(booking, by) is absent:
        raise OtherSideSays
    if now >= booking.end_at:
        raise TooLateToTakeBack
    children = await _same_children(session, booking, ZoneInfo(area.timezone))
    await require_fit_for_booking(session, booking, at=now, until=booking.end_at)
    await require_day_left(session, supporter_id=booking.supporter_id, area=area, start_at=booking.start_at)
    await reinstate_booking(session, booking, by=by, side=side_of(booking, by), now=now)
    await resume_alarm(session, booking_id, AlarmKind.START_OVERDUE, now=now)
    await tell_those_beside(session, booking, children=children, now=now)
    await _tell(session, booking, absent, MessageKind.NO_SHOW_TAKEN_BACK, by=by, now=now)
    return booking


async def _same_children(session: AsyncSession, booking: Booking, zone: ZoneInfo) -> int:
    """Hold a booking's children, who must be those it was insured for; return how many."""
    insured = select(BookingChild.child_id, BookingChild.age_months).where(BookingChild.booking_id == booking.id)
    children = await children_in(session, booking.request_id, hold=True)
    ages = zip((one.id for one in children), ages_at(children, booking.start_at, zone), strict=True)
    if dict(ages) != dict((await session.exec(insured)).all()) or any(one.removed_at for one in children):
        raise ChildrenChanged
    return len(children)


async def contest_no_show(
    session: AsyncSession, *, by: Actor, booking_id: int, because: str, now: datetime
) -> NoShowContest:
    """Say how it was, as who is said not to have come: the other side and the staff read it, and staff decide.

    Raises:
        NotNow: no no-show is on record.
        OtherSideSays: it was reported by one's own side.
        TooLateToContest: it was reported two weeks ago.
        AlreadyContested: it was contested before.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    side = side_of(booking, by)
    if side is not _absent(booking):
        raise OtherSideSays
    if booking.closed_at is None or not may_be_contested(booking, now=now):
        raise TooLateToContest(days=CONTESTED_WITHIN.days)
    contest = NoShowContest(
        booking_id=booking_id,
        reported_at=booking.closed_at,
        contested_by=by.person_id,
        because=because,
        contested_at=now,
    )
    session.add(contest)
    await session.flush()  # a second one is refused here
    record_booking(session, FactKind.NO_SHOW_CONTESTED, booking, by=by.person_id, now=now)
    reporter = Side.FAMILY if side is Side.SUPPORTER else Side.SUPPORTER
    await _tell(session, booking, reporter, MessageKind.NO_SHOW_CONTESTED, by=by, now=now)
    staff = dict.fromkeys(await staff_ids_of(session, booking.area_id), window_facts(booking))
    await tell_all(session, to=staff, kind=MessageKind.NO_SHOW_TO_DECIDE, now=now)
    return contest


async def decide_no_show(
    session: AsyncSession, *, by: Actor, booking_id: int, stands: bool, reason: str, now: datetime
) -> None:
    """Let a contested no-show stand, or strike any, as staff who asked both sides; both are told.

    Either way no care took place. Where it did, staff put that down (`record_care`).

    Raises:
        NotNow: no no-show is on record, it was decided, or stands and nobody contests it.
        NotOverYet: until the agreed end it can still be taken back.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    _absent(booking)
    contest = await session.get(NoShowContest, (booking_id, booking.closed_at), with_for_update=True)
    if stands if contest is None else contest.decided_at is not None:
        raise NotNow(state=booking.state)
    if now < booking.end_at:
        raise NotOverYet
    if contest is not None:
        contest.stands, contest.decided_by, contest.decided_at = stands, by.person_id, now
        session.add(contest)
    booking.close_reason = reason
    if not stands:
        booking.no_show, booking.cancelled_by = False, Side.STAFF
    session.add(booking)
    data: dict[str, object] = {"stands": stands}
    record_booking(session, FactKind.NO_SHOW_DECIDED, booking, by=by.person_id, now=now, data=data)
    kind = MessageKind.NO_SHOW_STANDS if stands else MessageKind.NO_SHOW_STRUCK
    await tell_both(session, booking, kind, window_facts(booking) | {"reason": reason}, now=now)


async def contest_of(session: AsyncSession, booking: Booking) -> ContestView | None:
    """Return what was said against the no-show that ended a booking, and what staff decided."""
    return against_it(booking, await contests_of(session, booking))


def against_it(booking: Booking, contests: Iterable[ContestView]) -> ContestView | None:
    """Return which of all contests is against the report that stands."""
    return next((one for one in contests if one.reported_at == booking.closed_at), None)


async def contests_of(session: AsyncSession, booking: Booking) -> list[ContestView]:
    """Return all that was ever said against reports of a no-show, also those that were taken back; oldest first."""
    told = select(NoShowContest).where(NoShowContest.booking_id == booking.id)
    shown = {"because", "reported_at", "contested_at", "stands"}
    return [
        ContestView(**one.model_dump(include=shown), by_supporter=one.contested_by == booking.supporter_id)
        for one in await session.exec(told.order_by(col(NoShowContest.reported_at)))
    ]


def may_be_contested(booking: Booking, *, now: datetime) -> bool:
    """Say whether there is still time to contest a no-show."""
    return booking.no_show and booking.closed_at is not None and now <= booking.closed_at + CONTESTED_WITHIN


class ReportedNoShow(NamedTuple):
    """A no-show, and what tells that staff should look into it."""

    booking: Booking
    contested: bool  # and not decided
    decided: bool
    incident_told: bool  # so that care did begin

    @property
    def waits(self) -> bool:
        """Say whether it waits for the staff."""
        return self.contested or (self.incident_told and not self.decided)


async def no_shows_in(session: AsyncSession, *, area_id: int, now: datetime) -> list[ReportedNoShow]:
    """Return an area's no-shows of the last two weeks, and older ones that wait for the staff; the oldest first."""
    decided = col(NoShowContest.decided_at).is_not(None)
    contested = col(NoShowContest.booking_id).is_not(None) & ~decided
    told = incident_told(col(Booking.id))
    of_area = (
        select(Booking, contested, decided, told)
        .join(NoShowContest, against_report(), isouter=True)
        .where(Booking.area_id == area_id, col(Booking.no_show))
        .where(or_(col(Booking.closed_at) >= now - CONTESTED_WITHIN, contested, told & ~decided))
        .order_by(col(Booking.closed_at), col(Booking.id))
    )
    return [ReportedNoShow._make(row) for row in await session.exec(of_area)]


def against_report() -> ColumnElement[bool]:
    """Match bookings with what is said against the report that ended them."""
    same_report = col(NoShowContest.reported_at) == col(Booking.closed_at)
    return (col(NoShowContest.booking_id) == col(Booking.id)) & same_report


def _absent(booking: Booking) -> Side:
    """Return which side is said not to have come.

    Raises:
        NotNow: neither.

    """
    if not booking.no_show or booking.cancelled_by is None:
        raise NotNow(state=booking.state)
    return Side(booking.cancelled_by)


async def _tell(
    session: AsyncSession, booking: Booking, side: Side, kind: MessageKind, *, by: Actor, now: datetime
) -> None:
    """Tell one side what the other said, and who."""
    facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name}
    family = side is Side.FAMILY
    to = await guardian_ids_of(session, booking.household_id) if family else [booking.supporter_id]
    await tell_all(session, to=dict.fromkeys(to, facts), kind=kind, now=now)
