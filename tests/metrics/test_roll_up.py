"""The stored days follow the journal: every fact reaches the day it belongs to, once and for all."""

from datetime import date, datetime

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from metrics.chronicle import (
    DAY,
    HOUR,
    MINUTE,
    MONDAY,
    TOKYO,
    Chronicle,
    add_areas,
    days_of,
    rolled_up,
    write,
)
from sharecare.areas.rules import Level
from sharecare.db import Database
from sharecare.journal.models import Fact, FeedMark
from sharecare.journal.rules import FactKind
from sharecare.metrics.figures import DayFigures
from sharecare.metrics.flow import flow_of
from sharecare.metrics.models import AreaDay
from sharecare.metrics.service import READER
from sharecare.metrics.stock import stocks_of

EVENING = MONDAY + 12 * HOUR


@pytest.fixture
async def database(database: Database) -> Database:
    await add_areas(database, "misono", "urawa")
    return database


async def rows(database: Database, area_id: int = 1) -> list[AreaDay]:
    async with database.read() as session:
        stored = select(AreaDay).where(AreaDay.area_id == area_id).order_by(col(AreaDay.day))
        return list((await session.exec(stored)).all())


async def figures(database: Database, day: date, area_id: int = 1) -> DayFigures:
    return next(DayFigures.model_validate(row.figures) for row in await rows(database, area_id) if row.day == day)


async def the_whole_journal_says(database: Database, day: date, area_id: int = 1) -> DayFigures:
    async with database.read() as session:
        facts = (await session.exec(select(Fact))).all()
    stock = stocks_of(facts, area_id=area_id, days=[day], zone=TOKYO)[day]
    return DayFigures(flow=flow_of(facts, area_id=area_id, day=day, zone=TOKYO), stock=stock)


async def test_today_has_a_row_even_where_nothing_happens(database: Database) -> None:
    assert await rolled_up(database, now=MONDAY) == 2
    assert days_of(await rows(database)) == ["2026-06-01"]

    assert await rolled_up(database, now=MONDAY) == 0
    assert await rolled_up(database, now=MONDAY + DAY) == 2
    assert days_of(await rows(database)) == ["2026-06-01", "2026-06-02"]


async def test_a_fact_of_a_later_day_changes_the_day_the_request_was_opened(database: Database) -> None:
    told = Chronicle()
    told.opened(7, at=MONDAY, start=MONDAY + 5 * DAY)
    await write(database, told)
    await rolled_up(database, now=EVENING)
    assert [line.filled for line in (await figures(database, MONDAY.date())).flow.requests] == [False]

    told.booked(7, 70, by=20, at=MONDAY + DAY)
    await write(database, told)
    assert await rolled_up(database, now=MONDAY + DAY) == 3  # the request's day, and the two rows of today
    assert [line.filled for line in (await figures(database, MONDAY.date())).flow.requests] == [True]

    told.cancelled(7, 70, side="supporter", at=MONDAY + 2 * DAY)
    await write(database, told)
    await rolled_up(database, now=MONDAY + 2 * DAY)
    assert [line.filled for line in (await figures(database, MONDAY.date())).flow.requests] == [False]


async def test_a_use_belongs_to_the_areas_own_day(database: Database) -> None:
    just_tuesday = datetime(2026, 6, 2, 0, 30, tzinfo=TOKYO)  # still Monday in UTC
    told = Chronicle()
    told.opened(7, at=MONDAY)
    told.booked(7, 70, by=20, at=MONDAY)
    told.completed(7, 70, by=20, at=just_tuesday)
    await write(database, told)
    await rolled_up(database, now=just_tuesday)

    uses = {row.day: len(DayFigures.model_validate(row.figures).flow.uses) for row in await rows(database)}
    assert uses == {date(2026, 6, 1): 0, date(2026, 6, 2): 1}


async def test_a_neighbour_who_helps_is_active_at_home(database: Database) -> None:
    told = Chronicle()
    told.joined(1)
    told.joined(20, area=2, supporter=True)
    told.use(7, requester=1, by=20, home=2)
    await write(database, told)
    await rolled_up(database, now=MONDAY + DAY)

    assert (await figures(database, MONDAY.date(), 2)).flow.active == {20: 20}
    assert (await figures(database, MONDAY.date())).flow.active == {1: 1}


async def test_a_late_fact_of_membership_changes_every_later_day(database: Database) -> None:
    for day in range(3):
        await rolled_up(database, now=MONDAY + day * DAY)
    told = Chronicle()
    told.joined(1, at=MONDAY + DAY)
    told.joined(2, at=MONDAY + DAY, area=2)
    told.befriended(1, 2, at=MONDAY + DAY)
    await write(database, told)
    await rolled_up(database, now=MONDAY + 2 * DAY)

    members = [DayFigures.model_validate(row.figures).stock for row in await rows(database)]
    assert [(stock.members.people, stock.friendships) for stock in members] == [(0, 0), (1, 1), (1, 1)]
    assert (await figures(database, date(2026, 6, 3), 2)).stock.friendships == 1


async def test_a_level_lapses_without_a_fact(database: Database) -> None:
    told = Chronicle()
    told.joined(20, supporter=True)
    told.confirmed(20, 1, "identity", until=MONDAY.replace(hour=0) + DAY)
    await write(database, told)
    for day in range(2):
        await rolled_up(database, now=MONDAY + day * DAY)

    levels = [DayFigures.model_validate(row.figures).stock.levels for row in await rows(database)]
    assert [each[Level.IDENTIFIED].people for each in levels] == [1, 0]


async def test_reading_the_journal_again_from_the_start_changes_nothing(database: Database) -> None:
    told = Chronicle()
    for number in range(1, 5):
        told.joined(number)
        told.joined(number + 20, supporter=True)
        told.use(number, requester=number, by=number + 20, at=MONDAY + number * MINUTE)
    await write(database, told)
    await rolled_up(database, now=MONDAY + DAY)
    before = [row.model_dump() for row in await rows(database)]

    async with database.read() as session:
        mark = (await session.exec(select(FeedMark))).one()
    assert (mark.reader, mark.position > 0) == (READER, True)

    async def forget(session: AsyncSession) -> None:
        (await session.exec(select(FeedMark))).one().position = 0

    await database.write(forget)
    assert await rolled_up(database, now=MONDAY + DAY + HOUR) == 0
    assert [row.model_dump() for row in await rows(database)] == before


async def test_what_was_gathered_for_a_day_is_all_that_the_journal_says_of_it(database: Database) -> None:
    told = Chronicle()
    for number in range(1, 7):
        told.joined(number, area=1 + number % 2)
        told.joined(number + 20, supporter=True, area=1 + number % 3 % 2)
        told.befriended(number, number + 20, at=MONDAY + number * HOUR)
        told.use(number, requester=number, by=number + 20, at=MONDAY + number * 5 * HOUR, gap=number % 2)
    told.withdrawn(3, at=MONDAY + 15 * HOUR + MINUTE)
    told.cancelled(4, 4, side="supporter", at=MONDAY + 21 * HOUR)
    told.add(FactKind.PERSON_SUSPENDED, MONDAY + DAY, person_id=2)
    await write(database, told)
    await rolled_up(database, now=MONDAY + 4 * DAY)

    for area_id in (1, 2):
        stored = await rows(database, area_id)
        assert len(stored) >= 3
        for row in stored:
            told_by_all = await the_whole_journal_says(database, row.day, area_id)
            assert DayFigures.model_validate(row.figures) == told_by_all
