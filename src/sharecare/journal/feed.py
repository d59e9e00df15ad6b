"""Reading the journal as it grows, missing nothing.

On PostgreSQL sequence numbers commit out of order: a reader that remembers the last id skips what a slower
transaction commits later under a smaller one. So the mark is a transaction number: everything below the oldest
transaction still running is final, and what lies beyond is read now and again until it is. SQLite's writers queue,
so there the mark is the last id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, ColumnElement, func, literal_column, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.journal.models import Fact

_XMIN = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", BigInteger())


@dataclass(slots=True)
class Feed:
    """One reader's place in the journal.

    `position` moves only past what is final and may be stored; `ahead` holds the ids already read beyond it, so that
    one long transaction elsewhere doesn't make this reader take the same facts at every look.
    """

    position: int = 0
    ahead: set[int] = field(default_factory=set)

    @classmethod
    async def from_now(cls, session: AsyncSession) -> "Feed":
        """Return a feed for a reader about to load today's state: it may repeat what that state holds, never miss."""
        if _is_sqlite(session):
            return cls((await session.exec(select(func.coalesce(func.max(Fact.id), 0)))).one())
        return cls(await _horizon(session))

    async def read(self, session: AsyncSession) -> Sequence[Fact]:
        """Return the committed facts not read before, in id order, and move on."""
        if _is_sqlite(session):
            return await self._read_sqlite(session)
        return await self._read_postgresql(session)

    async def _read_sqlite(self, session: AsyncSession) -> Sequence[Fact]:
        newer = select(Fact).where(col(Fact.id) > self.position).order_by(col(Fact.id))
        facts = (await session.exec(newer)).all()
        if facts:
            self.position = facts[-1].id
        return facts

    async def _read_postgresql(self, session: AsyncSession) -> Sequence[Fact]:
        # One statement sees one moment: the horizon is of the very snapshot that the facts are read in.
        horizon = select(_XMIN.label("horizon")).subquery()
        newer = select(horizon.c.horizon, Fact).join(Fact, self._unread(), isouter=True).order_by(col(Fact.id))
        rows = (await session.exec(newer)).all()
        facts = [fact for _, fact in rows if fact is not None]
        fresh = [fact for fact in facts if fact.id not in self.ahead]
        self.position = max(self.position, rows[0][0])
        self.ahead = {fact.id for fact in facts if fact.tx >= self.position}
        return fresh

    async def behind(self, session: AsyncSession) -> int:
        """Count the committed facts not read yet."""
        ids = set(await session.exec(select(Fact.id).where(self._unread(sqlite=_is_sqlite(session)))))
        return len(ids - self.ahead)

    def _unread(self, *, sqlite: bool = False) -> ColumnElement[bool]:
        return col(Fact.id) > self.position if sqlite else col(Fact.tx) >= self.position


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
