"""The bookings of a policy that ends early: insured by another policy, or else cancelled before they begin."""

from datetime import datetime
from functools import partial

from pydantic import BaseModel
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import CareKind
from sharecare.care.bookings import booking_by_id, end_unbegun, record_booking, window_facts
from sharecare.care.group import GroupNotCovered
from sharecare.care.models import Booking
from sharecare.care.moves import move
from sharecare.care.requests import request_by_id
from sharecare.care.rules import LIVE, REQUEST_MOVES, Side
from sharecare.db import attempt
from sharecare.errors import Refusal
from sharecare.insurance.ending import end_policy, move_cover
from sharecare.insurance.models import Cover
from sharecare.insurance.rules import Terms, VoidReason, least_level
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

ENDED_REASON = "保険の契約が終わるため (the insurance policy ends)"


class PolicyEnding(BaseModel):
    """What became of the bookings that a policy's early end left without cover."""

    moved: int
    cancelled: int


async def end_policy_early(
    session: AsyncSession, *, by: Actor, policy_id: int, ends_at: datetime, now: datetime
) -> PolicyEnding:
    """End a policy, and leave no booking without cover: both sides of each are told what became of it.

    Raises:
        WrongPolicyEnd, CareUnderPolicy: it can't end then.
        ClaimStands: a claim names the cover of a booking that would have to be cancelled.

    """
    # Bookings first: whoever starts or cancels one holds it, and then waits for its policy.
    reaching = select(Booking).join(Cover, col(Cover.id) == col(Booking.cover_id)).order_by(col(Booking.id))
    await session.exec(reaching.where(*_reach(policy_id, ends_at)).with_for_update(key_share=True, of=Booking))
    ending = PolicyEnding(moved=0, cancelled=0)
    for cover in await end_policy(session, by_person_id=by.person_id, policy_id=policy_id, ends_at=ends_at, now=now):
        found = await session.exec(select(Booking.id).where(Booking.cover_id == cover.id))
        booking = await booking_by_id(session, found.one(), hold=True)
        if isinstance(await attempt(session, partial(_move, session, booking, cover, by=by, now=now)), Refusal):
            await _cancel(session, booking, by=by, now=now)
            ending.cancelled += 1
        else:
            ending.moved += 1
    return ending


async def count_reaching(session: AsyncSession, *, policy_id: int, ends_at: datetime) -> int:
    """Count the live bookings that a policy covers beyond some moment."""
    reaching = select(func.count(col(Booking.id))).join(Cover, col(Cover.id) == col(Booking.cover_id))
    return (await session.exec(reaching.where(*_reach(policy_id, ends_at)))).one()


def _reach(policy_id: int, ends_at: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Booking.state).in_(LIVE), col(Cover.policy_id) == policy_id, col(Cover.end_at) > ends_at


async def _move(session: AsyncSession, booking: Booking, cover: Cover, *, by: Actor, now: datetime) -> None:
    moved = await move_cover(session, cover, area_id=booking.area_id, now=now)
    terms = Terms.model_validate(moved.terms)
    room = booking.group_capacity or 0
    if booking.group_id is not None and not (terms.several_families and room <= terms.max_children):
        raise GroupNotCovered
    booking.cover_id = moved.id
    booking.required_level = max(booking.required_level, least_level(terms, CareKind(booking.kind)))
    session.add(booking)
    record_booking(session, FactKind.COVER_MOVED, booking, by=by.person_id, now=now)
    await _tell_both(session, booking, MessageKind.COVER_MOVED, {"cover_number": moved.number}, now=now)


async def _cancel(session: AsyncSession, booking: Booking, *, by: Actor, now: datetime) -> None:
    side, why = Side.STAFF, VoidReason.POLICY_ENDED
    await end_unbegun(session, booking, "lose_cover", side=side, why=why, reason=ENDED_REASON, now=now)
    request = await request_by_id(session, booking.request_id)
    await move(session, request, REQUEST_MOVES, "close_request", by=side, closed_at=now)
    data = {"cancelled_by": side, "kind": booking.kind, "policy_ended": True}
    record_booking(session, FactKind.BOOKING_CANCELLED, booking, by=by.person_id, now=now, data=data)
    await _tell_both(session, booking, MessageKind.COVER_LOST, {}, now=now)


async def _tell_both(
    session: AsyncSession, booking: Booking, kind: MessageKind, facts: dict[str, object], *, now: datetime
) -> None:
    family = await guardian_ids_of(session, booking.household_id)
    to = dict.fromkeys([*family, booking.supporter_id], window_facts(booking) | facts)
    await tell_all(session, to=to, kind=kind, now=now)
