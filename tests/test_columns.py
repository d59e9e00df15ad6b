"""What columns hold on both databases, and what is said of what they can't."""

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import BigInteger, Text, literal
from sqlalchemy.exc import DataError
from sqlalchemy.types import TypeEngine
from sqlmodel import select

from sharecare.columns import UtcDateTime
from sharecare.db import Database


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (BigInteger(), 2**70),
        (Text(), "\ud800"),
        (UtcDateTime(), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))),
    ],
    ids=["number", "text", "moment"],
)
async def test_what_the_database_never_gets_to_see_is_an_error_that_doors_answer(
    database: Database, column: TypeEngine[object], value: object
) -> None:
    # Drivers that can't write a value down raise Python's own errors: a 500.
    async with database.read() as session:
        with pytest.raises(DataError) as refused:
            await session.scalar(select(literal(value, column)))

    assert str(value) not in str(refused.value)
