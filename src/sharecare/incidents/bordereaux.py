"""Bordereaux of supports and of claims: read from the two ledgers, sent once a month, corrected by adjustments."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import select as select_columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.care.models import Booking
from sharecare.incidents.bordereau_schemas import (
    ClaimBordereauRow,
    SentBordereauView,
    SentRow,
)
from sharecare.incidents.insurers import tell_of_bordereau
from sharecare.incidents.models import Claim, ClaimEntry, Incident
from sharecare.incidents.rules import CLOSED
from sharecare.insurance.bordereau import month_bounds, rows_of_policy, totals_of
from sharecare.insurance.ledger import hold_policy
from sharecare.insurance.models import Cover, CoverEntry, Policy, SentBordereau
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.schemas import BordereauRow
from sharecare.insurance.sent import (
    CHANGE,
    BordereauKind,
    Month,
    MonthStillRuns,
    freeze,
)
from sharecare.spreadsheet import as_csv, as_xlsx

_SENT_ROW = [col(getattr(SentBordereau, name)) for name in SentRow.model_fields]
COLUMNS = {
    BordereauKind.SUPPORTS: list(BordereauRow.model_fields),
    BordereauKind.CLAIMS: list(ClaimBordereauRow.model_fields),
}


async def send_bordereau(
    session: AsyncSession, *, by: Actor, policy_id: int, kind: BordereauKind, month: date, now: datetime
) -> SentBordereau:
    """Send the insurer a month that is over, or what has changed in it since it was sent; its people are told.

    Raises:
        MonthStillRuns: the month is not over.
        NothingToCorrect: it was sent, and nothing has changed.

    """
    policy = await policy_by_id(session, policy_id)
    zone = await zone_of(session, policy)
    first, after = month_bounds(month, zone)
    if now < after:
        raise MonthStillRuns
    await hold_policy(session, policy_id)
    told = await month_of(session, policy, kind, month=month, through=await last_line(session, policy_id, kind))
    sent = await freeze(
        session, by_person_id=by.person_id, policy=policy, kind=kind, month=f"{first:%Y-%m}", told=told, now=now
    )
    await tell_of_bordereau(session, policy, sent, now=now)
    return sent


async def month_of(session: AsyncSession, policy: Policy, kind: BordereauKind, *, month: date, through: int) -> Month:
    """Return a month as a policy's ledger told it with the line of a number."""
    zone = await zone_of(session, policy)
    if kind is BordereauKind.SUPPORTS:
        supports = await rows_of_policy(session, policy_id=policy.id, month=month, zone=zone, through=through)
        rows = await asyncio.to_thread(lambda: [row.model_dump(mode="json") for row in supports])
        return Month(rows, totals_of(supports).model_dump(), through)
    claims = await _claims(session, policy, month=month, zone=zone, through=through)
    return Month([row.model_dump(mode="json") for row in claims], _totals(claims), through)


async def last_line(session: AsyncSession, policy_id: int, kind: BordereauKind) -> int:
    """Return the number of the last line of the ledger that a kind is read from."""
    ledger = CoverEntry if kind is BordereauKind.SUPPORTS else ClaimEntry
    found = select(func.coalesce(func.max(ledger.seq), 0)).where(ledger.policy_id == policy_id)
    return (await session.exec(found)).one()


async def zone_of(session: AsyncSession, policy: Policy) -> ZoneInfo:
    """Return the clock of a policy's area."""
    return ZoneInfo((await session.exec(select(Area.timezone).where(Area.id == policy.area_id))).one())


async def sent_of_policy(session: AsyncSession, policy_id: int) -> list[SentRow]:
    """Return what was sent about a policy, newest first."""
    # Not what was sent: a large town's month has megabytes.
    found = select_columns(*_SENT_ROW).where(col(SentBordereau.policy_id) == policy_id)
    sent = await (await session.connection()).execute(found.order_by(col(SentBordereau.id).desc()))
    return [SentRow.model_validate(one) for one in sent]


async def sent_view(session: AsyncSession, bordereau_id: int) -> SentBordereauView:
    """Return a bordereau exactly as it was sent."""
    sent = (await session.exec(select(SentBordereau).where(SentBordereau.id == bordereau_id))).one()
    policy = await policy_by_id(session, sent.policy_id)
    return SentBordereauView(
        **SentRow.model_validate(sent).model_dump(),
        policy_number=policy.number,
        insurer=policy.insurer,
        **sent.content,
    )


