"""One-time secrets that messages carry: given out, spent, used once."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import OneTimeToken
from sharecare.accounts.rules import TokenPurpose
from sharecare.accounts.tokens import hash_secret, new_secret
from sharecare.errors import Refusal

LIFE = {
    TokenPurpose.CONFIRM: timedelta(days=2),
    TokenPurpose.RESET: timedelta(hours=1),
    TokenPurpose.GUARDIAN: timedelta(days=3),
}


class TokenSpent(Refusal):
    """The secret was used, has expired or never was."""

    status = 410
    ja = "このリンクは使用済みか、期限が切れています。もう一度お申し込みください。"
    en = "This link has been used or has expired. Please ask for a new one."


async def issue(
    session: AsyncSession,
    person_id: int,
    purpose: TokenPurpose,
    now: datetime,
    *,
    facts: dict[str, Any] | None = None,
) -> str:
    """Return a new secret for one purpose; `facts` are kept with it until it is used."""
    secret, secret_hash = new_secret()
    session.add(
        OneTimeToken(
            person_id=person_id,
            purpose=purpose,
            secret_hash=secret_hash,
            expires_at=now + LIFE[purpose],
            facts=facts or {},
        )
    )
    return secret


async def spend_secrets(session: AsyncSession, person_id: int, now: datetime) -> None:
    """Make links given out before useless: whoever took one could set the password, or enter the family."""
    waiting = update(OneTimeToken).where(
        col(OneTimeToken.person_id) == person_id,
        col(OneTimeToken.purpose).in_((TokenPurpose.RESET, TokenPurpose.GUARDIAN)),
        col(OneTimeToken.used_at).is_(None),
    )
    await session.exec(waiting.values(used_at=now))


def usable(secret: str, purpose: TokenPurpose, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what holds of a secret that is still of use."""
    return (
        col(OneTimeToken.secret_hash) == hash_secret(secret),
        col(OneTimeToken.purpose) == purpose,
        col(OneTimeToken.used_at).is_(None),
        col(OneTimeToken.expires_at) > now,
    )


async def use(session: AsyncSession, secret: str, purpose: TokenPurpose, now: datetime) -> OneTimeToken:
    """Spend a secret.

    Raises:
        TokenSpent: it was used, has expired or never was.

    """
    used = await session.exec(
        update(OneTimeToken).where(*usable(secret, purpose, now)).values(used_at=now).returning(OneTimeToken)
    )
    token: OneTimeToken | None = used.scalars().first()
    if token is None:
        raise TokenSpent
    return token
