"""One key, one outcome: a retried command returns the first answer."""

import hashlib
from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.columns import BigId, Json, moment
from sharecare.errors import Refusal


class KeyReused(Refusal):
    """The same key came with another command."""

    ja = "同じ Idempotency-Key が別の内容で使われました。新しいキーでやり直してください。"
    en = "This Idempotency-Key was used for something else. Try again with a new key."


class IdempotencyKey(SQLModel, table=True):
    """What a person's command answered."""

    __tablename__ = "idempotency_key"

    person_id: int = Field(primary_key=True, sa_type=BigId)
    key: str = Field(primary_key=True, max_length=100)
    fingerprint: str = Field(max_length=64)
    status: int
    body: Any = Field(default=None, sa_type=Json)
    used_at: datetime = moment()


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """Return the SHA-256 of a command as it was sent (hex)."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


async def recall(session: AsyncSession, *, person_id: int, key: str, fingerprint: str) -> IdempotencyKey | None:
    """Return the earlier answer to this command, if there is one.

    Raises:
        KeyReused: the key answered another command.

    """
    known = await session.get(IdempotencyKey, (person_id, key))
    if known is not None and known.fingerprint != fingerprint:
        raise KeyReused
    return known
