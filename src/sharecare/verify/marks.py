"""Invariants 5 and 7: what commands answered can be given again, and no reader has passed over facts."""

import re

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.idempotency import IdempotencyKey
from sharecare.journal.feed import Feed
from sharecare.journal.models import FeedMark
from sharecare.verify.breach import Breach

_SHA256 = re.compile(r"[0-9a-f]{64}")
_OK, _REDIRECT = 200, 300  # only commands that succeeded are kept: a refusal rolls its key back


async def malformed_keys(session: AsyncSession) -> list[Breach]:
    """Find kept answers that could not be given again."""
    kept = select(IdempotencyKey).order_by(col(IdempotencyKey.person_id), col(IdempotencyKey.key))
    return [
        Breach(5, "the kept answer of a command is malformed", "idempotency_key", (row.person_id, row.key))
        for row in await session.exec(kept)
        if not (_SHA256.fullmatch(row.fingerprint) and _OK <= row.status < _REDIRECT)
    ]


async def marks_beyond_journal(session: AsyncSession) -> list[Breach]:
    """Find readers who are further than the journal reaches, as after moving it to another server: they miss facts."""
    end = (await Feed.from_now(session)).position
    beyond = select(FeedMark.reader).where(col(FeedMark.position) > end).order_by(col(FeedMark.reader))
    return [
        Breach(7, "a reader's mark lies beyond the journal", "journal_feed_mark", (reader,))
        for reader in await session.exec(beyond)
    ]
