"""Who looks at very many people's records is told of to the others, once a day."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import last_ids, messages_after
from conftest import Staged
from sharecare.accounts.models import Household, Person
from sharecare.accounts.rules import PersonState
from sharecare.accounts.service import appoint_staff, log_looks
from sharecare.care.bulk_reads import MOST_PEOPLE, bulk_readers, tell_of_bulk_reads
from sharecare.messages.rules import MessageKind
from world import World, make_world

DAY = timedelta(days=1)


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def neighbours(world: World) -> list[int]:
    """Settle one person more than are looked at on a usual day."""

    async def work(session: AsyncSession) -> list[int]:
        household = Household(area_id=world.area_id, created_at=world.now)
        session.add(household)
        await session.flush()
        people = [
            Person(
                area_id=world.area_id,
                household_id=household.id,
                email=f"{number}@example.jp",
                password_hash="",
                name=str(number),
                state=PersonState.ACTIVE,
                created_at=world.now,
            )
            for number in range(MOST_PEOPLE + 1)
        ]
        session.add_all(people)
        await session.flush()
        return [one.id for one in people]

    return await world.do(work)


async def look(world: World, people: list[int]) -> None:
    async def work(session: AsyncSession) -> None:
        log_looks(session, by=world.staff, area_id=world.area_id, person_ids=people, reason="名簿", now=world.now)

    await world.do(work)


async def watch(world: World) -> int:
    """Do what the worker does; return how many readers it found."""
    async with world.database.read() as session:
        found = await bulk_readers(session, now=world.now)
    for area_id, reader_id in [*found, *found]:  # the second comes from another process
        await world.do(partial(tell_of_bulk_reads, area_id=area_id, reader_id=reader_id, now=world.now))
    return len(found)


async def test_the_other_staff_hear_once_a_day_of_a_look_at_very_many(world: World) -> None:
    # Such looks were only written down, one row each, where nobody looks.
    people = await neighbours(world)
    other = (await world.family("Carol")).actor
    await world.do(lambda s: appoint_staff(s, email="carol@example.jp", area_id=world.area_id, now=world.now))
    _, told = await last_ids(world)

    await look(world, people[1:])
    await look(world, people[1:])
    assert await watch(world) == 0, "a hundred, twice"
    await look(world, people[:1])
    assert await watch(world) == 1
    assert await watch(world) == 0
    world.now += DAY
    assert await watch(world) == 0, "those looks are a day old"
    await look(world, people)
    assert await watch(world) == 1

    assert await messages_after(world, told) == {(other.person_id, MessageKind.RECORDS_READ_IN_BULK): 2}


async def test_the_operator_hears_by_the_log_where_there_are_no_other_staff(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await look(world, await neighbours(world))
    _, told = await last_ids(world)

    await watch(world)

    assert caplog.text.count("no other staff to tell") == 1
    assert await messages_after(world, told) == {}
