"""The bookings of a policy that ends early: insured by another policy, or else cancelled before they begin."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.areas.rules import CareKind
from sharecare.care.afterwards import close_for_both
from sharecare.care.bookings import (
    booking_by_id,
    end_unbegun,
    incident_told,
    record_booking,
    tell_both,
    window_facts,
)
from sharecare.care.group import keep_group_within
from sharecare.care.models import Booking
from sharecare.care.people import require_fit_for_booking
from sharecare.care.rules import LIVE, Side
from sharecare.db import attempt
from sharecare.errors import Refusal
from sharecare.insurance.ending import end_policy, move_cover
from sharecare.insurance.models import Cover
from sharecare.insurance.rules import MOST_GRACE_MINUTES, CoverState, Terms, VoidReason, least_level
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind

_LONGEST_GRACE = timedelta(minutes=MOST_GRACE_MINUTES)
ENDED_REASON = "保険の契約が終わるため (the insurance policy ends)"


class CareUnderPolicy(Refusal):
    """What has begun, even if a no-show was reported, or has an incident on record stays insured to its agreed end."""

    ja = (
        "始まった支援、または事故や請求の記録がある予約が、この契約で{until}まで補償されています。"
        "それより前には終わらせられません。"
    )
    en = "A support under this policy has begun, or has an incident or a claim on record. It can't end before {until}."


class PolicyEnding(BaseModel):
    """What became of the bookings that a policy's early end left without cover."""

    moved: int
    cancelled: int


class Reach(NamedTuple):
    """The covers that a policy's early end would leave without it, and until when others hold it, if any do."""

    covers: Sequence[Cover]
    held_until: datetime | None


async def end_policy_early(
    session: AsyncSession, *, by: Actor, policy_id: int, ends_at: datetime, now: datetime
) -> PolicyEnding:
    """End a policy, and leave no booking without cover: both sides of each are told what became of it.

    A booking that no other policy takes, or whose supporter may not take it any more, is cancelled.

    Raises:
        WrongPolicyEnd: that is past, before the policy begins, or not before it ends.
        CareUnderPolicy: what must stay insured by it goes on longer.

    """
    # Bookings first: whoever starts or cancels one holds it, and then waits for its policy.
    reaching = select(Booking).join(Cover, col(Cover.id) == col(Booking.cover_id)).order_by(col(Booking.id))
    live = reaching.where(col(Booking.state).in_(LIVE), Cover.policy_id == policy_id, col(Cover.end_at) > ends_at)
    await session.exec(live.with_for_update(key_share=True, of=Booking))
    area = await end_policy(session, by_person_id=by.person_id, policy_id=policy_id, ends_at=ends_at, now=now)
    reach = await reach_of(session, policy_id=policy_id, ends_at=ends_at, now=now)
    if reach.held_until is not None:
        raise CareUnderPolicy(until=f"{reach.held_until.astimezone(ZoneInfo(area.timezone)):%Y-%m-%d %H:%M}")
    ending = PolicyEnding(moved=0, cancelled=0)
    for cover in reach.covers:
        found = await session.exec(select(Booking.id).where(Booking.cover_id == cover.id))
        booking = await booking_by_id(session, found.one(), hold=True)
        if isinstance(await attempt(session, partial(_move, session, booking, cover, by=by, now=now)), Refusal):
            await _cancel(session, booking, by=by, now=now)
            ending.cancelled += 1
        else:
            ending.moved += 1
    return ending


async def reach_of(session: AsyncSession, *, policy_id: int, ends_at: datetime, now: datetime) -> Reach:
    """Return what a policy covers beyond some moment."""
    reaching = (
        select(Cover, Booking.start_at, incident_told(col(Booking.id)))
        .join(Booking, col(Booking.cover_id) == col(Cover.id))
        .where(Cover.policy_id == policy_id, or_(col(Cover.state) != CoverState.VOIDED, col(Booking.no_show)))
        .where(col(Cover.end_at) > ends_at - _LONGEST_GRACE)
        .order_by(col(Cover.start_at), col(Cover.id))
    )
    covers, held = [], []
    for cover, start_at, told in await session.exec(reaching):
        in_force = cover.state == CoverState.IN_FORCE
        grace = timedelta(minutes=Terms.model_validate(cover.terms).grace_minutes) if in_force else timedelta()
        if cover.end_at + grace <= ends_at:
            continue
        if cover.state != CoverState.BOUND or start_at <= now or told:
            held.append(cover.end_at + grace)
        else:
            covers.append(cover)
    return Reach(covers, max(held, default=None))


async def _move(session: AsyncSession, booking: Booking, cover: Cover, *, by: Actor, now: datetime) -> None:
    level = await require_fit_for_booking(session, booking, at=booking.start_at, until=booking.end_at)
    moved = await move_cover(session, cover, area_id=booking.area_id, level=level, now=now)
    terms = Terms.model_validate(moved.terms)
    await keep_group_within(session, booking, terms)
    booking.cover_id = moved.id
    booking.required_level = max(booking.required_level, least_level(terms, CareKind(booking.kind)))
    session.add(booking)
    record_booking(session, FactKind.COVER_MOVED, booking, by=by.person_id, now=now)
    facts = window_facts(booking) | {"cover_number": moved.number}
    await tell_both(session, booking, MessageKind.COVER_MOVED, facts, now=now)


async def _cancel(session: AsyncSession, booking: Booking, *, by: Actor, now: datetime) -> None:
    side, why = Side.STAFF, VoidReason.POLICY_ENDED
    await end_unbegun(session, booking, "lose_cover", side=side, why=why, reason=ENDED_REASON, now=now)
    await close_for_both(session, booking, MessageKind.COVER_LOST, side=side, by=by.person_id, now=now)
