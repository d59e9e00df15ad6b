"""The months of an area's policies that are over: what was sent of each, and which must be adjusted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.incidents.bordereau_schemas import MonthStanding, SentRow
from sharecare.incidents.bordereaux import is_told, sent_of_policy, zone_of
from sharecare.incidents.drafts import Drafts, Period
from sharecare.incidents.models import ClaimEntry
from sharecare.insurance.bordereau import month_bounds
from sharecare.insurance.models import Policy
from sharecare.insurance.queries import policies_of
from sharecare.insurance.sent import BordereauKind

Sent = dict[BordereauKind, list[SentRow]]


async def months_of_area(session: AsyncSession, *, area_id: int, drafts: Drafts, now: datetime) -> list[MonthStanding]:
    """Return the months of an area's policies that are over, newest first.

    Supports end with the policy; of its claims the insurer hears on, in every month that has anything to tell.
    """
    found = []
    for policy in await policies_of(session, area_id=area_id):
        found += await _months_of_policy(session, policy, drafts=drafts, now=now)
    return sorted(found, key=lambda one: one.month, reverse=True)


async def _months_of_policy(
    session: AsyncSession, policy: Policy, *, drafts: Drafts, now: datetime
) -> list[MonthStanding]:
    months = {f"{first:%Y-%m}": (first, after) for first, after in _months(policy, await zone_of(session, policy), now)}
    rows = (await sent_of_policy(session, policy.id))[::-1]
    claims = await _lines_by_claim(session, policy.id)
    last_supports = await _last_supports(session, policy, months, rows, drafts=drafts)
    found = []
    for month, (first, after) in months.items():
        sent = _due(policy, first, after, [one for one in rows if one.month == month], claims)
        if after > now or not sent:
            continue
        last_claims = max((line.seq for lines in claims for line in lines if line.at < after), default=0)
        last = {BordereauKind.SUPPORTS: last_supports.get(month, 0), BordereauKind.CLAIMS: last_claims}
        found.append(
            MonthStanding(
                policy_id=policy.id,
                policy_number=policy.number,
                insurer=policy.insurer,
                month=month,
                sent=sent,
                to_adjust=[
                    kind
                    for kind, told in sent.items()
                    if told
                    and await drafts.corrects(session, policy=policy, sent=told[-1], last_line_here=last[kind], now=now)
                ],
            )
        )
    return found


def _due(
    policy: Policy, first: datetime, after: datetime, sent: Sequence[SentRow], claims: Sequence[Sequence[ClaimEntry]]
) -> Sent:
    """Return what was sent of a month by the kinds that are due; nothing after the policy that has nothing to tell."""
    by_kind = {kind: [one for one in sent if one.kind == kind] for kind in BordereauKind}
    in_run_off = first >= policy.valid_until
    if in_run_off and not by_kind[BordereauKind.SUPPORTS]:
        del by_kind[BordereauKind.SUPPORTS]
    if in_run_off and not any(by_kind.values()) and not any(is_told(one, first, after) for one in claims):
        return {}
    return by_kind


async def _last_supports(
    session: AsyncSession, policy: Policy, months: Mapping[str, Period], sent: Sequence[SentRow], *, drafts: Drafts
) -> Mapping[str, int]:
    """Return the last line of supports in each month, where one may have come since some month was sent."""
    told = {one.month: one.ledger_seq for one in sent if one.kind is BordereauKind.SUPPORTS}
    if not told:
        return {}
    kept = {month: period for month, period in months.items() if period[0] < policy.valid_until or month in told}
    return await drafts.last_lines(session, policy_id=policy.id, months=kept, since=min(told.values()))


async def _lines_by_claim(session: AsyncSession, policy_id: int) -> list[list[ClaimEntry]]:
    lines = select(ClaimEntry).where(ClaimEntry.policy_id == policy_id)
    found = (await session.exec(lines.order_by(col(ClaimEntry.claim_id), col(ClaimEntry.seq)))).all()
    return [list(of_claim) for _, of_claim in groupby(found, key=lambda line: line.claim_id)]


def _months(policy: Policy, zone: ZoneInfo, now: datetime) -> Iterator[Period]:
    """Yield the months since a policy began, up to the one that runs."""
    first, after = month_bounds(policy.valid_from.astimezone(zone).date(), zone)
    while first <= now:
        yield first, after
        first, after = month_bounds(after.date(), zone)