def is_told(lines: Sequence[ClaimEntry], first: datetime, after: datetime) -> bool:
    """Say whether a claim was open in a month, or moved in it."""
    known = [line for line in lines if line.at < after]
    return bool(known) and (known[-1].at >= first or known[-1].state not in CLOSED)


def sent_as_csv(sent: SentBordereauView) -> str:
    """Return the rows as CSV."""
    return as_csv(sent.rows, columns=_columns(sent))


def sent_as_xlsx(sent: SentBordereauView) -> bytes:
    """Return the rows and the totals as a workbook."""
    totals = [
        {"total": name, "value": value, "difference": sent.difference.get(name)} for name, value in sent.totals.items()
    ]
    about = ("policy_number", "insurer", "kind", "month", "number", "sent_at", "ledger_seq", "content_hash")
    facts = sent.model_dump(mode="json", include=set(about))
    return as_xlsx(
        {
            sent.kind: (_columns(sent), sent.rows),
            "totals": (("total", "value", "difference"), totals),
            "about": (("fact", "value"), [{"fact": name, "value": facts[name]} for name in about]),
        }
    )


def _columns(sent: SentBordereauView) -> list[str]:
    return ([CHANGE] if sent.number else []) + COLUMNS[sent.kind]


async def _claims(
    session: AsyncSession, policy: Policy, *, month: date, zone: ZoneInfo, through: int
) -> list[ClaimBordereauRow]:
    """Return the claims that were open in a month or moved in it, as they stood at its end."""
    first, after = month_bounds(month, zone)
    found = (
        select(ClaimEntry, Claim, Cover.number, Incident.occurred_at)
        .join(Claim, col(Claim.id) == col(ClaimEntry.claim_id))
        .join(Incident, col(Incident.id) == col(Claim.incident_id))
        .join(Booking, col(Booking.id) == col(Incident.booking_id))
        .join(Cover, col(Cover.id) == col(Booking.cover_id))
        .where(ClaimEntry.policy_id == policy.id, col(ClaimEntry.seq) <= through, col(ClaimEntry.at) < after)
        .order_by(col(ClaimEntry.claim_id), col(ClaimEntry.seq))
    )
    rows = []
    for _, lines in groupby((await session.exec(found)).all(), key=lambda row: row[0].claim_id):
        told = list(lines)
        entries = [entry for entry, *_ in told]
        _, claim, cover_number, occurred_at = told[0]
        before = [entry for entry in entries if entry.at < first]
        if not is_told(entries, first, after):
            continue
        rows.append(_claim_row(claim, policy, cover_number, occurred_at.astimezone(zone), entries, before, zone))
    return rows


def _claim_row(
    claim: Claim,
    policy: Policy,
    cover_number: str,
    occurred_at: datetime,
    entries: Sequence[ClaimEntry],
    before: Sequence[ClaimEntry],
    zone: ZoneInfo,
) -> ClaimBordereauRow:
    last = entries[-1]
    return ClaimBordereauRow(
        number=claim.number,
        policy_number=policy.number,
        insurer=policy.insurer,
        cover_number=cover_number,
        peril=claim.peril,
        claimant=claim.claimant,
        occurred_at=occurred_at,
        filed_at=entries[0].at.astimezone(zone),
        moved_at=last.at.astimezone(zone),
        state=last.state,
        claimed_yen=last.claimed_yen,
        reserve_yen=last.reserve_yen,
        paid_yen=last.paid_yen,
        paid_in_month_yen=last.paid_yen - (before[-1].paid_yen if before else 0),
    )


def _totals(rows: Sequence[ClaimBordereauRow]) -> dict[str, int]:
    return {
        "claims": len(rows),
        "open": sum(row.state not in CLOSED for row in rows),
        "claimed_yen": sum(row.claimed_yen for row in rows),
        "reserve_yen": sum(row.reserve_yen for row in rows),
        "paid_yen": sum(row.paid_yen for row in rows),
        "paid_in_month_yen": sum(row.paid_in_month_yen for row in rows),
    }
