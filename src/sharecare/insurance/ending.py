"""Ending a policy before its time, and moving a cover to another policy."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from sharecare.errors import Refusal
from sharecare.insurance.ledger import opening_line
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import CoverState, Support, VoidReason
from sharecare.insurance.service import bind_cover, void_cover
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


class WrongPolicyEnd(Refusal):
    """A policy ends earlier than it would have, and not in the past."""

    status = 400
    ja = "終わりの日は、今日から、いまの契約の終わりより前までで選んでください。"
    en = "Choose an end from today on, and before the policy ends anyway."


class CareUnderPolicy(Refusal):
    """What has begun under a policy stays insured by it to its agreed end."""

    ja = "この契約の保険がついた支援がその後まで続いている(または記録されている)ため、その日では終わらせられません。"
    en = "A support that this policy insures goes on beyond that, or is on record, so it can't end then."


async def end_policy(
    session: AsyncSession, *, by_person_id: int, policy_id: int, ends_at: datetime, now: datetime
) -> Sequence[Cover]:
    """Let a policy end earlier; return the covers that are bound beyond, which the caller must move or void.

    Raises:
        WrongPolicyEnd: that is past, before the policy begins, or not before it ends.
        CareUnderPolicy: a support that has begun under it is agreed on beyond that.

    """
    policy = await session.get_one(Policy, policy_id, with_for_update={"key_share": True})
    if not max(now, policy.valid_from) <= ends_at < policy.valid_until:
        raise WrongPolicyEnd
    covers = (await session.exec(_beyond(policy_id, ends_at))).all()
    if any(cover.state != CoverState.BOUND for cover in covers):
        raise CareUnderPolicy
    before, policy.valid_until = policy.valid_until, ends_at
    session.add(policy)
    await session.flush()  # no cover is bound under it beyond its end any more
    record(
        session,
        kind=FactKind.POLICY_ENDED,
        at=now,
        area_id=policy.area_id,
        actor_id=by_person_id,
        start_at=policy.valid_from,
        end_at=ends_at,
        data={"policy_id": policy_id, "until_before": before.isoformat()},
    )
    return covers


async def move_cover(session: AsyncSession, cover: Cover, *, area_id: int, now: datetime) -> Cover:
    """Insure a support that has not begun by another policy, for the same window, on today's terms.

    Raises:
        NoPolicy, OutsideTerms, AggregateReached: no other policy takes it; nothing was changed.

    """
    quoted = await opening_line(session, cover.id)
    support = Support.from_facts(quoted.data, start_at=cover.start_at, end_at=cover.end_at)
    moved = await bind_cover(session, area_id=area_id, supporter_id=cover.supporter_id, support=support, now=now)
    await void_cover(session, cover_id=cover.id, reason=VoidReason.POLICY_ENDED, now=now)
    return moved


def _beyond(policy_id: int, ends_at: datetime) -> SelectOfScalar[Cover]:
    reaching = select(Cover).where(Cover.policy_id == policy_id, col(Cover.end_at) > ends_at)
    return reaching.where(col(Cover.state) != CoverState.VOIDED).order_by(col(Cover.start_at), col(Cover.id))
