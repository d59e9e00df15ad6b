"""Uncovered time of a care: written down when the care ends, explained by staff, never taken away."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.bookings import booking_by_id, record_booking
from sharecare.care.day_models import CoverGap
from sharecare.care.day_schemas import GapView
from sharecare.care.models import Booking
from sharecare.errors import Refusal
from sharecare.insurance.rules import Coverage
from sharecare.journal.rules import FactKind


class NoGap(Refusal):
    """The whole care was covered, or is not over yet."""

    ja = "この支援に、保険の外の時間はありません。"
    en = "This care has no uncovered time."


def open_gap(
    session: AsyncSession,
    booking: Booking,
    coverage: Coverage,
    started_at: datetime,
    finished_at: datetime,
    *,
    now: datetime,
) -> None:
    """Write down what no cover reached; a care starts inside its window, so only its end can lie outside."""
    session.add(
        CoverGap(
            booking_id=booking.id,
            area_id=booking.area_id,
            start_at=max(coverage.covered_until, started_at),
            end_at=finished_at,
            minutes=coverage.open_gap_minutes,
            opened_at=now,
        )
    )


async def gap_of(session: AsyncSession, booking_id: int) -> GapView | None:
    """Return the uncovered time of a care that is over, if it has any."""
    gap = await session.get(CoverGap, booking_id)
    return GapView.model_validate(gap) if gap else None


async def explain_gap(
    session: AsyncSession, *, by: Actor, booking_id: int, explanation: str, now: datetime
) -> CoverGap:
    """Say how a gap came about and what was done; the gap itself stays.

    Raises:
        NoGap: the care has none.

    """
    gap = await session.get(CoverGap, booking_id, with_for_update=True)
    if gap is None:
        raise NoGap
    gap.explanation, gap.explained_by, gap.explained_at = explanation, by.person_id, now
    session.add(gap)
    record_booking(session, FactKind.GAP_EXPLAINED, await booking_by_id(session, booking_id), by=by.person_id, now=now)
    return gap
