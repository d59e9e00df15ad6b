"""Whether the sealed journal still says what it said when it was sealed."""

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.journal.models import Fact, Seal
from sharecare.journal.rules import GENESIS, seal_of

BATCH = 1000


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A seal that does not follow the one before it, or whose fact was altered or removed."""

    seq: int
    fact_id: int


async def broken_seals(session: AsyncSession) -> list[BrokenSeal]:
    """Return the seals whose number or hash doesn't fit.

    What was cut off at the journal's end leaves no gap here; the rows that lack their facts tell of it.
    """
    sealed = select(Seal, Fact).join(Fact, col(Fact.id) == col(Seal.fact_id), isouter=True).order_by(col(Seal.seq))
    broken, seq, before = [], 0, GENESIS
    async for seal, fact in await session.stream(sealed, execution_options={"yield_per": BATCH}):
        seq += 1
        fits = fact is not None and seal.seal == seal_of(before, fact.sealed())
        if not fits or seal.seq != seq:
            broken.append(BrokenSeal(seal.seq, seal.fact_id))
        seq, before = seal.seq, seal.seal  # so that one altered fact breaks one seal, not all that follow
    return broken
