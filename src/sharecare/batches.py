"""Reading in bulk: many ids at a time, or a whole table as it streams."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import TypeVarTuple

from sqlalchemy import Row, Select
from sqlmodel.ext.asyncio.session import AsyncSession

Columns = TypeVarTuple("Columns")

IDS_AT_ONCE = 1000  # PostgreSQL binds 65,535 values at most, SQLite 32,766
ROWS_AT_ONCE = 2000  # more at once is slower: the garbage collector walks every row that is alive


async def read_by_ids(
    session: AsyncSession, ids: Iterable[int], statement: Callable[[list[int]], Select[*Columns]]
) -> list[tuple[*Columns]]:
    """Return the distinct rows of `statement(ids)`; where the ids are many, asked in several queries by rising id."""
    wanted = sorted(set(ids))
    rows: dict[tuple[*Columns], None] = {}
    connection = await session.connection()
    for first in range(0, len(wanted), IDS_AT_ONCE):
        found = await connection.execute(statement(wanted[first : first + IDS_AT_ONCE]))
        rows.update(dict.fromkeys(_plain(found.all())))
    return list(rows)


async def stream(session: AsyncSession, statement: Select[*Columns]) -> AsyncIterator[list[tuple[*Columns]]]:
    """Yield a query's rows as they come, 2,000 at a time: an awaited step for each would cost more than the row."""
    connection = await session.connection()
    result = await connection.stream(statement, execution_options={"yield_per": ROWS_AT_ONCE})
    async for rows in result.partitions():
        yield _plain(rows)


def _plain(rows: Sequence[Row[*Columns]]) -> list[tuple[*Columns]]:
    """Return rows as tuples: NumPy takes a row of SQLAlchemy's for a sequence, and forty times as long."""
    return list(map(tuple, rows))  # type: ignore[arg-type]  # mypy can't see that a row iterates over its columns
