"""What a new password ends: whoever had the account before it reads nothing more, and lets nobody in."""

from functools import partial

import pytest
from sqlmodel import col, select

from conftest import Staged
from sharecare.accounts.rules import Actor
from sharecare.care.calendar import calendar_feed, calendar_secret, make_calendar_link
from sharecare.care.passwords import change_password, reset_password
from sharecare.errors import NotFound
from sharecare.messages.models import Message
from sharecare.registration.service import ask_for_reset, invite_guardian, join_family
from sharecare.registration.tokens import TokenSpent
from sharecare.trust.service import (
    CodeUnknown,
    InvitationSpent,
    accept_invitation,
    invite_friend,
    meet,
    show_meeting_code,
)
from world import KEY, World, make_world


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def linked(world: World, who: Actor) -> str:
    link = await world.do(partial(make_calendar_link, by=who, key=KEY, now=world.now))
    return calendar_secret(link, key=KEY)


async def calendar_opens(world: World, secret: str) -> bool:
    async with world.database.read() as session:
        try:
            await calendar_feed(session, secret=secret, public_url="https://example.jp", now=world.now)
        except NotFound:
            return False
    return True


@pytest.mark.parametrize("how", ["change", "reset"])
async def test_a_new_password_ends_every_secret_of_its_owner_and_nobody_elses(world: World, how: str) -> None:
    # The calendar link and open invitations of a person outlived both: whoever had had the account read on.
    alice, bob = (await world.family("Alice")).actor, (await world.family("Bob")).actor
    mallory = (await world.family("Mallory", children=0)).actor
    hers, his = [await linked(world, one) for one in (alice, bob)]
    invitation, kept = [await world.do(partial(invite_friend, by=one, now=world.now)) for one in (alice, bob)]
    code = await world.do(lambda s: show_meeting_code(s, by=alice, now=world.now))
    guardian = await world.do(lambda s: invite_guardian(s, by=alice, now=world.now))
    await world.do(lambda s: ask_for_reset(s, email="alice@example.jp", now=world.now))

    if how == "change":
        await world.do(lambda s: change_password(s, by=alice, password_hash="new", now=world.now))
    else:
        async with world.database.read() as session:
            letter = (await session.exec(select(Message).order_by(col(Message.id).desc()).limit(1))).one()
        token = letter.facts["token"]
        await world.do(lambda s: reset_password(s, token=token, password_hash="new", now=world.now))

    assert [await calendar_opens(world, one) for one in (hers, his)] == [False, True]
    with pytest.raises(InvitationSpent):
        await world.do(lambda s: accept_invitation(s, by=mallory, secret=invitation.secret, now=world.now))
    with pytest.raises(CodeUnknown):
        await world.do(lambda s: meet(s, by=mallory, code=code.code, now=world.now))
    with pytest.raises(TokenSpent):
        await world.do(lambda s: join_family(s, by=mallory, token=guardian, now=world.now))
    await world.do(lambda s: accept_invitation(s, by=mallory, secret=kept.secret, now=world.now))
