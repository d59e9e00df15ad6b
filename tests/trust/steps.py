"""What two people do with each other, in one line each."""

from collections.abc import Sequence

from sqlmodel import col, select

from neighbours import do
from sharecare.accounts.rules import Actor
from sharecare.db import Database
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.trust import service
from sharecare.trust.queries import my_friends
from sharecare.trust.rules import FriendState
from sharecare.trust.schemas import FriendView


async def shown_by(database: Database, person: Actor) -> str:
    return (await do(database, service.show_meeting_code, by=person)).code


async def meet(database: Database, scanner: Actor, shower: Actor) -> None:
    code = await shown_by(database, shower)
    await do(database, service.meet, by=scanner, code=code)


async def approve(database: Database, by: Actor, other: Actor) -> None:
    await do(database, service.approve_friend, by=by, person_id=other.person_id)


async def befriend(database: Database, one: Actor, other: Actor) -> None:
    await meet(database, one, other)
    await approve(database, other, one)


async def friends_of(database: Database, person: Actor) -> list[FriendView]:
    async with database.read() as session:
        return await my_friends(session, by=person)


async def states(database: Database, person: Actor) -> dict[int, FriendState]:
    """Return how each friend stands, by person."""
    return {view.person_id: view.state for view in await friends_of(database, person)}


async def facts(database: Database) -> Sequence[tuple[str, int | None, int | None]]:
    """Return what the journal has of people: kind, person, other."""
    async with database.read() as session:
        told = select(Fact.kind, Fact.person_id, Fact.other_id).where(Fact.kind != FactKind.AREA_CHANGED)
        return (await session.exec(told.order_by(col(Fact.id)))).all()
