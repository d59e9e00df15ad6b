"""Delivering what was told: at least once, and never inside a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.areas.models import Area
from sharecare.db import Database
from sharecare.messages.mail import Letter
from sharecare.messages.models import Delivery, Message
from sharecare.messages.rules import (
    LEASE,
    MAX_TRIES,
    SEALED,
    ChannelName,
    DeliveryState,
    MessageKind,
    is_stale,
    pause_after,
)
from sharecare.messages.texts import render, secret_path
from sharecare.messages.words import Tongue


class Channel(Protocol):
    """A way out of the house."""

    name: ChannelName

    async def send(self, letter: Letter) -> None:
        """Send, or raise."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    delivery_id: int
    tries: int
    message: Message
    address: str
    tongue: Tongue


async def deliver_outbox(database: Database, *, channel: Channel, now: datetime, limit: int = 50) -> int:
    """Send what is due through one channel; return how many letters were taken up.

    A worker that dies between sending and noting it leaves a letter that is sent again once its lease is over; the
    reference, in e-mail the Message-ID, lets the receiver recognise it.
    """
    ids = await database.write(lambda session: _claim(session, channel.name, now=now, limit=limit))
    async with database.read() as session:
        claimed = await _gather(session, ids)
    for one in claimed:
        error = await _attempt(channel, one, now=now)
        await database.write(partial(_note, one=one, error=error, now=now))
    return len(claimed)


async def _claim(session: AsyncSession, channel: ChannelName, *, now: datetime, limit: int) -> Sequence[int]:
    """Put off the next try of what is due, so that no other worker takes it meanwhile."""
    # In a CTE, which PostgreSQL runs once: it may run a plain subquery again, and then locks more rows than the limit.
    due = (
        select(Delivery.id)
        .where(Delivery.channel == channel, Delivery.state == DeliveryState.WAITING, col(Delivery.next_try_at) <= now)
        .order_by(col(Delivery.next_try_at), col(Delivery.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = await session.exec(
        update(Delivery)
        .where(col(Delivery.id).in_(select(due.c.id)))
        .values(tries=Delivery.tries + 1, next_try_at=now + LEASE)
        .returning(col(Delivery.id))
    )
    return claimed.scalars().all()


async def _gather(session: AsyncSession, ids: Sequence[int]) -> list[_Claimed]:
    rows = await session.exec(
        select(Delivery, Message, Person, Area.timezone)
        .join(Message, col(Message.id) == col(Delivery.message_id))
        .join(Person, col(Person.id) == col(Message.person_id))
        .join(Area, col(Area.id) == col(Person.area_id))
        .where(col(Delivery.id).in_(ids))
        .order_by(col(Delivery.id))
    )
    return [
        _Claimed(delivery.id, delivery.tries, message, person.email, Tongue(person.language, ZoneInfo(timezone)))
        for delivery, message, person, timezone in rows
    ]


async def _attempt(channel: Channel, one: _Claimed, *, now: datetime) -> str:
    """Send one letter; return what went wrong, but not in the server's words: they may quote an address."""
    if is_stale(one.message.created_at, now):
        return "stale"
    try:
        await channel.send(_letter(one))
    except Exception as error:  # noqa: BLE001  -- one bad letter must not hold up those behind it
        return f"{type(error).__name__} {getattr(error, 'code', '')}".strip()
    return ""


def _letter(one: _Claimed) -> Letter:
    kind, facts = MessageKind(one.message.kind), one.message.facts
    rendered = render(kind, facts, one.tongue)
    return Letter(
        to=one.address,
        title=rendered.title,
        body=rendered.body,
        path=secret_path(kind, facts) or rendered.path,
        reference=f"message-{one.message.id}",
    )


async def _note(session: AsyncSession, *, one: _Claimed, error: str, now: datetime) -> None:
    given_up = one.tries >= MAX_TRIES or is_stale(one.message.created_at, now)
    failed = DeliveryState.FAILED if given_up else DeliveryState.WAITING
    state = failed if error else DeliveryState.SENT
    outcome = {"state": state, "error": error, "sent_at": None if error else now, "next_try_at": now}
    if state is DeliveryState.WAITING:
        outcome["next_try_at"] = now + pause_after(one.tries)
    await session.exec(update(Delivery).where(col(Delivery.id) == one.delivery_id).values(outcome))
    if state is not DeliveryState.WAITING and not SEALED.isdisjoint(one.message.facts):
        # A copy of the database must not open accounts; elsewhere a secret is only kept as a hash.
        facts = {name: fact for name, fact in one.message.facts.items() if name not in SEALED}
        await session.exec(update(Message).where(col(Message.id) == one.message.id).values(facts=facts))
