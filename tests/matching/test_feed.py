"""The index follows what is committed: everything, at the next look, for the price of one statement."""

import asyncio
import random
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.engine import URL
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book, cancel
from matching.followed import rankings_after_following, rankings_of_a_fresh_load
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import HomeDraft, SupporterDraft
from sharecare.accounts.service import offer_support, set_home
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings, CareKind, Level
from sharecare.areas.service import change_settings
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.db import Database
from sharecare.journal.feed import BEYOND, Feed
from sharecare.journal.models import Fact
from sharecare.matching import feed
from sharecare.matching.feed import LiveIndex
from sharecare.registration.service import suspend
from statements import statements_of
from world import HOME, World, make_world

WRITERS = 30
DEEDS = 6
NAMES = ("Chiba", "Doi", "Endo", "Fuji")


async def set_hours(world: World, one: Actor, *week: Weekly) -> None:
    await world.database.write(lambda s: set_weekly_hours(s, by=one, weekly=week, now=world.now))


async def beyond(session: AsyncSession, position: int) -> int:
    """Count as a request does."""
    return (await session.exec(select(BEYOND), params={"position": position})).one()


async def write_again_and_again(world: World, helpers: list[Actor], dice: random.Random) -> None:
    """Change hours and homes, slowly enough that transactions overlap and commit in another order than they began."""

    async def work(session: AsyncSession) -> None:
        helper = dice.choice(helpers)
        week = [Weekly(day, dice.randrange(0, 1200), 1440) for day in range(7)]
        if dice.random() < 0.5:
            at = HomeDraft(lat=HOME[0] + dice.uniform(-0.01, 0.01), lon=HOME[1], address="美園4-5-6")
            await set_home(session, by=helper, draft=at, now=world.now)
        else:
            await set_weekly_hours(session, by=helper, weekly=week, now=world.now)
        await session.flush()  # the fact has its number; the commit comes later
        if not world.database.is_sqlite:
            await asyncio.sleep(dice.uniform(0, 0.03))

    for _ in range(DEEDS):
        await world.database.write(work)


async def test_thirty_writers_and_nothing_missed(database_url: URL) -> None:
    # Fails when Feed keeps the last id for its mark on PostgreSQL.
    database = Database(database_url, pool_size=WRITERS + 5)
    world = await make_world(database)
    helpers = [await world.supporter(name) for name in NAMES]
    async with database.read() as session:
        await world.index.catch_up(session, now=world.now)

    async def look_on() -> None:
        while True:
            async with database.read() as session:
                await world.index.catch_up(session, now=world.now)
            await asyncio.sleep(0)

    reader = asyncio.create_task(look_on())
    dice = [random.Random(seed) for seed in range(WRITERS)]
    await asyncio.gather(*(write_again_and_again(world, helpers, each) for each in dice))
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)

    assert await rankings_after_following(world, len(NAMES) + 1) == await rankings_of_a_fresh_load(
        world, len(NAMES) + 1
    )
    await database.close()


async def test_nothing_new_costs_one_statement_on_an_index(database: Database) -> None:
    world = await make_world(database)
    await world.supporter("Chiba")
    async with database.read() as session:
        await world.index.catch_up(session, now=world.now)

    async with database.read() as session:
        await session.connection()
        with statements_of(database) as seen:
            await world.index.catch_up(session, now=world.now)
    assert len(seen) == 1
    assert "journal_fact" in seen[0]


async def test_a_fact_has_only_that_read_again_which_it_tells_of(database: Database) -> None:
    world = await make_world(database)
    family, chiba = await world.family("Aoki"), await world.supporter("Chiba")
    await world.befriend(family.actor, chiba)
    start_at = world.now + timedelta(hours=9)
    offered = SupporterDraft(kinds=[CareKind.CHILD_HOME], capacity=1, travel_radius_m=2500, timezone="Asia/Seoul")

    async def reads() -> int:
        async with database.read() as session:
            await session.connection()
            with statements_of(database) as seen:
                await world.index.catch_up(session, now=world.now)
        assert await rankings_after_following(world, 3) == await rankings_of_a_fresh_load(world, 3)
        return len(seen) - 1  # the look itself

    assert await reads() > 2
    await set_hours(world, chiba, Weekly(0, 0, 1440))
    assert await reads() == 1
    await world.database.write(partial(offer_support, by=chiba, draft=offered, now=world.now))
    assert await reads() == 2
    await set_hours(world, chiba, *[Weekly(day, 0, 1440) for day in range(7)])
    assert await reads() == 1
    await book(world, family, chiba, start_at=start_at, end_at=start_at + timedelta(hours=2))
    assert await reads() == 1
    await world.database.write(
        partial(suspend, person_id=chiba.person_id, by=world.staff, reason="確認中", now=world.now)
    )
    assert await reads() <= 2


