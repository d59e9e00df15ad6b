"""Answering an alarm: not by whoever it is about; they say how long it takes, or that it is settled."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor
from sharecare.care.access import require_details
from sharecare.care.alarms import tell_contacts
from sharecare.care.answers import OVERDUE, STANDING, UNANSWERED, quiet_alarms
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.day_models import CareAlarm
from sharecare.care.day_rules import STEPS, AlarmKind, Reached, Saying, saying
from sharecare.care.models import Booking
from sharecare.care.requests import request_by_id
from sharecare.care.rules import HandoverBy, NotNow
from sharecare.errors import Refusal
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all


class HandoverAwaitsYou(Refusal):
    """A handover is late, and one takes part in it oneself: others must be able to hear of it."""

    ja = (
        "あなたの引き渡しが遅れているお知らせは、ご自分では止められません。あと何分かを伝えるか、変更をご相談ください。"
    )
    en = "You can't quiet an alarm about a handover of your own. Say how long you need, or propose another time."


class CallIsYours(Refusal):
    """Whoever called for help can't be the one who comes."""

    ja = "電話を頼んだのはあなたです。用が済んだときは「解決しました」でお知らせください。"
    en = "You asked for this call yourself. Once it is settled, say so."


async def answer_alarm(session: AsyncSession, *, by: Actor, booking_id: int, now: datetime) -> None:
    """Say that one is looking into it: the booking's alarms stop climbing, and both sides are told.

    A handover that stays overdue makes its alarm climb on after a while.

    Raises:
        HandoverAwaitsYou, CallIsYours: they are about oneself.
        NotNow: nothing waits for an answer.

    """
    booking = await _open_to(session, booking_id, by, now)
    waiting = await _kinds(session, booking_id, UNANSWERED)
    if not waiting:
        raise NotNow(state="answered")
    others = [kind for kind in waiting if by.person_id not in await awaited(session, booking, kind)]
    if not others:
        raise HandoverAwaitsYou if waiting.intersection(OVERDUE) else CallIsYours
    if not await quiet_alarms(session, booking_id, others, by=by.person_id, now=now):
        raise NotNow(state="answered")  # somebody was faster
    record_booking(session, FactKind.ALARM_ANSWERED, booking, by=by.person_id, now=now)
    await _tell_sides(session, booking, MessageKind.ALARM_ANSWERED, {}, by=by, now=now)


async def say_how_long(session: AsyncSession, *, by: Actor, booking_id: int, minutes: int, now: datetime) -> Saying:
    """Say how long one still needs to a handover of one's own that is late; its alarm climbs on all the same.

    What one has said already is left at that, and after a few messages a new time is only shown.

    Raises:
        NotNow: no handover that awaits one is late.

    """
    booking = await _open_to(session, booking_id, by, now, hold=True)  # two presses at once are told once
    raised = await _raised(session, booking_id)
    about_me = [at for kind, at in raised.items() if by.person_id in await awaited(session, booking, kind)]
    if not about_me:
        raise NotNow(state=booking.state)
    before = await _said(session, booking_id, by, since=max(about_me))
    heard = saying(before, now + timedelta(minutes=minutes))
    if heard is Saying.KNOWN:
        return heard
    record_booking(session, FactKind.SAID_HOW_LONG, booking, by=by.person_id, now=now, data={"minutes": minutes})
    if heard is Saying.TOLD:
        await _tell_how_long(session, booking, minutes, by=by, now=now)
    return heard


async def settle_call(session: AsyncSession, *, by: Actor, booking_id: int, now: datetime) -> None:
    """Say that one's call is settled: it ends, and everybody hears who was told of it.

    Raises:
        NotNow: no call waits.

    """
    booking = await _open_to(session, booking_id, by, now)
    reached = await _reached(session, booking_id, (AlarmKind.CALL,))
    if not await quiet_alarms(session, booking_id, (AlarmKind.CALL,), by=by.person_id, now=now):
        raise NotNow(state="answered")
    record_booking(session, FactKind.CALL_SETTLED, booking, by=by.person_id, now=now)
    await _tell_sides(session, booking, MessageKind.CALL_SETTLED, {}, by=by, now=now)
    if Reached.CONTACTS in reached:
        await tell_contacts(session, booking, MessageKind.CONTACT_NOT_NEEDED, now=now)
    if Reached.STAFF in reached:
        staff = dict.fromkeys(await staff_ids_of(session, booking.area_id), window_facts(booking))
        await tell_all(session, to=staff, kind=MessageKind.SETTLED_AT_DESK, now=now)


