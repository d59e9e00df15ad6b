"""Telling people, in the transaction of what happened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Insert, Update, bindparam, insert, literal
from sqlalchemy import select as select_columns
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import PersonState
from sharecare.columns import UtcDateTime
from sharecare.errors import NotFound
from sharecare.messages.models import Delivery, Message
from sharecare.messages.rules import APP_ONLY, NEEDS_NOBODY, ChannelName, DeliveryState, MessageKind
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
    same = {"kind": kind, "created_at": now, "read_at": now if kind in NEEDS_NOBODY else None}
    rows = [{"person_id": one, "facts": dict(facts), **same} for one, facts in to.items()]
    # In two statements, however many are told: a row at a time would cost each of them four.
    told = (await session.exec(_MESSAGES, params=rows)).scalars().all()
    if kind not in APP_ONLY:
        await (await session.connection()).execute(_DELIVERIES, {"told": told, "now": now})


async def was_told(
    session: AsyncSession, *, person_id: int, kind: MessageKind, fact: str, key: int, since: datetime
) -> bool:
    """Say whether a person was told of one thing, known by a fact that is an id, since a moment."""
    told = select(Message.id).where(
        Message.person_id == person_id, Message.kind == kind, _is_about(fact, key), col(Message.created_at) > since
    )
    return (await session.exec(told.limit(1))).first() is not None


async def have_unread(
    session: AsyncSession, *, people: Collection[int], kind: MessageKind, fact: str, key: int
) -> set[int]:
    """Return who of some people has not opened what they were told of one thing, known by a fact that is an id."""
    told = select(Message.person_id).where(
        col(Message.person_id).in_(people), Message.kind == kind, _is_about(fact, key), col(Message.read_at).is_(None)
    )
    return set(await session.exec(told))


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


async def mark_kind_read(session: AsyncSession, *, person_id: int, kind: MessageKind, now: datetime) -> None:
    """Note that nothing is left to do about messages of a kind."""
    await session.exec(_unread([person_id]).where(col(Message.kind) == kind).values(read_at=now))


async def mark_told_read(
    session: AsyncSession,
    *,
    people: Collection[int],
    kinds: Collection[MessageKind],
    fact: str,
    key: int,
    now: datetime,
) -> None:
    """Note that nothing is left to do about what some people were told of one thing, known by a fact that is an id."""
    await session.exec(_unread(people).where(col(Message.kind).in_(kinds), _is_about(fact, key)).values(read_at=now))


async def mark_all_read(session: AsyncSession, *, person_id: int, up_to: int, now: datetime) -> None:
    """Note that a person has seen their messages up to one; what came since stays unopened."""
    await session.exec(_unread([person_id]).where(col(Message.id) <= up_to).values(read_at=now))


def _is_about(fact: str, key: int) -> ColumnElement[bool]:
    about: ColumnElement[bool] = col(Message.facts)[fact].as_numeric(19, 0) == key
    return about  # as an INTEGER of PostgreSQL it would end long before our ids


def _unread(people: Collection[int]) -> Update:
    return update(Message).where(col(Message.person_id).in_(people), col(Message.read_at).is_(None))


def _deliveries() -> Insert:
    """Send messages to those who have an address; someone who left has none any more."""
    channel, state = literal(ChannelName.EMAIL.value), literal(DeliveryState.WAITING.value)
    told: BindParameter[Sequence[int]] = bindparam("told", expanding=True)
    now = bindparam("now", type_=UtcDateTime)
    waiting = (
        select_columns(col(Message.id), channel, state, literal(0), now, literal(""))
        .join(Person, col(Person.id) == col(Message.person_id))
        .where(col(Message.id).in_(told), col(Person.state) != PersonState.LEFT, col(Person.email) != "")
    )
    columns = ["message_id", "channel", "state", "tries", "next_try_at", "error"]
    return insert(Delivery).from_select(columns, waiting)


_MESSAGES = insert(Message).returning(col(Message.id))
_DELIVERIES = _deliveries()
