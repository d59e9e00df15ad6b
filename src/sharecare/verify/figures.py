"""Invariant 4: every stored area-day equals a recount from the journal, and its uses one from the bookings."""

from collections import Counter
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.models import Booking
from sharecare.care.rules import BookingState
from sharecare.incidents.models import Claim, Incident
from sharecare.incidents.rules import IncidentKind
from sharecare.incidents.service import REPORTED
from sharecare.journal.feed import Feed
from sharecare.journal.models import FeedMark
from sharecare.journal.rules import FactKind
from sharecare.metrics.days import day_of
from sharecare.metrics.figures import DayFigures
from sharecare.metrics.gather import Place, places, recomputed
from sharecare.metrics.models import AreaDay
from sharecare.metrics.service import READER
from sharecare.metrics.touched import Touched, touched_by
from sharecare.verify.breach import Breach

Key = tuple[int, date]


async def wrong_figures(session: AsyncSession) -> list[Breach]:
    """Find area-days that are wrong; those that facts not yet rolled up touch are left out."""
    there = await places(session)
    pending = await _pending(session, there)
    rows = (await session.exec(select(AreaDay).order_by(col(AreaDay.area_id), col(AreaDay.day)))).all()
    stored = {(row.area_id, row.day): row.figures for row in rows if not pending.covers(row.area_id, row.day)}
    wrong = [
        Breach(4, "figures differ from a recount of the journal", "area_day", _row(key))
        for key, figures in (await _recount(session, there, set(stored))).items()
        if stored[key] != figures.model_dump(mode="json")
    ]
    return [
        *wrong,
        *await _wrong_uses(session, there, stored, pending),
        *await _wrong_safety(session, there, stored, pending),
    ]


async def _pending(session: AsyncSession, there: dict[int, Place]) -> Touched:
    mark = (await session.exec(select(FeedMark).where(FeedMark.reader == READER))).first()
    return await touched_by(session, await Feed(mark.position if mark else 0).read(session), there)


async def _recount(session: AsyncSession, there: dict[int, Place], keys: set[Key]) -> dict[Key, DayFigures]:
    found: dict[Key, DayFigures] = {}
    for place in there.values():
        days = {day for area_id, day in keys if area_id == place.area_id}
        found |= {(place.area_id, day): figures for day, figures in (await recomputed(session, place, days)).items()}
    return found


async def _wrong_uses(
    session: AsyncSession, there: dict[int, Place], stored: dict[Key, dict[str, object]], pending: Touched
) -> list[Breach]:
    # A care that is put down later counts on that day: a day that was told of stays as it was.
    ended = Booking.state == BookingState.COMPLETED, col(Booking.finished_at).is_not(None)
    completed = select(Booking.area_id, Booking.closed_at).where(*ended)
    lived = Counter(
        (area_id, day_of(closed_at, there[area_id].zone))
        for area_id, closed_at in await session.exec(completed)
        if closed_at is not None
    )
    told = {key: len(DayFigures.model_validate(figures).flow.uses) for key, figures in stored.items()}
    keys = {key for key in lived if not pending.covers(*key)} | told.keys()
    return [
        Breach(4, "uses differ from the completed bookings", "area_day", _row(key))
        for key in sorted(keys)
        if lived[key] != told.get(key, 0)
    ]


async def _wrong_safety(
    session: AsyncSession, there: dict[int, Place], stored: dict[Key, dict[str, object]], pending: Touched
) -> list[Breach]:
    """Find days whose near misses, incidents and claims are not those that the tables hold."""
    reported = select(Incident.area_id, Incident.kind, Incident.reported_at)
    filed = select(Incident.area_id, Claim.filed_at).join(Incident, col(Incident.id) == col(Claim.incident_id))
    happened = [(area_id, REPORTED[IncidentKind(kind)], at) for area_id, kind, at in await session.exec(reported)]
    happened += [(area_id, FactKind.CLAIM_FILED, at) for area_id, at in await session.exec(filed)]
    there_were = Counter((area_id, day_of(at, there[area_id].zone), str(kind)) for area_id, kind, at in happened)
    told = Counter(
        (*key, line.kind) for key, figures in stored.items() for line in DayFigures.model_validate(figures).flow.safety
    )
    keys = {key[:2] for key in (there_were - told) + (told - there_were) if not pending.covers(*key[:2])}
    what = "safety differs from the incidents and claims"
    return [Breach(4, what, "area_day", _row(key)) for key in sorted(keys)]


def _row(key: Key) -> tuple[int, str]:
    return key[0], key[1].isoformat()