async def awaited(session: AsyncSession, booking: Booking, kind: AlarmKind) -> frozenset[int]:
    """Return whom an alarm is about: who called, or who meets at a late handover.

    Where a parent does, that is the one who asked; a second guardian is called to look into it.
    """
    if kind is AlarmKind.CALL:
        return frozenset({booking.supporter_id})
    request = await request_by_id(session, booking.request_id)
    by = request.handover_start if kind is AlarmKind.START_OVERDUE else request.handover_finish
    parent = {booking.requester_id} if by == HandoverBy.PARENT else set()
    return frozenset({booking.supporter_id} | parent)


async def _open_to(session: AsyncSession, booking_id: int, by: Actor, now: datetime, *, hold: bool = False) -> Booking:
    """Return a booking, to its two sides as long as its details are open."""
    booking = await booking_by_id(session, booking_id, hold=hold)
    if by.person_id == booking.supporter_id or by.household_id == booking.household_id:
        require_details(booking, by, now)
    return booking


async def _kinds(session: AsyncSession, booking_id: int, which: ColumnElement[bool]) -> set[AlarmKind]:
    kinds = select(CareAlarm.kind).where(CareAlarm.booking_id == booking_id, which)
    return {AlarmKind(kind) for kind in await session.exec(kinds)}


async def _raised(session: AsyncSession, booking_id: int) -> dict[AlarmKind, datetime]:
    """Return since when which handovers of a booking are known to be late."""
    late = select(CareAlarm.kind, CareAlarm.raised_at).where(
        CareAlarm.booking_id == booking_id, col(CareAlarm.kind).in_(OVERDUE), STANDING
    )
    return {AlarmKind(kind): at for kind, at in await session.exec(late.order_by(col(CareAlarm.id)))}


async def _said(session: AsyncSession, booking_id: int, by: Actor, *, since: datetime) -> list[datetime]:
    """Return when somebody has said to expect them, oldest first."""
    facts = select(Fact).where(
        Fact.booking_id == booking_id, Fact.kind == FactKind.SAID_HOW_LONG, Fact.actor_id == by.person_id
    )
    said = await session.exec(facts.where(col(Fact.at) >= since).order_by(col(Fact.id)))
    return [one.at + timedelta(minutes=one.data["minutes"]) for one in said]


async def _tell_how_long(session: AsyncSession, booking: Booking, minutes: int, *, by: Actor, now: datetime) -> None:
    facts: dict[str, object] = {"minutes": minutes}
    await _tell_sides(session, booking, MessageKind.SAID_HOW_LONG, facts, by=by, now=now)
    if Reached.STAFF in await _reached(session, booking.id, OVERDUE):
        staff = dict.fromkeys(await staff_ids_of(session, booking.area_id), window_facts(booking) | facts)
        await tell_all(session, to=staff, kind=MessageKind.HOW_LONG_AT_DESK, now=now)


async def _reached(session: AsyncSession, booking_id: int, kinds: Collection[AlarmKind]) -> frozenset[Reached]:
    """Return whom the alarms of some kinds that stand have reached."""
    steps = select(CareAlarm.step).where(CareAlarm.booking_id == booking_id, col(CareAlarm.kind).in_(kinds), STANDING)
    return frozenset(STEPS[: max(await session.exec(steps), default=0)])


async def _tell_sides(
    session: AsyncSession,
    booking: Booking,
    kind: MessageKind,
    facts: dict[str, object],
    *,
    by: Actor,
    now: datetime,
) -> None:
    told = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name} | facts
    sides = {*await guardian_ids_of(session, booking.household_id), booking.supporter_id}
    await tell_all(session, to=dict.fromkeys(sorted(sides - {by.person_id}), told), kind=kind, now=now)
