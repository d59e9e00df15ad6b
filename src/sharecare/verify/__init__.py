"""Checking the invariants of a live database, read-only: what `sharecare verify` prints."""

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.verify.bookings import levels_not_held, overlaps, uncovered
from sharecare.verify.breach import Breach
from sharecare.verify.care_day import (
    broken_groups,
    broken_series,
    hidden_gaps,
    illegal_contests,
    illegal_no_shows,
    unwritten_steps,
)
from sharecare.verify.chains import broken_chains_and_guards
from sharecare.verify.figures import wrong_figures
from sharecare.verify.insurance import wrong_insurance
from sharecare.verify.marks import malformed_keys, marks_beyond_journal
from sharecare.verify.moves import moves_without_facts
from sharecare.verify.reconciled import unreconciled_months

__all__ = ["Breach", "verify"]

CHECKS = (
    overlaps,
    uncovered,
    levels_not_held,
    broken_groups,
    hidden_gaps,
    illegal_no_shows,
    illegal_contests,
    unwritten_steps,
    broken_series,
    broken_chains_and_guards,
    wrong_insurance,
    unreconciled_months,
    wrong_figures,
    malformed_keys,
    moves_without_facts,
    marks_beyond_journal,
)


async def verify(session: AsyncSession) -> list[Breach]:
    """Return every breach of an invariant that the database shows; the session must not have been used yet."""
    if session.get_bind().dialect.name == "postgresql":
        # One snapshot for all checks: a booking and its fact read apart would look broken. SQLite's readers have one.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return [breach for check in CHECKS for breach in await check(session)]
