"""What passes between two people: telling of it, without a word across a block, and writing it down."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import Facts, tell
from sharecare.trust.models import Block


async def tell_unless_blocked(
    session: AsyncSession, *, to_id: int, by: Actor, kind: MessageKind, facts: Facts, now: datetime
) -> None:
    """Tell someone what another did, unless they keep that one at a distance; the other can't see the difference."""
    if await session.get(Block, (to_id, by.person_id)) is None:
        await tell(session, person_id=to_id, kind=kind, facts=facts, now=now)


def record_between(session: AsyncSession, kind: FactKind, *, by: Actor, other_id: int, now: datetime) -> None:
    """Write one fact of a person and another."""
    record(
        session, kind=kind, at=now, area_id=by.area_id, actor_id=by.person_id, person_id=by.person_id, other_id=other_id
    )
