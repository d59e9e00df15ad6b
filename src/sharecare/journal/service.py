"""Writing facts and sealing them."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.journal.feed import final_before
from sharecare.journal.models import Fact, Seal
from sharecare.journal.rules import GENESIS, FactKind, seal_of

SEAL_BATCH = 1000
# Two workers would give the same numbers; the second waits for the first one's commit. (The key is arbitrary.)
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(20261001)")


def record(  # noqa: PLR0913  -- one keyword for each column of a fact
    session: AsyncSession,
    *,
    kind: FactKind,
    at: datetime,
    area_id: int | None = None,
    actor_id: int | None = None,
    person_id: int | None = None,
    other_id: int | None = None,
    request_id: int | None = None,
    booking_id: int | None = None,
    cell: int | None = None,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    minutes: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Add one fact to the running transaction; `data` holds codes and figures, never a name or a text."""
    session.add(
        Fact(
            kind=kind,
            at=at,
            area_id=area_id,
            actor_id=actor_id,
            person_id=person_id,
            other_id=other_id,
            request_id=request_id,
            booking_id=booking_id,
            cell=cell,
            start_at=start_at,
            end_at=end_at,
            minutes=minutes,
            data=data or {},
        )
    )


async def seal_facts(session: AsyncSession) -> int:
    """Chain every fact that can no longer be preceded by another; return how many were sealed."""
    if session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).execute(_ONE_AT_A_TIME)
    last = (await session.exec(select(Seal).order_by(col(Seal.seq).desc()).limit(1))).first()
    seal, seq = (last.seal, last.seq) if last else (GENESIS, 0)
    unsealed = (
        select(Fact)
        .where(await final_before(session))
        .where(col(Fact.id).not_in(select(Seal.fact_id)))
        .order_by(col(Fact.tx), col(Fact.id))
        .limit(SEAL_BATCH)
    )
    facts = (await session.exec(unsealed)).all()
    for fact in facts:
        seal, seq = seal_of(seal, fact.sealed()), seq + 1
        session.add(Seal(seq=seq, fact_id=fact.id, seal=seal))
    return len(facts)
