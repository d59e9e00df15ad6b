"""Keeping the figures: roll up the days that new facts touch, and close the days that are over."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.areas.queries import all_areas
from sharecare.journal.feed import Feed
from sharecare.journal.models import Fact, FeedMark
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.metrics.days import bounds, day_of, days_between
from sharecare.metrics.figures import DayFigures, Stock
from sharecare.metrics.gather import Place, flows, places, stocks
from sharecare.metrics.models import AreaDay
from sharecare.metrics.touched import Touched, touched_by
from sharecare.metrics.utilisation import offered_on

# Another number reads the whole journal once more: due whenever a day comes to hold something new.
READER = "metrics 2"
MOST_DAYS_CLOSED = 31  # of one area at a time: a long backlog must not become one long transaction


async def roll_up(session: AsyncSession, *, now: datetime) -> int:
    """Recompute the area-days that facts not yet read touch; return how many rows changed."""
    mark = await _held_mark(session, now)
    feed = Feed(mark.position)
    there = await places(session)
    touched = await touched_by(session, await feed.read(session), there)
    changed = 0
    for place in there.values():
        changed += await _roll_up_area(session, place, touched, now=now)
    if mark.position != feed.position:
        mark.position, mark.moved_at = feed.position, now
        session.add(mark)
    return changed


async def close_days(session: AsyncSession, *, now: datetime) -> int:
    """Write one fact for each area and local day that is over, with what was offered and booked; return how many."""
    closed = 0
    for area in await all_areas(session):
        place = Place(area.id, ZoneInfo(area.timezone))
        if await _days_to_close(session, area, place, now):
            closed += await _close_area(session, area, place, now)
    return closed


async def _held_mark(session: AsyncSession, now: datetime) -> FeedMark:
    """Return this reader's place, locked: two workers would overwrite each other's rows with older figures."""
    held = select(FeedMark).where(FeedMark.reader == READER).with_for_update()
    mark = (await session.exec(held)).first()
    if mark is None:
        new = insert(FeedMark).values(reader=READER, position=0, moved_at=now)
        await session.exec(new.on_conflict_do_nothing())
        mark = (await session.exec(held)).one()
    return mark


async def _roll_up_area(session: AsyncSession, place: Place, touched: Touched, *, now: datetime) -> int:
    wanted = touched.of(place.area_id) | {
        day_of(now, place.zone)
    }  # levels lapse without a fact, so today always stands
    stored = await _stored(session, place, wanted, since=touched.since.get(place.area_id))
    days = {day for day in {*wanted, *stored} if day not in stored or touched.covers(place.area_id, day)}
    flow = await flows(session, place, days)
    stock = await stocks(session, place, {day for day in days if _needs_stock(place, day, stored, touched)})
    changed = 0
    for day in sorted(days):
        row = stored.get(day) or AreaDay(area_id=place.area_id, day=day, figures={}, computed_at=now)
        kept = stock[day] if day in stock else Stock.model_validate(row.figures["stock"])
        figures = DayFigures(flow=flow[day], stock=kept).model_dump(mode="json")
        if row.figures != figures:
            row.figures, row.computed_at, changed = figures, now, changed + 1
            session.add(row)
    return changed


async def _stored(
    session: AsyncSession, place: Place, days: Collection[date], *, since: date | None
) -> dict[date, AreaDay]:
    """Return the rows of some days, and all from `since` on."""
    which = [col(AreaDay.day).in_(days)] + ([] if since is None else [col(AreaDay.day) >= since])
    rows = await session.exec(select(AreaDay).where(AreaDay.area_id == place.area_id, or_(*which)))
    return {row.day: row for row in rows}


def _needs_stock(place: Place, day: date, stored: dict[date, AreaDay], touched: Touched) -> bool:
    """Say whether a day's members must be counted again; most facts only concern requests, and counting is slow."""
    since = touched.since.get(place.area_id)
    return day not in stored or (since is not None and day >= since)


async def _close_area(session: AsyncSession, area: Area, place: Place, now: datetime) -> int:
    # The area's row is the queue: a second worker waits here, and then finds the days closed.
    await session.exec(select(Area.id).where(Area.id == area.id).with_for_update(key_share=True))
    days = await _days_to_close(session, area, place, now)
    for day in days:
        start, end = bounds(day, place.zone)
        offered = await offered_on(session, place, day)
        record(
            session,
            kind=FactKind.DAY_CLOSED,
            at=now,
            area_id=area.id,
            start_at=start,
            end_at=end,
            minutes=offered.minutes,
            data={"booked_minutes": offered.booked_minutes, "supporters": offered.supporters},
        )
    return len(days)


async def _days_to_close(session: AsyncSession, area: Area, place: Place, now: datetime) -> list[date]:
    closed = select(Fact.end_at).where(Fact.area_id == area.id, Fact.kind == FactKind.DAY_CLOSED)
    # By the index on area and time: the last fact of this kind is never far from the journal's end.
    last = (await session.exec(closed.order_by(col(Fact.at).desc(), col(Fact.id).desc()).limit(1))).first()
    since = last or area.created_at
    yesterday = day_of(now, place.zone) - timedelta(days=1)
    return list(days_between(day_of(since, place.zone), yesterday))[:MOST_DAYS_CLOSED]
