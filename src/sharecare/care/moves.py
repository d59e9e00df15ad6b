"""Moving state: one conditional UPDATE, and whoever comes second is told so."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import SQLModel, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.rules import Move, NotNow, Side, legal


async def move(
    session: AsyncSession,
    row: Any,  # noqa: ANN401  -- any table with `id` and `state`
    moves: Mapping[str, tuple[Move, ...]],
    verb: str,
    *,
    by: Side,
    **changes: object,
) -> None:
    """Move one row by the table of legal moves, together with other columns.

    Raises:
        NotNow: the move is not legal from the row's state, or another transaction moved it first.

    """
    table: type[SQLModel] = type(row)
    before = row.state
    after = legal(moves, verb, before, by)
    columns: Any = table
    moved = update(table).where(columns.id == row.id, columns.state == before).values(state=after, **changes)
    fresh = {"synchronize_session": False, "populate_existing": True}  # the row as it stands now that it is held
    if (await session.exec(moved.returning(table), execution_options=fresh)).scalars().one_or_none() is None:
        raise NotNow(state=before)
