"""Moving state: one conditional UPDATE, and whoever comes second is told so."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.sql.dml import ReturningUpdate
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
    fresh = {"synchronize_session": False, "populate_existing": True}  # the row as it stands now that it is held
    moved = await session.exec(
        _moving(table).values(state=after, **changes), params={"moved": row.id, "was": before}, execution_options=fresh
    )
    if moved.scalars().one_or_none() is None:
        raise NotNow(state=before)


@cache
def _moving(table: type[SQLModel]) -> ReturningUpdate[Any]:
    """Return the statement without its changes: all columns of a table come back, and each costs time to name."""
    columns: Any = table
    return update(table).where(columns.id == bindparam("moved"), columns.state == bindparam("was")).returning(table)
