"""Sessions that hold what they have read, and read anew what they lock."""

from collections import deque

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

HELD_ROWS = 1000  # of one session: more than a page shows, and little of what a worker goes through


class _Holding(Session):
    """Holds the rows it has read or written, where SQLAlchemy's forgets what nobody else holds and reads it again."""


def open_session(engine: AsyncEngine) -> AsyncSession:
    """Open a session on one of a database's engines; its rows stay as they were when it commits."""
    held: deque[object] = deque(maxlen=HELD_ROWS)
    return AsyncSession(engine, sync_session_class=_Holding, info={"held": held}, expire_on_commit=False)


@event.listens_for(_Holding, "loaded_as_persistent")
@event.listens_for(_Holding, "pending_to_persistent")
def _hold(session: _Holding, row: object) -> None:
    session.info["held"].append(row)


@event.listens_for(_Holding, "do_orm_execute")
def _look_again(state: ORMExecuteState) -> None:
    """Let a locked read tell how a row stands now that it is held, whatever was read of it before."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.update_execution_options(populate_existing=True)
