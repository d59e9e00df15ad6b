"""Lists of care: by the time it was for, whatever the order in which it was asked for, and page by page."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import HOUR, ask, book
from sharecare.accounts.rules import Actor
from sharecare.care.asked import asks_besides
from sharecare.care.bookings import cancel_booking
from sharecare.care.overviews import past_bookings, past_requests, requests_ahead, unsettled_bookings
from sharecare.care.requests import withdraw_request
from sharecare.db import Database
from sharecare.paging import BadCursor, Page, beginning_with
from world import Family, World, make_world

ASKED_FOR = (3, 1, 4, 1, 2)  # days ahead, in the order of asking
LATEST_FIRST = [2, 0, 4, 3, 1]


def later(family: Family, days: int) -> dict[str, object]:
    """Return a window some days after the usual one."""
    usual = family.need()
    return {"start_at": usual.start_at + timedelta(days=days), "end_at": usual.end_at + timedelta(days=days)}


async def paged(world: World, read: Callable[[AsyncSession, str | None], Awaitable[Page[int]]]) -> list[list[int]]:
    """Read page by page, to the end."""
    pages: list[list[int]] = []
    cursor = None
    while cursor is not None or not pages:
        async with world.database.read() as session:
            page = await read(session, cursor)
        pages.append(page.items)
        cursor = page.next_cursor
    return pages


async def requests_page(session: AsyncSession, cursor: str | None, *, by: Actor, world: World) -> Page[int]:
    """Read two earlier requests; give their ids."""
    page = await past_requests(session, by=by, cursor=cursor, limit=2, now=world.now)
    return Page(items=[card.request.id for card in page.items], next_cursor=page.next_cursor)


async def bookings_page(session: AsyncSession, cursor: str | None, *, by: Actor, world: World) -> Page[int]:
    """Read two earlier bookings; give their ids."""
    page = await past_bookings(session, by=by, cursor=cursor, limit=2, now=world.now)
    return Page(items=[card.booking.id for card in page.items], next_cursor=page.next_cursor)


async def test_earlier_requests_and_asks_stand_by_the_time_they_were_for(database: Database) -> None:
    # By their ids what was asked for later stood above, and whoever asked long ahead searched for it.
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    made = [(await ask(world, family, urgent=True, **later(family, days))).id for days in ASKED_FOR]
    for request_id in made:
        close = partial(withdraw_request, by=family.actor, request_id=request_id, reason="", now=world.now)
        await world.do(close)

    pages = await paged(world, partial(requests_page, by=family.actor, world=world))
    async with world.database.read() as session:
        asks = await asks_besides(session, by=helper, besides=[], limit=9)

    ordered = [made[place] for place in LATEST_FIRST]
    assert pages == [ordered[:2], ordered[2:4], ordered[4:]]
    assert [one.request.id for one in asks] == ordered


async def test_earlier_supports_stand_by_the_time_they_were_for(database: Database) -> None:
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, helper)
    made = []
    for days in ASKED_FOR:
        made.append((await book(world, family, helper, **later(family, days))).id)
        await world.do(
            partial(cancel_booking, index=world.index, by=helper, booking_id=made[-1], reason="", now=world.now)
        )

    world.now += timedelta(days=60)  # until then the cancelled ones are still ahead
    pages = await paged(world, partial(bookings_page, by=helper, world=world))

    ordered = [made[place] for place in LATEST_FIRST]
    assert pages == [ordered[:2], ordered[2:4], ordered[4:]]
    async with world.database.read() as session:
        assert await unsettled_bookings(session, by=family.actor) == []


async def test_a_booked_request_is_ahead_until_it_is_over(database: Database) -> None:
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    waiting = await ask(world, family, start_at=booking.end_at, end_at=booking.end_at + HOUR)

    async def standing() -> tuple[list[int], list[int]]:
        async with world.database.read() as session:
            ahead = await requests_ahead(session, by=family.actor, now=world.now)
            past = await requests_page(session, None, by=family.actor, world=world)
            return [card.request.id for card in ahead], past.items

    assert await standing() == ([booking.request_id, waiting.id], [])
    world.now = booking.end_at
    assert await standing() == ([waiting.id], [booking.request_id])


@pytest.mark.parametrize("cursor", ["x", "!!!!", "é", beginning_with(7), "MjAyNi0wNi0wMQ==", "MDAwMS0wMS0wMSA3"])
async def test_what_is_no_cursor_of_a_list_is_refused(database: Database, cursor: str) -> None:
    # Of the last two one has a day and no id, the other a day before all time.
    world = await make_world(database)
    family = await world.family("Alice")

    async with world.database.read() as session:
        with pytest.raises(BadCursor):
            await past_requests(session, by=family.actor, cursor=cursor, limit=2, now=world.now)
