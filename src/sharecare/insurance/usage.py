"""Counting a policy's aggregates, in the transaction that uses them up."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import staff_ids_of
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.insurance.models import Policy, PolicyUsage
from sharecare.insurance.rules import Support
from sharecare.insurance.schedule import Aggregate, Crossing, Schedule, Used, crossings, exhausted
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all
from sharecare.messages.words import AGGREGATES


class AggregateReached(Refusal):
    """The policy has no room for one more support."""

    ja = "保険契約の{in_japanese}が上限に達しているため、この支援は成立できません。地区の運営に知らせています。"
    en = "The policy's {in_english} has reached its limit, and no support goes uninsured. The staff know."

    def __init__(self, aggregate: Aggregate) -> None:
        ja, en = AGGREGATES[aggregate]
        super().__init__(aggregate=aggregate.value, in_japanese=ja, in_english=en)


async def used_of(session: AsyncSession, policy_id: int) -> Used:
    """Return how much of a policy is used."""
    return _as_used(await usage_of(session, policy_id))


async def usage_of(session: AsyncSession, policy_id: int) -> PolicyUsage:
    """Return a policy's aggregates as they stand now."""
    held = select(PolicyUsage).where(PolicyUsage.policy_id == policy_id)
    return (await session.exec(held, execution_options={"populate_existing": True})).one()


async def use(
    session: AsyncSession,
    policy: Policy,
    usage: PolicyUsage,
    *,
    supports: int = 0,
    premium_yen: int = 0,
    claims_yen: int = 0,
    now: datetime,
) -> None:
    """Add to a policy's aggregates; the staff hear when one comes to 80% and when it comes to its end.

    Whoever calls holds the policy's row (`ledger.hold_policy`) and then reads the usage, so that nobody adds to an old
    figure.
    """
    before = _as_used(usage)
    usage.supports += supports
    usage.premium_yen += premium_yen
    usage.claims_yen += claims_yen
    session.add(usage)
    for crossing in crossings(Schedule.model_validate(policy.schedule), before, _as_used(usage)):
        await _tell_staff(session, policy, crossing, now=now)


async def used_up(session: AsyncSession, policy: Policy, support: Support) -> dict[str, object] | None:
    """Return what the staff should know where a support could no longer be insured; None where it could."""
    schedule, used = Schedule.model_validate(policy.schedule), await used_of(session, policy.id)
    premium_yen = schedule.tariff.premium_yen(minutes_between(support.start_at, support.end_at))
    found = exhausted(schedule, used, premium_yen=premium_yen)
    limit = schedule.limit_of(found) if found else None
    return _facts(policy, Crossing(found, used[found], limit)) if found and limit else None


def require_room(policy: Policy, usage: PolicyUsage, *, premium_yen: int, supports: int = 1) -> None:
    """Hold a new support, or a longer one (0), to what is left of a policy.

    Raises:
        AggregateReached: it would go beyond a limit.

    """
    schedule = Schedule.model_validate(policy.schedule)
    found = exhausted(schedule, _as_used(usage), premium_yen=premium_yen, supports=supports)
    if found is not None:
        raise AggregateReached(found)


def _as_used(usage: PolicyUsage) -> Used:
    return {
        Aggregate.SUPPORTS: usage.supports,
        Aggregate.PREMIUM: usage.premium_yen,
        Aggregate.CLAIMS: usage.claims_yen,
    }


async def _tell_staff(session: AsyncSession, policy: Policy, crossing: Crossing, *, now: datetime) -> None:
    kind = MessageKind.AGGREGATE_REACHED if crossing.is_reached else MessageKind.AGGREGATE_NEAR
    to = dict.fromkeys(await staff_ids_of(session, policy.area_id), _facts(policy, crossing))
    await tell_all(session, to=to, kind=kind, now=now)


def _facts(policy: Policy, crossing: Crossing) -> dict[str, object]:
    percent = crossing.used * 100 // crossing.limit
    return {"aggregate": crossing.aggregate.value, "policy_number": policy.number, "percent": percent}
