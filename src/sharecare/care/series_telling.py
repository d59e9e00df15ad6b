"""What is told of a series: once for all its dates, not once for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.day_models import CareSeries, SeriesDate
from sharecare.care.models import CareRequest
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell, tell_all


@dataclass(frozen=True, slots=True)
class Told:
    """Whom some dates of a series concern, and what every message about them says: the first of the dates."""

    requester_id: int
    supporter_id: int
    facts: dict[str, object]

    @classmethod
    async def of(cls, session: AsyncSession, series: CareSeries, supporter_id: int, days: Sequence[date]) -> Self:
        """Gather it; no days, no facts."""
        first = (
            select(CareRequest)
            .join(SeriesDate, col(SeriesDate.request_id) == col(CareRequest.id))
            .where(SeriesDate.series_id == series.id, col(SeriesDate.day).in_(days))
            .order_by(col(SeriesDate.day))
        )
        request = (await session.exec(first)).first()
        facts: dict[str, object] = {}
        if request is not None:
            facts = {
                "series_id": series.id,
                "kind": request.kind,
                "start_at": request.start_at.isoformat(),
                "end_at": request.end_at.isoformat(),
            }
        return cls(series.requester_id, supporter_id, facts)


async def tell_offered(session: AsyncSession, told: Told, *, dates: int, now: datetime) -> None:
    """Tell the family of offers that wait for its choice."""
    facts = told.facts | {"name": await _name(session, told.supporter_id), "dates": dates}
    await tell(session, person_id=told.requester_id, kind=MessageKind.SERIES_OFFERED, facts=facts, now=now)


async def tell_booked(session: AsyncSession, told: Told, *, dates: int, now: datetime) -> None:
    """Tell both sides of their bookings."""
    for person_id, about in (
        (told.requester_id, told.supporter_id),
        (told.supporter_id, told.requester_id),
    ):
        facts = told.facts | {"name": await _name(session, about), "dates": dates}
        await tell(session, person_id=person_id, kind=MessageKind.SERIES_BOOKED, facts=facts, now=now)


async def tell_cancelled(
    session: AsyncSession, told: Told, *, by: Actor, reason: str, dates: int, now: datetime
) -> None:
    """Tell the other side of cancelled bookings."""
    other = told.requester_id if by.person_id == told.supporter_id else told.supporter_id
    facts = told.facts | {"name": await _name(session, by.person_id), "reason": reason, "dates": dates}
    await tell(session, person_id=other, kind=MessageKind.SERIES_CANCELLED, facts=facts, now=now)


async def tell_asked_of_end(
    session: AsyncSession, told: Told, people: Iterable[int], *, dates: int, now: datetime
) -> None:
    """Tell those who were asked that dates are closed."""
    to = dict.fromkeys(sorted(people), told.facts | {"dates": dates})
    await tell_all(session, to=to, kind=MessageKind.SERIES_ASK_CLOSED, now=now)


async def _name(session: AsyncSession, person_id: int) -> str:
    return (await person_by_id(session, person_id)).name
