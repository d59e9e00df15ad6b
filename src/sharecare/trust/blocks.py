"""Keeping somebody at a distance; they never learn of it."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.errors import NotFound
from sharecare.journal.rules import FactKind
from sharecare.trust.models import Block
from sharecare.trust.telling import record_between


async def block(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """Keep someone at a distance; they never learn of it.

    Anybody may be blocked, from any area: whoever fears a person must not have to prove a tie first.

    Raises:
        NotFound: there is no such account, or it is one's own.

    """
    there = select(Person.id).where(Person.id == person_id, Person.state != PersonState.LEFT)
    if person_id == by.person_id or (await session.exec(there)).first() is None:
        raise NotFound
    await _hold_families(session, by.person_id, person_id)
    row = insert(Block).values(blocker_id=by.person_id, blocked_id=person_id, blocked_at=now)
    fresh = await session.exec(row.on_conflict_do_nothing().returning(col(Block.blocker_id)))
    if fresh.first() is not None:
        record_between(session, FactKind.BLOCK_CHANGED, by=by, other_id=person_id, now=now)


async def _hold_families(session: AsyncSession, *person_ids: int) -> None:
    """Hold everybody of some people's families: an acceptance or a start between them comes before this or after."""
    families = select(Person.household_id).where(col(Person.id).in_(person_ids))
    members = select(Person.id).where(col(Person.household_id).in_(families)).order_by(col(Person.id))
    await session.exec(members.with_for_update(key_share=True))


async def unblock(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """End the distance.

    Raises:
        NotFound: there was none.

    """
    row = delete(Block).where(col(Block.blocker_id) == by.person_id, col(Block.blocked_id) == person_id)
    if not (await session.exec(row)).rowcount:
        raise NotFound
    record_between(session, FactKind.BLOCK_CHANGED, by=by, other_id=person_id, now=now)
