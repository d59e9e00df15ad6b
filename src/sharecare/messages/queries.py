"""Reading one's own messages."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.areas.models import Area
from sharecare.errors import NotFound
from sharecare.messages.models import Delivery, Message
from sharecare.messages.rules import DeliveryState, MessageKind
from sharecare.messages.schemas import MessageView
from sharecare.messages.texts import render, secret_path
from sharecare.messages.words import Tongue
from sharecare.paging import Page, page_of, read_cursor


async def messages_of(
    session: AsyncSession,
    *,
    person_id: int,
    cursor: str | None = None,
    limit: int = 20,
    opened: bool | None = None,
    language: str | None = None,
) -> Page[MessageView]:
    """Return one page of a person's messages, newest first: all of them, or those (not) yet opened.

    They are in the person's language, unless they are just reading in another.
    """
    messages = select(Message).where(Message.person_id == person_id)
    if opened is not None:
        messages = messages.where(col(Message.read_at).is_not(None) if opened else col(Message.read_at).is_(None))
    if (before := read_cursor(cursor)) is not None:
        messages = messages.where(col(Message.id) < before)
    rows = (await session.exec(messages.order_by(col(Message.id).desc()).limit(limit + 1))).all()
    own = await tongue_of(session, person_id=person_id)
    tongue = Tongue(language or own.language, own.zone)
    return page_of([_view(row, tongue) for row in rows], limit=limit, key=lambda view: view.id)


async def last_link(session: AsyncSession, *, email: str) -> str | None:
    """Return where the link of the last mail to an address leads, for a demo that sends none."""
    theirs = (
        select(Message).join(Person, col(Person.id) == col(Message.person_id)).where(Person.email == email.casefold())
    )
    last = (await session.exec(theirs.order_by(col(Message.id).desc()).limit(1))).first()
    return secret_path(MessageKind(last.kind), last.facts) if last else None


async def message_of(session: AsyncSession, *, person_id: int, message_id: int) -> MessageView:
    """Return one of a person's messages.

    Raises:
        NotFound: they have no such message.

    """
    own = select(Message).where(Message.id == message_id, Message.person_id == person_id)
    message = (await session.exec(own)).first()
    if message is None:
        raise NotFound
    return _view(message, await tongue_of(session, person_id=person_id))


async def unread_count(session: AsyncSession, *, person_id: int) -> int:
    """Return how many messages a person has not opened."""
    unread = select(func.count()).where(col(Message.person_id) == person_id, col(Message.read_at).is_(None))
    return (await session.exec(unread)).one()


async def outbox_age_s(session: AsyncSession, *, now: datetime) -> float:
    """Return for how many seconds the message that is longest due has waited."""
    due = select(func.min(Delivery.next_try_at)).where(Delivery.state == DeliveryState.WAITING)
    oldest = (await session.exec(due)).one()
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0


async def tongue_of(session: AsyncSession, *, person_id: int) -> Tongue:
    """Return a person's language, and the zone of their area."""
    spoken = select(Person.language, Area.timezone).join(Area, col(Area.id) == col(Person.area_id))
    language, timezone = (await session.exec(spoken.where(Person.id == person_id))).one()
    return Tongue(language, ZoneInfo(timezone))


def _view(message: Message, tongue: Tongue) -> MessageView:
    kind = MessageKind(message.kind)
    rendered = render(kind, message.facts, tongue)
    return MessageView(
        id=message.id,
        kind=kind,
        title=rendered.title,
        body=rendered.body,
        path=rendered.path,
        created_at=message.created_at,
        read_at=message.read_at,
    )
