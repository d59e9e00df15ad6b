"""Cancelling a booking, "I can't be there", and what ends a booking that never began or lets it stand again."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import guardian_ids_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.answers import end_alarms
from sharecare.care.day_rules import AlarmKind
from sharecare.care.group import group_now, require_covered_together
from sharecare.care.models import Ask, Booking, BookingChild, CareRequest, Offer
from sharecare.care.moves import move
from sharecare.care.people import away_from
from sharecare.care.requests import open_next_wave, request_by_id
from sharecare.care.rules import (
    BOOKING_MOVES,
    OFFER_MOVES,
    REQUEST_MOVES,
    AskState,
    NotNow,
    RequestState,
    Side,
    legal,
)
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.rules import Terms, VoidReason
from sharecare.insurance.service import reinstate_cover, void_cover
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.matching.feed import LiveIndex
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell, tell_all

VOIDED_BY = {Side.FAMILY: VoidReason.REQUESTER_CANCELLED, Side.SUPPORTER: VoidReason.SUPPORTER_CANCELLED}
WITHDRAWN = "withdrawn"  # as the fact of a claim says it; claims are the room above


class Reopened(NamedTuple):
    """The request of a cancelled booking, and whose asks stand again where it is open once more."""

    request: CareRequest
    asked_again: list[int]


class TooLateToCancel(Refusal):
    """What was agreed is over: it took place, or one of them did not come."""

    ja = "予定の時間を過ぎたため、取り消せません。相手の方が来なかったときは、その記録をお願いします。"
    en = "The agreed time is over, so this can't be cancelled. Report a no-show, or tell the help desk."


class SomethingHappened(Refusal):
    """Where something happened a care did begin, whatever was recorded: it keeps its cover until staff have asked."""

    ja = (
        "事故の報告があるため、取り消しや「来なかった」の記録はできません。実際のことは、相談窓口が確かめて記録します。"
    )
    en = "An incident was reported, so this can't be cancelled. The help desk will ask, and put down what really was."


class ClaimStands(Refusal):
    """A claim names the cover of its care, so the cover stays."""

    ja = (
        "保険の請求があるため、始まらなかったことにはできません。実際の時刻を記録するか、先に請求を取り下げてください。"
    )
    en = "A claim stands on this booking. Put down what really was, or withdraw the claim first."


async def cancel_booking(
    session: AsyncSession,
    index: LiveIndex,
    *,
    by: Actor,
    booking_id: int,
    reason: str,
    now: datetime,
) -> Booking:
    """Cancel before the care begins; when the supporter does, the request opens again to the next wave.

    Raises:
        NotNow: the care has begun, ended or was cancelled.
        TooLateToCancel: the agreed time is over.
        SomethingHappened: an incident in it is on record, or a claim.

    """
    booking = await booking_by_id(session, booking_id, hold=True)
    opened = await cancel_quietly(session, index, booking, by=by, reason=reason, now=now)
    await tell_reopened(session, opened, now=now)
    await _tell_other(session, booking, opened.request, by, now=now)
    return booking


async def cancel_quietly(
    session: AsyncSession, index: LiveIndex, booking: Booking, *, by: Actor, reason: str, now: datetime
) -> Reopened:
    """Do what `cancel_booking` does, and leave the telling to a caller who cancels several dates at once."""
    side = side_of(booking, by)
    legal(BOOKING_MOVES, "cancel_booking", booking.state, side)
    if now >= booking.end_at:
        raise TooLateToCancel
    await end_unbegun(session, booking, "cancel_booking", side=side, why=VOIDED_BY[side], reason=reason, now=now)
    request = await request_by_id(session, booking.request_id)
    record_booking(
        session,
        FactKind.BOOKING_CANCELLED,
        booking,
        by=by.person_id,
        now=now,
        data={"cancelled_by": side, "kind": booking.kind},
    )
    if side is Side.SUPPORTER and request.start_at > now:
        return Reopened(request, await _reopen(session, index, request, booking, now=now))
    await move(session, request, REQUEST_MOVES, "close_request", by=side, closed_at=now)
    return Reopened(request, [])


async def tell_reopened(session: AsyncSession, opened: Reopened, *, now: datetime) -> None:
    """Tell those who were turned away that they are asked once more, with the window of the request they saw."""
    request = opened.request
    facts = {
        "request_id": request.id,
        "kind": request.kind,
        "start_at": request.start_at.isoformat(),
        "end_at": request.end_at.isoformat(),
    }
    to = dict.fromkeys(opened.asked_again, facts)
    await tell_all(session, to=to, kind=MessageKind.REQUEST_REOPENED, now=now)


async def booking_by_id(session: AsyncSession, booking_id: int, *, hold: bool = False) -> Booking:
    """Return a booking that the policy table has let through; with `hold`, nobody else changes it meanwhile."""
    return await session.get_one(Booking, booking_id, with_for_update={"key_share": True} if hold else None)


async def booking_with_supporter(session: AsyncSession, booking_id: int) -> Booking:
    """Return a booking, held, and hold its supporter before it: so nothing that unfits them is decided meanwhile."""
    booking = await booking_by_id(session, booking_id)
    await session.get_one(Person, booking.supporter_id, with_for_update={"key_share": True})
    return await booking_by_id(session, booking_id, hold=True)


async def had_incident(session: AsyncSession, booking_id: int) -> bool:
    """Say whether an incident was reported of a care; a near miss is none."""
    return (await session.exec(select(incident_told(booking_id)))).one()


def incident_told(booking_id: int | Mapped[int]) -> ColumnElement[bool]:
    """Return the condition that an incident was reported of a care; a near miss is none."""
    told = select(Fact.id).where(Fact.booking_id == booking_id, Fact.kind == FactKind.INCIDENT_REPORTED)
    return told.exists()


async def has_claim(session: AsyncSession, booking_id: int) -> bool:
    """Say whether a claim that was not withdrawn names a care's cover."""
    moved = col(Fact.kind).in_((FactKind.CLAIM_FILED, FactKind.CLAIM_CHANGED))
    facts = await session.exec(select(Fact.data).where(Fact.booking_id == booking_id, moved).order_by(col(Fact.id)))
    states = {data["claim_id"]: data["state"] for data in facts}
    return any(state != WITHDRAWN for state in states.values())


