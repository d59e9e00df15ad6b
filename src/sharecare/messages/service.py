"""Telling people, in the transaction of what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import PersonState
from sharecare.errors import NotFound
from sharecare.messages.models import Delivery, Message
from sharecare.messages.rules import APP_ONLY, ChannelName, DeliveryState, MessageKind
from sharecare.messages.texts import needed_facts

Facts = Mapping[str, Any]


async def tell(session: AsyncSession, *, person_id: int, kind: MessageKind, facts: Facts, now: datetime) -> None:
    """Tell one person; see `tell_all`."""
    await tell_all(session, to={person_id: facts}, kind=kind, now=now)


async def tell_all(session: AsyncSession, *, to: Mapping[int, Facts], kind: MessageKind, now: datetime) -> None:
    """Tell several people, each with their own facts: plain JSON values, moments in ISO 8601.

    Raises:
        ValueError: a fact is missing that the text needs; better here than when the message is read.

    """
    if not to:
        return
    for facts in to.values():
        if missing := needed_facts(kind) - facts.keys():
            raise ValueError(f"a message {kind.value!r} needs {sorted(missing)}")
    messages = [
        Message(person_id=person_id, kind=kind, facts=dict(facts), created_at=now) for person_id, facts in to.items()
    ]
    session.add_all(messages)
    reachable = set() if kind in APP_ONLY else await _reachable(session, to)
    await session.flush()  # deliveries name their messages
    session.add_all(
        Delivery(message_id=message.id, channel=ChannelName.EMAIL, state=DeliveryState.WAITING, next_try_at=now)
        for message in messages
        if message.person_id in reachable
    )


async def mark_read(session: AsyncSession, *, person_id: int, message_id: int, now: datetime) -> None:
    """Note that a person has opened a message; the first time counts.

    Raises:
        NotFound: they have no such message.

    """
    own = select(Message).where(Message.id == message_id, Message.person_id == person_id)
    message = (await session.exec(own)).first()
    if message is None:
        raise NotFound
    message.read_at = message.read_at or now
    session.add(message)


async def mark_all_read(session: AsyncSession, *, person_id: int, up_to: int, now: datetime) -> None:
    """Note that a person has seen their messages up to one; what came since stays unopened."""
    unread = update(Message).where(col(Message.person_id) == person_id, col(Message.read_at).is_(None))
    await session.exec(unread.where(col(Message.id) <= up_to).values(read_at=now))


async def _reachable(session: AsyncSession, to: Mapping[int, Facts]) -> set[int]:
    """Return those who have an address; someone who left has none any more."""
    reachable = select(Person.id).where(col(Person.id).in_(to), Person.state != PersonState.LEFT, Person.email != "")
    return set((await session.exec(reachable)).all())
