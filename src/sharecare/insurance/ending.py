"""Ending a policy before its time, and moving a cover to another policy."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.areas.rules import Level
from sharecare.errors import Refusal
from sharecare.insurance.ledger import opening_line
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import Support, VoidReason
from sharecare.insurance.service import bind_cover, void_cover
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


class WrongPolicyEnd(Refusal):
    """A policy ends earlier than it would have, and not in the past."""

    status = 400
    ja = "終わりの日は今日からで、契約の始まりから、いまの終わりより前までの間で選んでください。"
    en = "Choose an end from today on, after the policy begins and before it ends anyway."


async def end_policy(
    session: AsyncSession, *, by_person_id: int, policy_id: int, ends_at: datetime, now: datetime
) -> Area:
    """Let a policy end earlier, and hold it; the caller moves or voids what it covered beyond. Return its area.

    Raises:
        WrongPolicyEnd: that is past, before the policy begins, or not before it ends.

    """
    policy = await session.get_one(Policy, policy_id, with_for_update={"key_share": True})
    if not max(now, policy.valid_from) <= ends_at < policy.valid_until:
        raise WrongPolicyEnd
    before, policy.valid_until = policy.valid_until, ends_at
    session.add(policy)
    await session.flush()  # nothing is bound under it beyond its end any more
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
    return await session.get_one(Area, policy.area_id)


async def move_cover(session: AsyncSession, cover: Cover, *, area_id: int, level: Level, now: datetime) -> Cover:
    """Insure a support that has not begun by another policy, for the same window, on today's terms.

    `level` is what its supporter holds now.

    Raises:
        NoPolicy, OutsideTerms, AggregateReached: no other policy takes it; nothing was changed.

    """
    quoted = await opening_line(session, cover.id)
    support = Support.from_facts(quoted.data | {"level": level}, start_at=cover.start_at, end_at=cover.end_at)
    moved = await bind_cover(session, area_id=area_id, supporter_id=cover.supporter_id, support=support, now=now)
    await void_cover(session, cover_id=cover.id, reason=VoidReason.POLICY_ENDED, now=now)
    return moved
