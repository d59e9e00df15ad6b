"""Alice's papers run out: she hears of it once, in time, and Charlie never does."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from certification.test_service import TODAY, confirmed
from neighbours import NOW, do, settle
from sharecare.certification.reminders import REMIND_BEFORE, credentials_lapsing, remind_of_lapse
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import revoke_credential
from sharecare.db import Database
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind

DAY = timedelta(days=1)
LAST_DAY = TODAY + 60 * DAY
IN_TIME = NOW + 40 * DAY


async def lapsing(database: Database, at: datetime) -> Sequence[int]:
    async with database.read() as session:
        return await credentials_lapsing(session, now=at)


async def remind(database: Database, credential_id: int, at: datetime) -> None:
    await do(database, remind_of_lapse, credential_id=credential_id, now=at)


async def reminders(database: Database) -> Sequence[tuple[int, object]]:
    async with database.read() as session:
        told = select(Message.person_id, Message.facts).where(Message.kind == MessageKind.CREDENTIAL_LAPSING)
        return (await session.exec(told.order_by(col(Message.id)))).all()


async def test_owner_is_reminded_once_within_the_last_month(database: Database) -> None:
    [alice, _charlie], [bob] = await settle(database, "alice", "charlie"), await settle(database, "bob", staff=True)
    credential_id = await confirmed(database, alice, bob, last_day=LAST_DAY)

    assert await lapsing(database, NOW + 61 * DAY - REMIND_BEFORE - DAY) == []
    assert await lapsing(database, IN_TIME) == [credential_id]
    await remind(database, credential_id, IN_TIME)
    await remind(database, credential_id, IN_TIME + DAY)

    assert await lapsing(database, IN_TIME + DAY) == []
    assert await reminders(database) == [
        (alice.person_id, {"credential": "identity", "expires_at": "2026-10-31T15:00:00+00:00"})
    ]


async def test_of_two_processes_one_reminds(database: Database) -> None:
    # Without the lock PostgreSQL lets both look before either has told.
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await confirmed(database, alice, bob, last_day=LAST_DAY)

    await asyncio.gather(*(remind(database, credential_id, IN_TIME) for _ in range(6)))

    assert len(await reminders(database)) == 1


async def test_renewed_lapsed_and_revoked_credentials_remind_nobody(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    await confirmed(database, alice, bob, last_day=LAST_DAY)
    renewal = await confirmed(database, alice, bob, last_day=LAST_DAY + 60 * DAY)
    assert await lapsing(database, IN_TIME) == []

    await do(database, revoke_credential, by=bob, credential_id=renewal, reason="取り違え")
    assert len(await lapsing(database, IN_TIME)) == 1
    assert await lapsing(database, NOW + 70 * DAY) == []


async def test_each_kind_has_its_own_reminder(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    identity = await confirmed(database, alice, bob, last_day=LAST_DAY)
    old = CredentialDraft(kind=CredentialKind.FIRST_AID, issued_on=date(2021, 10, 20))
    first_aid = await confirmed(database, alice, bob, old)
    await remind(database, identity, IN_TIME)

    assert await lapsing(database, IN_TIME) == [first_aid]
