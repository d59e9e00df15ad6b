"""A day that is over is closed once, and what was offered on it stays."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from conftest import Staged
from metrics.chronicle import TOKYO, rolled_up
from sharecare.areas.queries import area_by_id
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.bookings import cancel_booking
from sharecare.care.models import Booking
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import open_request
from sharecare.db import Database
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.metrics.figures import Offered
from sharecare.metrics.report import report
from sharecare.metrics.schemas import Audience
from sharecare.metrics.service import MOST_DAYS_CLOSED, close_days
from sharecare.metrics.utilisation import shared_minutes
from sharecare.registration.service import suspend
from world import NOW, World, make_world

NEXT_NOON = NOW + timedelta(days=1, hours=3)
DAY_OF_CARE = date(2026, 6, 2)


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def closed(database: Database) -> Sequence[Fact]:
    async with database.read() as session:
        facts = select(Fact).where(Fact.kind == FactKind.DAY_CLOSED).order_by(col(Fact.id))
        return (await session.exec(facts)).all()


async def offered(database: Database) -> list[Offered]:
    return [Offered(minutes=fact.minutes or 0, **fact.data) for fact in await closed(database)]


async def close(database: Database, now: datetime) -> int:
    return await database.write(lambda session: close_days(session, now=now))


async def book(world: World) -> Booking:
    """Book two hours of the next day, from 17:00, one of them inside the supporter's hours."""
    parent, helper = await world.family("Alice"), await world.supporter("Bob", hours=(360, 1080))
    await world.befriend(parent.actor, helper)
    hours = [Weekly(weekday, 360, 1200) for weekday in range(7)]
    await world.do(lambda s: set_weekly_hours(s, by=helper, weekly=hours, now=world.now))
    request = await world.do(lambda s: open_request(s, world.index, by=parent.actor, need=parent.need(), now=world.now))
    offer = await world.do(lambda s: make_offer(s, by=helper, request_id=request.id, note="", now=world.now))
    hours = [Weekly(weekday, 360, 1080) for weekday in range(7)]
    await world.do(lambda s: set_weekly_hours(s, by=helper, weekly=hours, now=world.now))
    return await world.do(lambda s: accept_offer(s, by=parent.actor, offer_id=offer.id, now=world.now))


async def test_only_days_that_are_over_are_closed_and_once(world: World) -> None:
    midnight = datetime(2026, 6, 2, tzinfo=TOKYO)

    assert await close(world.database, midnight - timedelta(minutes=1)) == 0
    assert await close(world.database, midnight) == 1
    assert await close(world.database, midnight) == 0
    assert [(fact.start_at, fact.end_at) for fact in await closed(world.database)] == [
        (midnight - timedelta(days=1), midnight)
    ]


async def test_booked_minutes_are_those_inside_offered_hours(world: World) -> None:
    await book(world)
    await close(world.database, NEXT_NOON + timedelta(days=1))

    assert await offered(world.database) == [
        Offered(minutes=720, booked_minutes=0, supporters=1),
        Offered(minutes=720, booked_minutes=60, supporters=1),
    ]


async def test_a_cancelled_booking_was_not_booked(world: World) -> None:
    booking = await book(world)
    parent = (await world.family("Carol")).actor
    await world.do(
        lambda s: cancel_booking(s, world.index, by=parent, booking_id=booking.id, reason="風邪", now=world.now)
    )
    await close(world.database, NEXT_NOON + timedelta(days=1))

    assert [day.booked_minutes for day in await offered(world.database)] == [0, 0]


async def test_editing_hours_later_changes_nothing(world: World) -> None:
    helper = await world.supporter("Bob")
    await close(world.database, NEXT_NOON)
    before = await offered(world.database)
    await world.do(lambda s: set_weekly_hours(s, by=helper, weekly=[], now=NEXT_NOON))

    await close(world.database, NEXT_NOON)
    assert await offered(world.database) == before == [Offered(minutes=840, booked_minutes=0, supporters=1)]


async def test_who_is_suspended_offers_nothing(world: World) -> None:
    helper = await world.supporter("Bob")
    await world.do(lambda s: suspend(s, person_id=helper.person_id, by=world.staff, reason="確認", now=world.now))
    await close(world.database, NEXT_NOON)

    assert await offered(world.database) == [Offered(minutes=0, booked_minutes=0, supporters=0)]


async def test_several_workers_close_a_day_once(world: World) -> None:
    """Fails on PostgreSQL when the area's row is not locked: each worker writes the day."""
    done = await asyncio.gather(*(close(world.database, NEXT_NOON) for _ in range(4)))

    assert (sum(done), len(await closed(world.database))) == (1, 1)


async def test_a_long_backlog_is_closed_in_parts(world: World) -> None:
    later = NOW + timedelta(days=40)

    assert [await close(world.database, later) for _ in range(3)] == [MOST_DAYS_CLOSED, 40 - MOST_DAYS_CLOSED, 0]


async def test_utilisation_is_booked_through_offered_minutes(world: World) -> None:
    await book(world)
    now = NEXT_NOON + timedelta(days=1)
    await close(world.database, now)
    await rolled_up(world.database, now=now)

    async def work(session: AsyncSession) -> dict[str, float | None]:
        area = await area_by_id(session, world.area_id)
        told = await report(session, area=area, first_day=DAY_OF_CARE, last_day=DAY_OF_CARE, audience=Audience.OPERATOR)
        return {figure.name: figure.value for figure in told.figures}

    async with world.database.read() as session:
        figures = await work(session)
    assert (figures["offered_hours"], figures["booked_hours"], figures["utilisation"]) == (12, 1, 60 / 720)


def test_shared_minutes_are_those_in_both() -> None:
    at = [NOW + timedelta(minutes=minutes) for minutes in range(0, 70, 10)]

    assert shared_minutes([(at[0], at[2]), (at[3], at[5])], [(at[1], at[4])]) == 20
    assert shared_minutes([(at[0], at[1])], [(at[1], at[2])]) == 0