async def test_a_session_of_an_older_moment_undoes_nothing(database: Database) -> None:
    # Fails when the index reads people again in a session that began before what it knows already.
    if not database.is_sqlite:
        pytest.skip("each of PostgreSQL's statements sees its own moment")
    world = await make_world(database)
    faults: list[Exception] = []

    async def busy(session: AsyncSession, supporter_ids: Collection[int]) -> list[tuple[int, datetime, datetime]]:
        if faults:
            raise faults.pop()
        return await busy_periods(session, supporter_ids)

    world.index = LiveIndex(busy, stream_busy)
    chiba = await world.supporter("Chiba")
    before = await rankings_after_following(world, 3)
    async with database.read() as older:
        await area_by_id(older, world.area_id)  # its moment is fixed
        at = HomeDraft(lat=HOME[0] + 0.01, lon=HOME[1], address="美園4-5-6")
        await world.database.write(partial(set_home, by=chiba, draft=at, now=world.now))
        faults.append(TimeoutError())
        with pytest.raises(TimeoutError):
            await rankings_after_following(world, 3)
        await world.index.catch_up(older, now=world.now)
    assert await rankings_after_following(world, 3) == await rankings_of_a_fresh_load(world, 3) != before


async def test_a_change_is_seen_at_the_next_look(database: Database) -> None:
    world = await make_world(database)
    chiba = await world.supporter("Chiba")
    before = await rankings_after_following(world, 3)
    await set_hours(world, chiba, Weekly(0, 0, 30))
    after = await rankings_after_following(world, 3)
    assert after != before
    assert after == await rankings_of_a_fresh_load(world, 3)


async def test_what_a_fault_left_undone_is_done_at_the_next_look(database: Database) -> None:
    # Fails when the facts are let go before whom they name is read again.
    world = await make_world(database)
    faults: list[Exception] = []

    async def busy(session: AsyncSession, supporter_ids: Collection[int]) -> list[tuple[int, datetime, datetime]]:
        if faults:
            raise faults.pop()
        return await busy_periods(session, supporter_ids)

    world.index = LiveIndex(busy, stream_busy)
    chiba = await world.supporter("Chiba")
    before = await rankings_after_following(world, 3)
    at = HomeDraft(lat=HOME[0] + 0.01, lon=HOME[1], address="美園4-5-6")
    await world.do(partial(set_home, by=chiba, draft=at, now=world.now))
    faults.append(TimeoutError())
    with pytest.raises(TimeoutError):
        await rankings_after_following(world, 3)
    assert await rankings_after_following(world, 3) == await rankings_of_a_fresh_load(world, 3) != before


async def test_a_booking_is_seen_and_its_end_too(database: Database) -> None:
    world = await make_world(database)
    family, chiba = await world.family("Aoki"), await world.supporter("Chiba")
    await world.befriend(family.actor, chiba)
    start_at = world.now + timedelta(hours=9)
    booking = await book(world, family, chiba, start_at=start_at, end_at=start_at + timedelta(hours=2))
    booked = await rankings_after_following(world, 3)
    assert booked == await rankings_of_a_fresh_load(world, 3)
    await cancel(world, chiba, booking)
    assert await rankings_after_following(world, 3) == await rankings_of_a_fresh_load(world, 3) != booked


@pytest.mark.parametrize("many", [1, 1000])
async def test_an_area_s_new_rules_reach_everyone_in_it(
    database: Database, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MANY_PEOPLE", many)  # both ways of reading them again
    world = await make_world(database)
    await world.supporter("Chiba", level=Level.CERTIFIED)
    before = await rankings_after_following(world, 2)

    async def ask_for_more(session: AsyncSession) -> None:
        area = await area_by_id(session, world.area_id)
        stricter = AreaSettings(course_units=("care", "swimming"))
        await change_settings(session, area=area, settings=stricter, by_person_id=1, now=world.now)

    await world.database.write(ask_for_more)
    after = await rankings_after_following(world, 2)
    assert after != before
    assert after == await rankings_of_a_fresh_load(world, 2)


async def test_what_is_not_seen_yet_is_counted(database: Database) -> None:
    world = await make_world(database)
    chiba = await world.supporter("Chiba")
    async with database.read() as session:
        await world.index.catch_up(session, now=world.now)
        assert await world.index.behind(session) == 0
    await set_hours(world, chiba, Weekly(0, 0, 30))
    async with database.read() as session:
        assert await world.index.behind(session) == 1
        await world.index.catch_up(session, now=world.now)
        assert await world.index.behind(session) == 0


async def test_a_long_transaction_elsewhere_hides_nothing_and_repeats_nothing(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite's writers queue")
    world = await make_world(database)
    chiba = await world.supporter("Chiba")
    async with database.read() as session:
        await world.index.catch_up(session, now=world.now)
    read = Feed(position=world.index.position)

    open_end, committed = asyncio.Event(), asyncio.Event()

    async def slow(session: AsyncSession) -> None:
        session.add(Fact(kind="request_opened", at=world.now, data={}))
        await session.flush()
        committed.set()
        await open_end.wait()

    waiting = asyncio.create_task(database.write(slow))
    await committed.wait()
    await set_hours(world, chiba, Weekly(0, 0, 30))
    seen: list[str] = []
    for _ in range(3):
        async with database.read() as session:
            seen += [fact.kind for fact in await read.read(session)]
            assert read.has_seen(await beyond(session, read.position))
    await set_hours(world, chiba, Weekly(0, 0, 60))
    async with database.read() as session:
        assert not read.has_seen(await beyond(session, read.position))
        seen += [fact.kind for fact in await read.read(session)]
        assert read.has_seen(await beyond(session, read.position))
    open_end.set()
    await waiting
    async with database.read() as session:
        assert not read.has_seen(await beyond(session, read.position))
        seen += [fact.kind for fact in await read.read(session)]
        assert read.has_seen(await beyond(session, read.position))
    assert seen == ["hours_changed", "hours_changed", "request_opened"]
