"""The one way a line gets into the ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.insurance.models import Cover, CoverEntry, Policy, PolicyUsage
from sharecare.insurance.rules import LedgerKind, entry_hash
from sharecare.journal.rules import GENESIS


async def hold_policy(session: AsyncSession, policy_id: int) -> None:
    """Wait for whoever writes about a policy: its row is the queue, or two transactions would follow the same line."""
    await session.exec(select(Policy.id).where(Policy.id == policy_id).with_for_update(key_share=True))


async def next_line(session: AsyncSession, policy_id: int) -> tuple[int, str]:
    """Return the number of a policy's next line and the hash it follows, and keep all others from writing one."""
    await hold_policy(session, policy_id)
    place, _ = await line_and_usage(session, policy_id)
    return place


async def line_and_usage(session: AsyncSession, policy_id: int) -> tuple[tuple[int, str], PolicyUsage]:
    """Return the same for a policy that is held already, and its aggregates as they stand now."""
    found = await session.exec(
        _LAST_AND_USAGE, params={"policy_id": policy_id}, execution_options={"populate_existing": True}
    )
    usage, seq, hash_ = found.one()
    return (1, GENESIS) if seq is None else (seq + 1, hash_), usage


_LAST_AND_USAGE = (
    select(PolicyUsage, CoverEntry.seq, CoverEntry.hash)
    .join(CoverEntry, col(CoverEntry.policy_id) == col(PolicyUsage.policy_id), isouter=True)
    .where(PolicyUsage.policy_id == bindparam("policy_id"))
    .order_by(col(CoverEntry.seq).desc())
    .limit(1)
)


async def opening_line(session: AsyncSession, cover_id: int) -> CoverEntry:
    """Return the line that tells what a cover insures."""
    line = select(CoverEntry).where(CoverEntry.cover_id == cover_id, CoverEntry.kind == LedgerKind.BOUND)
    return (await session.exec(line)).one()


def write_line(
    session: AsyncSession, cover: Cover, kind: LedgerKind, *, place: tuple[int, str], at: datetime, data: dict[str, Any]
) -> tuple[int, str]:
    """Add a line about a cover as it stands, at the place that `next_line` returned; return the place after it."""
    seq, before = place
    entry = CoverEntry(
        policy_id=cover.policy_id,
        seq=seq,
        cover_id=cover.id,
        kind=kind,
        at=at,
        start_at=cover.start_at,
        end_at=cover.end_at,
        data=data,
        before=before,
        hash="",
    )
    entry.hash = line_hash(entry)
    session.add(entry)
    return seq + 1, entry.hash


def line_hash(entry: CoverEntry) -> str:
    """Return the hash that a line must carry."""
    return entry_hash(entry.before, entry.model_dump(exclude={"id", "before", "hash"}))
