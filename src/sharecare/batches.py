"""Reading in bulk: many ids at a time, or a whole table as columns of whole numbers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple, TypeVarTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
    Row,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.columns import UtcDateTime, days_since_1970, minutes_since_1970

Columns = TypeVarTuple("Columns")
Ints = npt.NDArray[np.int64]

IDS_AT_ONCE = 1000  # PostgreSQL binds 65,535 values at most, SQLite 32,766
KEYS_AT_ONCE = 5000  # one page, five rows a key: 25 ms of the event loop, and far below a statement's time limit
SOME_IDS: BindParameter[Sequence[int]] = bindparam("ids", expanding=True)
"""Stands in a statement for the ids that `read_by_ids` is given."""
NULL = int(np.iinfo(np.int64).min)
"""What stands for a null in a column of whole numbers."""


class Page(NamedTuple):
    """Some rows of a table as parallel columns of whole numbers, and the share of the table read with them."""

    columns: list[Ints]
    done: float


async def read_by_ids(
    session: AsyncSession, ids: Iterable[int], statement: Select[*Columns], **given: object
) -> list[tuple[*Columns]]:
    """Return the distinct rows of a statement over `SOME_IDS`; where these are many, asked several times by rising id.

    The statement is built once, by whoever asks; `given` are its other parameters.
    """
    wanted = sorted(set(ids))
    rows: dict[tuple[*Columns], None] = {}
    connection = await session.connection()
    for first in range(0, len(wanted), IDS_AT_ONCE):
        found = await connection.execute(statement, given | {"ids": wanted[first : first + IDS_AT_ONCE]})
        rows.update(dict.fromkeys(_plain(found.all())))
    return list(rows)


async def stream_columns(
    session: AsyncSession, key: Mapped[int], rows: Callable[[ColumnElement[bool]], Select[*tuple[Any, ...]]]
) -> AsyncIterator[Page]:
    """Yield a table in pages of rising keys, in any order within one, with no Python object for a row that is kept.

    Truths become 0 and 1, dates days and moments minutes since 1970 (rounded down), nulls `NULL`. While a page is being
    used the next is read: whoever uses it leaves the session alone until the last.

    Args:
        session: on PostgreSQL each page shows a moment of its own.
        key: a column with an index, mostly the person's id.
        rows: gives the query of the rows whose keys meet a condition.

    """
    connection = await session.connection()
    first, last = (await connection.execute(select(func.min(key), func.max(key)))).one()
    if first is None:
        return
    ends = [min(start + KEYS_AT_ONCE - 1, last) for start in range(first, last + 1, KEYS_AT_ONCE)]

    def reading(start: int, end: int) -> asyncio.Task[list[Ints]]:
        return asyncio.create_task(_columns(connection, rows(key.between(start, end))))

    ahead = reading(first, ends[0])
    try:
        for end, next_end in zip_longest(ends, ends[1:]):
            columns = await ahead
            if next_end is not None:
                ahead = reading(end + 1, next_end)
                await asyncio.sleep(0)  # let it be on its way
            yield Page(columns, (end - first + 1) / (last - first + 1))
    finally:
        ahead.cancel()
        await asyncio.gather(ahead, return_exceptions=True)


async def columns_by_ids(
    session: AsyncSession,
    key: Mapped[int],
    ids: Iterable[int],
    rows: Callable[[ColumnElement[bool]], Select[*tuple[Any, ...]]],
) -> AsyncIterator[list[Ints]]:
    """Yield the rows of some keys as `stream_columns` does, a thousand keys at a time."""
    connection, wanted = await session.connection(), sorted(set(ids))
    for first in range(0, len(wanted), IDS_AT_ONCE):
        yield await _columns(connection, rows(key.in_(wanted[first : first + IDS_AT_ONCE])))


async def _columns(connection: AsyncConnection, rows: Select[*tuple[Any, ...]]) -> list[Ints]:
    """Let the database pack each column into one value: a Python object for each figure would take twice as long."""
    found = rows.order_by(None).subquery()
    numbers = [func.coalesce(_whole(column), literal_column(str(NULL))) for column in found.c]
    pack, unpack = (func.group_concat, _from_text) if connection.dialect.name == "sqlite" else (_as_bytes, _from_bytes)
    packed: list[ColumnElement[Any]] = [pack(number) for number in numbers]
    return [unpack(column) for column in (await connection.execute(select(*packed))).one()]


def _from_text(column: str | None) -> Ints:
    return np.fromstring(column or "", np.int64, sep=",")


def _as_bytes(number: ColumnElement[int]) -> ColumnElement[bytes]:
    return func.string_agg(func.int8send(cast(number, BigInteger)), literal_column("''::bytea", LargeBinary()))


def _from_bytes(column: bytes | None) -> Ints:
    return np.frombuffer(column or b"", ">i8").astype(np.int64)


def _whole(column: ColumnElement[Any]) -> ColumnElement[int]:
    if isinstance(column.type, UtcDateTime):
        return minutes_since_1970(column)
    if isinstance(column.type, Date):
        return days_since_1970(column)
    if isinstance(column.type, Boolean):
        return cast(column, Integer)
    return column


def _plain(rows: Sequence[Row[*Columns]]) -> list[tuple[*Columns]]:
    """Return rows as tuples: NumPy takes a row of SQLAlchemy's for a sequence, and forty times as long."""
    return list(map(tuple, rows))  # type: ignore[arg-type]  # mypy can't see that a row iterates over its columns
