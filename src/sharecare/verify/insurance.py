"""Invariant 3 beyond the covers: the claims ledger, what was sent to the insurer, and how far a policy is used."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.canonical import content_hash
from sharecare.care.models import Booking
from sharecare.incidents.bordereaux import month_of
from sharecare.incidents.claims import claim_line_hash
from sharecare.incidents.models import Claim, ClaimEntry, Incident
from sharecare.incidents.rules import ClaimState, claim_may_become
from sharecare.insurance.models import CoverEntry, Policy, PolicyUsage, SentBordereau
from sharecare.insurance.rules import LedgerKind
from sharecare.insurance.sent import BordereauKind, folded
from sharecare.journal.rules import GENESIS
from sharecare.verify.breach import Breach

# What a line does to the number of supports that a policy has insured.
COUNTS = {LedgerKind.BOUND: 1, LedgerKind.VOIDED: -1, LedgerKind.REINSTATED: 1}


async def wrong_insurance(session: AsyncSession) -> list[Breach]:
    """Find claims at odds with their ledger, bordereaux at odds with both, and aggregates that a recount denies."""
    lines = (await session.exec(select(ClaimEntry).order_by(col(ClaimEntry.policy_id), col(ClaimEntry.seq)))).all()
    return [
        *_broken_claim_chains(lines),
        *await _wrong_claims(session, lines),
        *await _claims_without_cover(session),
        *await _wrong_usage(session, lines),
        *await _wrong_bordereaux(session),
    ]


def _broken_claim_chains(lines: Sequence[ClaimEntry]) -> Iterable[Breach]:
    for policy_id, of_policy in groupby(lines, key=lambda line: line.policy_id):
        seq, before = 0, GENESIS
        for line in of_policy:
            if (line.seq, line.before, line.hash) != (seq + 1, before, claim_line_hash(line)):
                yield Breach(3, "claims ledger chain broken", "claim_ledger", (policy_id, line.seq))
            seq, before = line.seq, line.hash


async def _wrong_claims(session: AsyncSession, lines: Sequence[ClaimEntry]) -> list[Breach]:
    of_claims: dict[int, list[ClaimEntry]] = {}
    for line in lines:
        of_claims.setdefault(line.claim_id, []).append(line)
    found = []
    for claim in await session.exec(select(Claim).order_by(col(Claim.id))):
        told = of_claims.get(claim.id, [])
        if not told or _figures(told[-1]) != _figures(claim):
            found.append(Breach(3, "claim at odds with its last line", "claim", (claim.id,)))
        elif not _is_legal([line.state for line in told]):
            found.append(Breach(3, "claim moved as no claim may", "claim", (claim.id,)))
    return found


async def _claims_without_cover(session: AsyncSession) -> list[Breach]:
    """Find claims whose cover the supports ledger of their policy doesn't tell, or tells as voided."""
    lines = select(CoverEntry.id).where(CoverEntry.cover_id == Booking.cover_id)
    bound = lines.where(CoverEntry.policy_id == Claim.policy_id, CoverEntry.kind == LedgerKind.BOUND)
    later = aliased(CoverEntry)
    reinstated = select(later.id).where(
        later.cover_id == CoverEntry.cover_id, later.kind == LedgerKind.REINSTATED, later.seq > CoverEntry.seq
    )
    voided = lines.where(CoverEntry.kind == LedgerKind.VOIDED, ~reinstated.exists())
    found = (
        select(Claim.id)
        .join(Incident, col(Incident.id) == col(Claim.incident_id))
        .join(Booking, col(Booking.id) == col(Incident.booking_id))
        .where(Claim.state != ClaimState.WITHDRAWN, ~bound.exists() | voided.exists())
        .order_by(col(Claim.id))
    )
    return [Breach(3, "claim under a cover that bears no risk", "claim", (one,)) for one in await session.exec(found)]


def _figures(one: Claim | ClaimEntry) -> tuple[str, int, int, int]:
    return one.state, one.claimed_yen, one.reserve_yen, one.paid_yen


def _is_legal(states: Sequence[str]) -> bool:
    known = {state.value for state in ClaimState}
    if states[0] != ClaimState.FILED or not known.issuperset(states):
        return False
    pairs = pairwise(states)
    return all(claim_may_become(ClaimState(one), ClaimState(next_one)) for one, next_one in pairs)


async def _wrong_usage(session: AsyncSession, lines: Sequence[ClaimEntry]) -> list[Breach]:
    """Recount every aggregate from the ledgers alone."""
    supports: Counter[int] = Counter()
    premium: dict[int, int] = {}
    policy_of: dict[int, int] = {}
    entries = await session.stream_scalars(
        select(CoverEntry).order_by(col(CoverEntry.cover_id), col(CoverEntry.seq)),
        execution_options={"yield_per": 1000},
    )
    async for entry in entries:
        policy_of[entry.cover_id] = entry.policy_id
        premium[entry.cover_id] = entry.data.get("premium_yen", premium.get(entry.cover_id, 0))
        supports[entry.policy_id] += COUNTS.get(LedgerKind(entry.kind), 0)
    premiums: Counter[int] = Counter()
    for cover_id, yen in premium.items():
        premiums[policy_of[cover_id]] += yen
    claims: Counter[int] = Counter()
    for line in {line.claim_id: line for line in lines}.values():
        claims[line.policy_id] += line.reserve_yen + line.paid_yen
    usages = (await session.exec(select(PolicyUsage).order_by(col(PolicyUsage.policy_id)))).all()
    return [
        Breach(3, "aggregates differ from a recount of the ledgers", "insurance_usage", (usage.policy_id,))
        for usage in usages
        if (usage.supports, usage.premium_yen, usage.claims_yen)
        != (supports[usage.policy_id], premiums[usage.policy_id], claims[usage.policy_id])
    ]


async def _wrong_bordereaux(session: AsyncSession) -> list[Breach]:
    """Find bordereaux that were altered, or say other than the ledger said when they were sent."""
    found = (
        select(SentBordereau, Policy)
        .join(Policy, col(Policy.id) == col(SentBordereau.policy_id))
        .order_by(
            col(SentBordereau.policy_id),
            col(SentBordereau.kind),
            col(SentBordereau.month),
            col(SentBordereau.number),
        )
    )
    wrong: list[Breach] = []
    before: list[dict[str, Any]] = []
    for sent, policy in (await session.exec(found)).all():
        before = [*before, sent.content] if sent.number else [sent.content]
        if content_hash(sent.content) != sent.content_hash:
            wrong.append(Breach(3, "what was sent to the insurer was altered", "insurance_bordereau", (sent.id,)))
            continue
        if not await _is_what_the_ledger_said(session, sent, policy, before):
            what = "what was sent to the insurer is not what the ledger said"
            wrong.append(Breach(3, what, "insurance_bordereau", (sent.id,)))
    return wrong


async def _is_what_the_ledger_said(
    session: AsyncSession, sent: SentBordereau, policy: Policy, contents: Sequence[dict[str, Any]]
) -> bool:
    month = date.fromisoformat(f"{sent.month}-01")
    try:
        told = await month_of(session, policy, BordereauKind(sent.kind), month=month, through=sent.ledger_seq)
    except (KeyError, TypeError, ValueError):  # an altered line need not make sense
        return False
    rows = {row["number"]: dict(row) for row in told.rows}
    return (folded(contents), sent.content["totals"]) == (rows, dict(told.totals))
