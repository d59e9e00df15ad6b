"""Reading the journal as it grows, missing nothing.

On PostgreSQL sequence numbers commit out of order: a reader that remembers the last id skips what a slower
transaction commits later under a smaller one. So the mark is a transaction number: everything below the oldest
transaction still running is final, and what lies beyond is read now and again until it is. SQLite's writers queue,
so there the mark is the last id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import BigInteger, Boolean, ColumnElement, bindparam, func, literal_column, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from sharecare.journal.models import Fact

_XMIN = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())


def _look(horizon: ColumnElement[int], unread: ColumnElement[bool]) -> Select[int, Fact]:
    """Select the horizon and every unread fact, or nothing beside it.

    One statement sees one moment: the horizon is of the very snapshot that the facts are read in.
    """
    seen = select(horizon.label("horizon")).subquery()
    return select(seen.c.horizon, Fact).join(Fact, unread, isouter=True).order_by(col(Fact.id))


class is_beyond(FunctionElement[bool]):  # noqa: N801  -- SQL functions are written in lower case
    """Whether a fact, given by number of transaction and id, lies beyond a position."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002  -- as SQLAlchemy declares it
        """Stay as it is: SQLAlchemy would write `… = 1` for SQLite, which then reads the whole journal."""
        return self


@compiles(is_beyond, "postgresql")
def _is_beyond_postgresql(element: is_beyond, compiler: SQLCompiler, **kw: Any) -> str:
    tx, _id, position = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{tx} >= {position}"


@compiles(is_beyond, "sqlite")
def _is_beyond_sqlite(element: is_beyond, compiler: SQLCompiler, **kw: Any) -> str:
    _tx, id_, position = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{id_} > {position}"


_POSITION = bindparam("position", type_=BigInteger())
_BEYOND = is_beyond(Fact.tx, Fact.id, _POSITION)
BEYOND: ColumnElement[int] = select(func.count(col(Fact.id))).where(_BEYOND).scalar_subquery()
"""How many facts lie beyond `position`, for `Feed.has_seen`: a column of whatever a request asks anyway."""
_LAST_ID = select(func.coalesce(func.max(Fact.id), 0)).scalar_subquery()
# Every reader asks this all the time: built once.
_LOOK_POSTGRESQL, _LOOK_SQLITE = _look(_XMIN, _BEYOND), _look(_LAST_ID, _BEYOND)


@dataclass(slots=True)
class Feed:
    """One reader's place in the journal.

    `position` moves only past what is final and may be stored; `ahead` holds the ids already read beyond it, so that
    one long transaction elsewhere doesn't make this reader take the same facts at every look. `outdated` tells that the
    last look was into a moment before `position`: SQLite's readers stay at that of their first statement.
    """

    position: int = 0
    ahead: set[int] = field(default_factory=set)
    outdated: bool = False

    @classmethod
    async def from_now(cls, session: AsyncSession) -> "Feed":
        """Return a feed for a reader about to load today's state: it may repeat what that state holds, never miss."""
        if _is_sqlite(session):
            return cls((await session.exec(select(_LAST_ID))).one())
        return cls(await _horizon(session))

    async def read(self, session: AsyncSession) -> Sequence[Fact]:
        """Return the committed facts not read before, in id order, and move on."""
        sqlite = _is_sqlite(session)
        look = _LOOK_SQLITE if sqlite else _LOOK_POSTGRESQL
        rows = (await session.exec(look, params={"position": self.position})).all()
        horizon, facts = rows[0][0], [fact for _, fact in rows if fact is not None]
        self.outdated = horizon < self.position
        self.position = max(self.position, horizon)
        fresh = [fact for fact in facts if fact.id not in self.ahead]
        self.ahead = set() if sqlite else {fact.id for fact in facts if fact.tx >= self.position}
        return fresh

    async def behind(self, session: AsyncSession) -> int:
        """Count the committed facts not read yet."""
        beyond = select(Fact.id).where(_BEYOND)
        ids = set(await session.exec(beyond, params={"position": self.position}))
        return len(ids - self.ahead)

    def has_seen(self, beyond: int) -> bool:
        """Say whether that many facts beyond a position it had lately are none but those read since.

        A look reads all that is committed. So where one came after the count, what was counted is read; where none did,
        everything ahead was counted too, and anything more is new.
        """
        return beyond <= len(self.ahead)


async def final_before(session: AsyncSession) -> ColumnElement[bool]:
    """Return the condition that holds for facts no later commit can come before."""
    if _is_sqlite(session):
        return true()
    return col(Fact.tx) < await _horizon(session)


async def _horizon(session: AsyncSession) -> int:
    """Return the number of the oldest transaction still running: all before it are over."""
    return (await session.exec(select(_XMIN))).one()


def _is_sqlite(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "sqlite"
