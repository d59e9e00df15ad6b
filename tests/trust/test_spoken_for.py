"""Vouches, and what the other hears of asks, friendships and partings."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import col, select

from neighbours import NOW, do, settle
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.journal.rules import FactKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.trust import service
from sharecare.trust.blocks import block
from sharecare.trust.rules import FriendState
from trust.steps import befriend, facts, friends_of, meet, states


async def test_vouch_needs_a_meeting_and_an_identity(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    invitation = await do(database, service.invite_friend, by=bob)
    await do(database, service.accept_invitation, by=alice, secret=invitation.secret)

    async def vouch(person: Actor, level: Level) -> None:
        await do(database, service.vouch, by=alice, person_id=person.person_id, level=level)

    with pytest.raises(NotFound):
        await vouch(charlie, Level.CERTIFIED)
    with pytest.raises(service.VouchNeedsMeeting):
        await vouch(bob, Level.CERTIFIED)
    await meet(database, alice, bob)
    with pytest.raises(service.VouchNeedsIdentity):
        await vouch(bob, Level.REGISTERED)
    await vouch(bob, Level.IDENTIFIED)

    assert [view.vouched for view in await friends_of(database, alice)] == [True]
    assert [view.vouched for view in await friends_of(database, bob)] == [False]


async def test_vouch_is_withdrawn_by_its_voucher_only(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    await do(database, service.vouch, by=alice, person_id=bob.person_id, level=Level.IDENTIFIED)

    with pytest.raises(NotFound):
        await do(database, service.withdraw_vouch, by=bob, person_id=alice.person_id)
    await do(database, service.withdraw_vouch, by=alice, person_id=bob.person_id)

    assert [view.vouched for view in await friends_of(database, alice)] == [False]
    assert (await facts(database))[-1] == (FactKind.TIE_CHANGED, alice.person_id, bob.person_id)


async def letters(database: Database, person: Actor) -> Sequence[tuple[str, object]]:
    async with database.read() as session:
        told = select(Message.kind, Message.facts).where(Message.person_id == person.person_id)
        return (await session.exec(told.order_by(col(Message.id)))).all()


async def test_the_other_is_told_of_an_ask_and_of_a_friendship(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")

    await befriend(database, alice, bob)

    assert await letters(database, bob) == [(MessageKind.FRIEND_ASKED, {"name": "alice", "by_id": alice.person_id})]
    assert await letters(database, alice) == [(MessageKind.FRIENDS_MADE, {"name": "bob", "by_id": bob.person_id})]
    assert await letters(database, charlie) == []


async def test_who_asks_and_parts_in_turn_is_heard_once_a_day(database: Database) -> None:
    # After Alice parted, each further round of Bob's was another mail to her, without end.
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    await do(database, service.unfriend, by=alice, person_id=bob.person_id)
    before = len(await letters(database, alice))

    for now in (NOW, NOW, NOW, NOW + timedelta(days=1)):
        await do(database, service.approve_friend, by=bob, person_id=alice.person_id, now=now)
        assert await states(database, bob) == {alice.person_id: FriendState.ASKED_BY_ME}
        await do(database, service.unfriend, by=bob, person_id=alice.person_id, now=now)

    assert [kind for kind, _ in (await letters(database, alice))[before:]] == [MessageKind.FRIEND_ASKED] * 2


async def test_whoever_blocked_someone_hears_nothing_of_them(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await do(database, block, by=alice, person_id=bob.person_id)

    await meet(database, bob, alice)

    assert await letters(database, alice) == []
    assert await states(database, bob) == {alice.person_id: FriendState.ASKED_BY_ME}


async def test_parting_is_announced_to_nobody(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    before = [await letters(database, person) for person in (alice, bob)]

    await do(database, service.unfriend, by=alice, person_id=bob.person_id)

    assert [await letters(database, person) for person in (alice, bob)] == before
