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
    given = {"moved": row.id, "was": before, "to": after} | {f"new_{name}": value for name, value in changes.items()}
    moved = await session.exec(_moving(table, tuple(changes)), params=given, execution_options=fresh)
    if moved.scalars().one_or_none() is None:
        raise NotNow(state=before)


@cache
def _moving(table: type[SQLModel], changed: tuple[str, ...]) -> ReturningUpdate[Any]:
    columns: Any = table
    values = {name: bindparam(f"new_{name}", type_=getattr(table, name).type) for name in changed}
    return (
        update(table)
        .where(columns.id == bindparam("moved"), columns.state == bindparam("was"))
        .values(state=bindparam("to", type_=columns.state.type), **values)
        .returning(table)
    )