def side_of(booking: Booking, actor: Actor) -> Side:
    """Return on which side of a booking a person stands."""
    return Side.SUPPORTER if booking.supporter_id == actor.person_id else Side.FAMILY


async def release_children(session: AsyncSession, booking_id: int) -> None:
    """Free the children's time; the rows stay as a record."""
    await _mark_children(session, booking_id, live=False)


async def _mark_children(session: AsyncSession, booking_id: int, *, live: bool) -> None:
    await session.exec(update(BookingChild).where(col(BookingChild.booking_id) == booking_id).values(live=live))


def record_booking(
    session: AsyncSession,
    kind: FactKind,
    booking: Booking,
    *,
    by: int | None,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    """Write one fact of a booking; it names supporter and requester, whose matching state it may change."""
    record(
        session,
        kind=kind,
        at=now,
        area_id=booking.area_id,
        actor_id=by,
        person_id=booking.supporter_id,
        other_id=booking.requester_id,
        request_id=booking.request_id,
        booking_id=booking.id,
        start_at=booking.start_at,
        end_at=booking.end_at,
        minutes=minutes_between(booking.start_at, booking.end_at),
        data=data,
    )


def window_facts(booking: Booking) -> dict[str, object]:
    """Return what most messages of a booking say."""
    return {
        "booking_id": booking.id,
        "kind": booking.kind,
        "start_at": booking.start_at.isoformat(),
        "end_at": booking.end_at.isoformat(),
    }


async def end_unbegun(
    session: AsyncSession,
    booking: Booking,
    verb: str,
    *,
    side: Side,
    why: VoidReason,
    reason: str,
    now: datetime,
    no_show: bool = False,
) -> None:
    """End a booking that never began, with its offer and its cover; `side` answers for it.

    Raises:
        SomethingHappened: an incident in its window is on record, or a claim; about an incident alone staff may decide.
        ClaimStands: the same, to staff.

    """
    await move(
        session,
        booking,
        BOOKING_MOVES,
        verb,
        by=side,
        closed_at=now,
        cancelled_by=side,
        close_reason=reason,
        no_show=no_show,
    )
    # Now that the booking is held: whoever reports an incident or files a claim at this moment waits for it.
    if await has_claim(session, booking.id):
        raise ClaimStands if side is Side.STAFF else SomethingHappened
    if side is not Side.STAFF and now >= booking.start_at and await had_incident(session, booking.id):
        raise SomethingHappened
    await release_children(session, booking.id)
    await end_alarms(session, booking.id, tuple(AlarmKind), by=None, now=now)
    offer = (await session.exec(select(Offer).where(Offer.id == booking.offer_id))).one()
    await move(session, offer, OFFER_MOVES, "end_offer", by=side, decided_at=now)
    await void_cover(session, cover_id=booking.cover_id, reason=why, now=now)


async def reinstate_booking(session: AsyncSession, booking: Booking, *, by: Actor, side: Side, now: datetime) -> None:
    """Let a booking stand again, with its offer and its cover, that a no-show ended which was none.

    The caller holds supporter and booking. Staff do so where care took place; before, a place in the policy is needed.

    Raises:
        NotNow: no no-show ended it.
        SlotTaken, ChildElsewhere, GroupFull, GroupNotCovered: the time was given to another booking meanwhile.
        NoPolicy, AggregateReached: the policy has no place for it any more.

    """
    if not booking.no_show:
        raise NotNow(state=booking.state)
    group = await group_now(session, booking)
    before = {"closed_at": None, "cancelled_by": None, "close_reason": "", "no_show": False}
    capacity = group.capacity if group else booking.group_capacity
    await move(session, booking, BOOKING_MOVES, "reinstate", by=side, group_capacity=capacity, **before)
    await _mark_children(session, booking.id, live=True)
    offer = (await session.exec(select(Offer).where(Offer.id == booking.offer_id))).one()
    await move(session, offer, OFFER_MOVES, "reinstate", by=side, decided_at=booking.confirmed_at)
    await move(session, await request_by_id(session, booking.request_id), REQUEST_MOVES, "reinstate", by=side)
    cover = await reinstate_cover(session, cover_id=booking.cover_id, has_begun=side is Side.STAFF, now=now)
    if group is not None:
        await require_covered_together(session, group, Terms.model_validate(cover.terms))
    data: dict[str, object] = {"reinstated_by": side, "kind": booking.kind}
    record_booking(session, FactKind.BOOKING_REINSTATED, booking, by=by.person_id, now=now, data=data)


async def tell_both(
    session: AsyncSession, booking: Booking, kind: MessageKind, facts: dict[str, object], *, now: datetime
) -> None:
    """Tell every guardian of the family, and the supporter."""
    family = await guardian_ids_of(session, booking.household_id)
    await tell_all(session, to=dict.fromkeys([*family, booking.supporter_id], facts), kind=kind, now=now)


async def _reopen(
    session: AsyncSession, index: LiveIndex, request: CareRequest, booking: Booking, *, now: datetime
) -> list[int]:
    """Open the request again: those who were turned away are asked once more (returned), the next circle at once.

    Where one person was asked by name, the family decides whether others shall be asked.
    """
    await move(session, request, REQUEST_MOVES, "reopen_request", by=Side.SUPPORTER, closed_at=None)
    gone = select(Ask).where(Ask.request_id == request.id, Ask.supporter_id == booking.supporter_id)
    for ask in (await session.exec(gone)).all():
        ask.state, ask.answered_at = AskState.DECLINED, now
        session.add(ask)
    if request.named_supporter_id is not None:
        return []
    closed = select(Ask).where(Ask.request_id == request.id, Ask.state == AskState.CLOSED, Ask.delivered)
    away = await away_from(session, request.household_id)
    again = [ask for ask in (await session.exec(closed)).all() if ask.supporter_id not in away]
    for ask in again:
        ask.state, ask.answered_at = AskState.OPEN, None
    session.add_all(again)
    await open_next_wave(session, index, request=request, now=now)
    return [ask.supporter_id for ask in again]


async def _tell_other(
    session: AsyncSession, booking: Booking, request: CareRequest, by: Actor, *, now: datetime
) -> None:
    name = (await person_by_id(session, by.person_id)).name
    facts = window_facts(booking) | {"name": name, "reason": booking.close_reason}
    if booking.cancelled_by == Side.FAMILY:
        await tell(session, person_id=booking.supporter_id, kind=MessageKind.BOOKING_CANCELLED, facts=facts, now=now)
        return
    kind = MessageKind.SUPPORTER_CANNOT_COME
    if request.named_supporter_id is not None and request.state == RequestState.OPEN:
        kind, facts = MessageKind.NAMED_CANNOT_COME, facts | {"request_id": request.id}
        facts.pop("booking_id")  # what is left to do is with the request
    await tell(session, person_id=booking.requester_id, kind=kind, facts=facts, now=now)
