"""What a session remembers, and what it must not."""

from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare import sessions
from sharecare.areas.models import Area
from sharecare.db import Database
from statements import statements_of
from world import area


async def test_a_row_that_nobody_holds_any_more_is_read_once_in_a_session(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With SQLAlchemy's own session it was read three times: what nobody else holds is forgotten.
    first, second = [(await database.write(partial(area, slug=slug))).id for slug in ("a", "b")]

    with statements_of(database) as asked:
        async with database.read() as session:
            for _ in range(3):
                assert (await session.get_one(Area, first)).slug == "a"
    monkeypatch.setattr(sessions, "HELD_ROWS", 1)
    with statements_of(database) as asked_in_little_room:
        async with database.read() as session:
            for one in (first, second, first):
                await session.get_one(Area, one)

    assert (len(asked), len(asked_in_little_room)) == (1, 3)


LOCKED = {
    "selected": lambda session, one: session.scalar(select(Area).where(Area.id == one).with_for_update()),
    "by id": lambda session, one: session.get_one(Area, one, with_for_update={"key_share": True}),
}


@pytest.mark.parametrize("how", LOCKED)
async def test_a_locked_read_tells_how_a_row_stands_whatever_was_read_before(database: Database, how: str) -> None:
    # Without the rule in `sessions.py` a supporter suspended while one waited for their row was booked.
    one = (await database.write(area)).id

    async def work(session: AsyncSession) -> str:
        await session.get_one(Area, one)
        await (await session.connection()).execute(text("UPDATE area SET name_ja = '別の名'"))
        return str((await LOCKED[how](session, one)).name_ja)

    assert await database.write(work) == "別の名"
