"""One key, one outcome: a retried command returns the first answer."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert  # SQLite understands the same clause
from sqlmodel import Field, SQLModel, col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.columns import BigId, Json, moment
from sharecare.errors import Refusal

ANSWERS_STAY = timedelta(hours=24)


class KeyReused(Refusal):
    """The same key came with another command."""

    ja = "同じ Idempotency-Key が別の内容で使われました。新しいキーでやり直してください。"
    en = "This Idempotency-Key was used for something else. Try again with a new key."


class DoneLongAgo(Refusal):
    """The command was done, too long ago to give its answer again."""

    ja = "この操作はすでに完了しています。画面を読み込み直してください。"
    en = "This was done some time ago. Reload to see how things stand."


class IdempotencyKey(SQLModel, table=True):
    """What a person's command answered."""

    __tablename__ = "idempotency_key"

    person_id: int = Field(primary_key=True, sa_type=BigId)
    key: str = Field(primary_key=True, max_length=100)
    fingerprint: str = Field(max_length=64)
    status: int
    body: Any = Field(default=None, sa_type=Json)
    forgotten: bool = False
    used_at: datetime = moment()


def fingerprint_of(method: str, path: str, body: bytes, *, key: bytes) -> str:
    """Return what tells a command as it was sent from any other (hex): an HMAC, as a body may hold a password."""
    return hmac.new(key, b"\0".join((b"command", method.encode(), path.encode(), body)), hashlib.sha256).hexdigest()


async def claim_key(session: AsyncSession, claim: IdempotencyKey) -> IdempotencyKey | None:
    """Claim a key for a command; return None, or the claim that stood before.

    A second request with the same key waits here for the first one's transaction, then finds its answer.

    Raises:
        KeyReused: the key answered another command.
        DoneLongAgo: it answered this one more than a day ago.

    """
    claimed = await (await session.connection()).execute(_CLAIM, claim.model_dump())
    if claimed.first() is not None:
        return None
    standing = await session.get_one(IdempotencyKey, (claim.person_id, claim.key))
    if standing.fingerprint != claim.fingerprint:
        raise KeyReused
    if standing.forgotten:
        raise DoneLongAgo
    return standing


_CLAIM = insert(IdempotencyKey).on_conflict_do_nothing().returning(col(IdempotencyKey.key))


async def keep_answer(
    session: AsyncSession,
    claim: IdempotencyKey,
    body: Any,  # noqa: ANN401  -- any JSON
    *,
    key: bytes,
) -> None:
    """Note what a claimed command answered, so that only this server can read it: a token or a code may stand in it."""
    locked = _lock_of(claim, key).encrypt(json.dumps(body).encode()).decode()
    await (await session.connection()).execute(_KEEP, {"who": claim.person_id, "what": claim.key, "body": locked})


def answer_in(claim: IdempotencyKey, *, key: bytes) -> Any:  # noqa: ANN401  -- any JSON
    """Return what a claimed command answered."""
    return json.loads(_lock_of(claim, key).decrypt(claim.body))


def _lock_of(claim: IdempotencyKey, key: bytes) -> Fernet:
    digest = hmac.new(key, f"answer:{claim.person_id}:{claim.key}".encode(), hashlib.sha256).digest()
    return Fernet(urlsafe_b64encode(digest))


_KEEP = update(IdempotencyKey).where(
    col(IdempotencyKey.person_id) == bindparam("who"), col(IdempotencyKey.key) == bindparam("what")
)


async def give_up(session: AsyncSession, claim: IdempotencyKey) -> None:
    """Let a key be used again: its command was refused."""
    await session.exec(
        delete(IdempotencyKey).where(
            col(IdempotencyKey.person_id) == claim.person_id, col(IdempotencyKey.key) == claim.key
        )
    )


async def forget_answers(session: AsyncSession, *, now: datetime) -> None:
    """Forget answers after a day: they hold what people may see for a time only. Their keys stay used."""
    old = update(IdempotencyKey).where(col(IdempotencyKey.used_at) < now - ANSWERS_STAY, ~col(IdempotencyKey.forgotten))
    await session.exec(old.values(body=None, forgotten=True))
