"""Saying when one offers care, and what matching reads of it."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from pydantic import ValidationError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from neighbours import NOW, do, settle
from pages import rows_of
from sharecare.accounts.models import SupporterProfile
from sharecare.accounts.rules import Actor
from sharecare.availability import service
from sharecare.availability.models import WeeklyHours
from sharecare.availability.queries import dated_of, my_hours, stream_dated, stream_weekly, weekly_of
from sharecare.availability.rules import MOST_BUSY, MOST_ROWS, Weekly
from sharecare.availability.schemas import ExceptionDraft, ExceptionView, HoursView, WeekDraft, WeeklyDraft
from sharecare.batches import NULL
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind

TODAY = date(2026, 9, 1)
TUESDAYS = WeeklyDraft(weekday=1, start="17:00", end="20:00", from_date=TODAY)
NIGHTS = WeeklyDraft(weekday=5, start="22:00", end="02:00")
AWAY = ExceptionDraft(on_date=TODAY, start="18:00", end="24:00", kind="remove")


async def set_week(database: Database, by: Actor, *week: WeeklyDraft) -> None:
    await do(database, service.set_weekly_hours, by=by, weekly=[hours.row() for hours in week])


async def hours(database: Database, by: Actor) -> HoursView:
    async with database.read() as session:
        return await my_hours(session, by=by, now=NOW)


async def facts(database: Database) -> Sequence[tuple[str, int | None]]:
    async with database.read() as session:
        told = select(Fact.kind, Fact.person_id).where(Fact.kind != FactKind.AREA_CHANGED).order_by(col(Fact.id))
        return (await session.exec(told)).all()


async def test_week_is_replaced_as_a_whole(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await set_week(database, bob, NIGHTS)
    await set_week(database, alice, TUESDAYS, TUESDAYS)

    await set_week(database, alice, NIGHTS, TUESDAYS)

    assert await hours(database, alice) == HoursView(timezone="Asia/Tokyo", weekly=[TUESDAYS, NIGHTS], exceptions=[])
    assert (await hours(database, bob)).weekly == [NIGHTS]
    assert await facts(database) == [
        (FactKind.HOURS_CHANGED, bob.person_id),
        (FactKind.HOURS_CHANGED, alice.person_id),
        (FactKind.HOURS_CHANGED, alice.person_id),
    ]


async def test_of_several_replacements_at_once_one_stands(database: Database) -> None:
    # Without the lock on the person PostgreSQL keeps more than one.
    [alice] = await settle(database, "alice")

    await asyncio.gather(*(set_week(database, alice, week) for week in (TUESDAYS, NIGHTS) * 8))

    async with database.read() as session:
        assert len((await session.exec(select(WeeklyHours))).all()) == 1


async def test_exceptions_come_and_go(database: Database) -> None:
    alice, charlie = await settle(database, "alice", "charlie")

    row = await do(database, service.add_exception, by=alice, draft=AWAY)
    assert (await hours(database, alice)).exceptions == [
        ExceptionView(id=row.id, on_date=TODAY, start="18:00", end="24:00", kind="remove", imported=False)
    ]
    with pytest.raises(NotFound):
        await do(database, service.remove_exception, by=charlie, exception_id=row.id)

    await do(database, service.remove_exception, by=alice, exception_id=row.id)
    assert (await hours(database, alice)).exceptions == []
    assert await facts(database) == [(FactKind.HOURS_CHANGED, alice.person_id)] * 2
    with pytest.raises(NotFound):
        await do(database, service.remove_exception, by=alice, exception_id=row.id)


async def test_past_exceptions_neither_show_nor_count(database: Database) -> None:
    [alice] = await settle(database, "alice")
    past = AWAY.model_copy(update={"on_date": TODAY - timedelta(days=2)})
    await do(database, service.add_exception, by=alice, draft=past)
    for _ in range(MOST_ROWS):
        await do(database, service.add_exception, by=alice, draft=AWAY)

    assert len((await hours(database, alice)).exceptions) == MOST_ROWS
    with pytest.raises(service.TooManyHours):
        await do(database, service.add_exception, by=alice, draft=AWAY)


async def test_week_is_bounded(database: Database) -> None:
    [alice] = await settle(database, "alice")

    with pytest.raises(service.TooManyHours):
        await do(database, service.set_weekly_hours, by=alice, weekly=[Weekly(0, 0, 60)] * (MOST_ROWS + 1))


async def test_hours_are_read_in_the_supporters_zone(database: Database) -> None:
    [alice] = await settle(database, "alice")
    profile = SupporterProfile(
        person_id=alice.person_id,
        capacity=1,
        min_age_months=12,
        max_age_months=120,
        travel_radius_m=1000,
        timezone="America/New_York",
        changed_at=NOW,
    )

    async def offer(session: AsyncSession) -> None:
        session.add(profile)

    await database.write(offer)

    assert (await hours(database, alice)).timezone == "America/New_York"


async def test_matching_reads_hours_by_person(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await set_week(database, bob, NIGHTS)
    await set_week(database, alice, TUESDAYS)
    await do(database, service.add_exception, by=alice, draft=AWAY)
    a, b = alice.person_id, bob.person_id

    nights = (b, 5, 1320, 1560, None, None)
    away, day = (a, TODAY, 1080, 1440, False), (TODAY - date(1970, 1, 1)).days
    async with database.read() as session:
        assert await rows_of(stream_weekly(session)) == [(a, 1, 1020, 1200, day, NULL), (b, 5, 1320, 1560, NULL, NULL)]
        assert await rows_of(stream_dated(session, since=TODAY)) == [(a, day, 1080, 1440, 0)]
        assert await weekly_of(session, [b]) == [nights]
        assert await dated_of(session, [a, b], since=TODAY) == [away]
        assert await dated_of(session, [a, b], since=TODAY + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "hours",
    [
        {"start": "24:00", "end": "25:00"},
        {"start": "9:00", "end": "12:00"},
        {"start": "09:00", "end": "12:60"},
        {"start": "09:00", "end": "12:00", "weekday": 7},
        {"start": "09:00", "end": "12:00", "from_date": "2026-09-02", "until_date": "2026-09-01"},
        {"start": "09:00", "end": "12:00", "note": "?"},
    ],
)
def test_malformed_hours_are_refused(hours: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WeekDraft.model_validate({"weekly": [{"weekday": 0, **hours}]})


async def test_a_change_leaves_what_it_does_not_touch(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await set_week(database, alice, TUESDAYS, NIGHTS)
    await set_week(database, bob, NIGHTS)
    painted, wiped = Weekly(0, 600, 690), Weekly(5, 1380, 1440)

    await do(database, service.change_week, by=alice, add=[painted], remove=[wiped])

    assert (await hours(database, alice)).weekly == [
        WeeklyDraft(weekday=0, start="10:00", end="11:30"),
        TUESDAYS,
        WeeklyDraft(weekday=5, start="22:00", end="23:00"),
        WeeklyDraft(weekday=6, start="00:00", end="02:00"),
    ]
    assert (await hours(database, bob)).weekly == [NIGHTS]


async def test_two_devices_can_paint_at_once(database: Database) -> None:
    (alice,) = await settle(database, "alice")
    mornings = [Weekly(weekday, 540, 600) for weekday in range(7)]

    await asyncio.gather(*(do(database, service.change_week, by=alice, add=[one], remove=[]) for one in mornings))

    assert (await hours(database, alice)).weekly == [
        WeeklyDraft(weekday=weekday, start="09:00", end="10:00") for weekday in range(7)
    ]


async def test_an_import_takes_the_place_of_the_one_before(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    kept = await do(database, service.add_exception, by=alice, draft=AWAY)
    for busy in ([(TODAY, 540, 600), (TODAY, 900, 960)], [(TODAY, 600, 660), (TODAY, 600, 660)]):
        await do(database, service.replace_imported, by=alice, busy=busy)
    await do(database, service.replace_imported, by=bob, busy=[(TODAY, 0, 1440)])

    mine = (await hours(database, alice)).exceptions

    assert [(one.start, one.end, one.kind, one.imported) for one in mine] == [
        ("10:00", "11:00", "remove", True),
        ("18:00", "24:00", "remove", False),
    ]
    assert mine[1].id == kept.id
    with pytest.raises(service.TooManyHours):
        await do(database, service.replace_imported, by=alice, busy=[(TODAY, 0, 60)] * (MOST_BUSY + 1))


async def test_an_import_leaves_room_for_exceptions_of_ones_own(database: Database) -> None:
    (alice,) = await settle(database, "alice")
    busy = [(TODAY + timedelta(days=day), 0, 60) for day in range(MOST_BUSY)]
    await do(database, service.replace_imported, by=alice, busy=busy)

    await do(database, service.add_exception, by=alice, draft=AWAY)

    assert len((await hours(database, alice)).exceptions) == MOST_BUSY + 1
