"""Reminding people in time of what lapses."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import PersonState
from sharecare.certification.models import Credential
from sharecare.certification.rules import CredentialState
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell

REMIND_BEFORE = timedelta(days=30)
MOST_AT_ONCE = 200


async def credentials_lapsing(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Return credentials that lapse within a month, whose owners have no longer one and were not told."""
    return (await session.exec(select(Credential.id).where(_is_due(now)).limit(MOST_AT_ONCE))).all()


async def remind_of_lapse(session: AsyncSession, *, credential_id: int, now: datetime) -> None:
    """Tell the owner, unless another process was faster."""
    locked = select(Credential).where(Credential.id == credential_id).with_for_update()
    await session.exec(locked)  # whoever comes second waits here, and then finds the first one's message
    due = (await session.exec(select(Credential).where(Credential.id == credential_id, _is_due(now)))).first()
    if due is not None and due.expires_at is not None:
        facts = {"credential": due.kind, "expires_at": due.expires_at.isoformat()}
        await tell(session, person_id=due.person_id, kind=MessageKind.CREDENTIAL_LAPSING, facts=facts, now=now)


def _is_due(now: datetime) -> ColumnElement[bool]:
    longer = aliased(Credential)
    renewed = exists().where(
        col(longer.person_id) == col(Credential.person_id),
        col(longer.kind) == col(Credential.kind),
        col(longer.unit).is_not_distinct_from(col(Credential.unit)),
        col(longer.state) == CredentialState.CONFIRMED,
        or_(col(longer.expires_at).is_(None), col(longer.expires_at) > col(Credential.expires_at)),
    )
    told = exists().where(
        col(Message.person_id) == col(Credential.person_id),
        col(Message.kind) == MessageKind.CREDENTIAL_LAPSING,
        col(Message.created_at) > now - REMIND_BEFORE,
        col(Message.facts)["credential"].as_string() == col(Credential.kind),
    )
    active = exists().where(col(Person.id) == col(Credential.person_id), col(Person.state) == PersonState.ACTIVE)
    return and_(
        col(Credential.state) == CredentialState.CONFIRMED,
        col(Credential.expires_at) > now,
        col(Credential.expires_at) <= now + REMIND_BEFORE,
        active,
        ~renewed,
        ~told,
    )
