"""Finding the few facts that an area-day rests on."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import all_areas
from sharecare.batches import IDS_AT_ONCE, SOME_IDS, read_by_ids
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.metrics.days import bounds
from sharecare.metrics.figures import DayFigures, Flow, Stock
from sharecare.metrics.flow import actors_of, flow_of
from sharecare.metrics.rules import ACTIVITY, FAMILY, FRIENDS, MEMBERSHIP, REQUEST_LIFE, SAFETY
from sharecare.metrics.stock import stocks_of


@dataclass(frozen=True, slots=True)
class Place:
    """An area and its clock."""

    area_id: int
    zone: ZoneInfo


async def places(session: AsyncSession) -> dict[int, Place]:
    """Return every area by id."""
    return {area.id: Place(area.id, ZoneInfo(area.timezone)) for area in await all_areas(session)}


async def flows(session: AsyncSession, place: Place, days: Collection[date]) -> dict[date, Flow]:
    """Return what happened in an area on some days."""
    return {
        day: flow_of(await _flow_facts(session, place, day), area_id=place.area_id, day=day, zone=place.zone)
        for day in sorted(days)
    }


async def stocks(session: AsyncSession, place: Place, days: Collection[date]) -> dict[date, Stock]:
    """Return who belonged to an area at the end of some days."""
    if not days:
        return {}
    end = bounds(max(days), place.zone)[1]
    here = (col(Fact.area_id) == place.area_id) & col(Fact.kind).in_(MEMBERSHIP)
    # A friendship is written down in the area of whoever made it, which may be the other's.
    facts = await _facts(session, col(Fact.at) < end, or_(here, col(Fact.kind).in_(FRIENDS)))
    return stocks_of(facts, area_id=place.area_id, days=days, zone=place.zone)


async def recomputed(session: AsyncSession, place: Place, days: Collection[date]) -> dict[date, DayFigures]:
    """Return the figures of some days from the journal alone."""
    stock = await stocks(session, place, days)
    return {day: DayFigures(flow=flow, stock=stock[day]) for day, flow in (await flows(session, place, days)).items()}


_OPENED = select(col(Fact.request_id), col(Fact.area_id), col(Fact.at)).where(
    col(Fact.request_id).in_(SOME_IDS), col(Fact.kind) == FactKind.REQUEST_OPENED
)
_JOINED = select(col(Fact.person_id), col(Fact.area_id)).where(
    col(Fact.person_id).in_(SOME_IDS), col(Fact.kind) == FactKind.PERSON_JOINED
)


async def openings(session: AsyncSession, request_ids: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Return the area and the moment in which each request was opened."""
    found = await read_by_ids(session, request_ids, _OPENED)
    return {request_id: (area_id, at) for request_id, area_id, at in found if request_id and area_id}


async def home_areas(session: AsyncSession, person_ids: Iterable[int]) -> dict[int, int]:
    """Return the area that each person joined."""
    found = await read_by_ids(session, person_ids, _JOINED)
    return {person_id: area_id for person_id, area_id in found if person_id and area_id}


async def _flow_facts(session: AsyncSession, place: Place, day: date) -> list[Fact]:
    start, end = bounds(day, place.zone)
    # Members are active wherever they ask or help; naming the areas lets the index on area and time serve.
    areas = col(Fact.area_id).in_([area.id for area in await all_areas(session)])
    at_day = (col(Fact.at) >= start) & (col(Fact.at) < end)
    today = await _facts(session, areas, at_day, col(Fact.kind).in_(ACTIVITY | SAFETY))
    acting = {who for fact in today if fact.kind in ACTIVITY for who in actors_of(fact)}
    requests = {fact.request_id for fact in today if fact.area_id == place.area_id and fact.request_id is not None}
    lives = await facts_of(session, col(Fact.request_id), requests, col(Fact.kind).in_(REQUEST_LIFE))
    families = await facts_of(session, col(Fact.person_id), acting, col(Fact.kind).in_(FAMILY))
    here = col(Fact.area_id) == place.area_id
    rules = await _facts(session, here, col(Fact.kind) == FactKind.AREA_CHANGED, col(Fact.at) < end)
    closing = (col(Fact.kind) == FactKind.DAY_CLOSED) & (col(Fact.start_at) == start)
    closed = await _facts(session, here, closing, col(Fact.at) >= end)
    return list({fact.id: fact for fact in (*today, *lives, *families, *rules, *closed)}.values())


async def _facts(session: AsyncSession, *which: ColumnElement[bool]) -> Sequence[Fact]:
    return (await session.exec(fetch(Fact).where(*which))).all()


async def facts_of(
    session: AsyncSession, column: Mapped[int | None], ids: Iterable[int], which: ColumnElement[bool]
) -> list[Fact]:
    """Return the facts that hold in a column one of many ids."""
    wanted = sorted(ids)
    facts: list[Fact] = []
    for first in range(0, len(wanted), IDS_AT_ONCE):
        facts += await _facts(session, column.in_(wanted[first : first + IDS_AT_ONCE]), which)
    return facts
