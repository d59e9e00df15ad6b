"""Meeting, approving, inviting and parting, as Alice and Bob do it while Charlie looks on."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from neighbours import NOW, do, settle
from pages import rows_of
from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.rules import Level
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.journal.rules import FactKind
from sharecare.trust import service
from sharecare.trust.models import FriendInvitation, MeetingCode, Tie
from sharecare.trust.queries import my_friend, stream_ties, ties_of
from sharecare.trust.rules import CODE_LIFE, INVITATION_LIFE, FriendState, pair
from sharecare.trust.schemas import FriendView
from trust.steps import approve, befriend, facts, friends_of, meet, shown_by, states

LATER = NOW + timedelta(hours=1)


async def put_in_state(database: Database, person: Actor, state: PersonState) -> None:
    moved = update(Person).where(col(Person.id) == person.person_id).values(state=state)
    await database.write(lambda session: session.exec(moved))


async def test_code_is_readable_and_stored_only_as_a_hash(database: Database) -> None:
    [alice] = await settle(database, "alice")

    shown = await do(database, service.show_meeting_code, by=alice)

    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", shown.code)
    assert shown.expires_at == NOW + CODE_LIFE
    async with database.read() as session:
        [stored] = (await session.exec(select(MeetingCode))).all()
    assert re.fullmatch(r"[0-9a-f]{64}", stored.code_hash)


async def test_scanning_approves_for_the_scanner_alone(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")

    await meet(database, alice, bob)

    assert await states(database, alice) == {bob.person_id: FriendState.ASKED_BY_ME}
    assert await states(database, bob) == {alice.person_id: FriendState.ASKED_BY_THEM}
    assert await facts(database) == [(FactKind.TIE_CHANGED, alice.person_id, bob.person_id)]


async def test_both_approvals_make_friends_of_people_who_met(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await meet(database, alice, bob)

    await approve(database, bob, alice)

    assert await friends_of(database, alice) == [
        FriendView(person_id=bob.person_id, name="bob", state=FriendState.FRIENDS, met_at=NOW, vouched=False)
    ]
    assert await states(database, bob) == {alice.person_id: FriendState.FRIENDS}
    assert (await facts(database))[-1] == (FactKind.FRIENDS_MADE, bob.person_id, alice.person_id)


async def test_scanning_each_other_makes_friends(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")

    await meet(database, alice, bob)
    await meet(database, bob, alice)

    assert await states(database, alice) == {bob.person_id: FriendState.FRIENDS}


async def test_doing_it_again_changes_nothing_and_tells_nothing(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    before = await facts(database)

    await befriend(database, alice, bob)

    assert await facts(database) == before


async def test_one_code_serves_several_people(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    code = await shown_by(database, alice)

    for scanner in (bob, charlie):
        await do(database, service.meet, by=scanner, code=code)

    assert await states(database, alice) == {
        bob.person_id: FriendState.ASKED_BY_THEM,
        charlie.person_id: FriendState.ASKED_BY_THEM,
    }


async def test_code_runs_out_after_ten_minutes(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    code = await shown_by(database, alice)

    with pytest.raises(service.CodeUnknown):
        await do(database, service.meet, by=bob, code=code, now=NOW + CODE_LIFE)
    with pytest.raises(service.CodeUnknown):
        await do(database, service.meet, by=bob, code="ACDE-3467")

    assert await states(database, bob) == {}


async def test_codes_that_ran_out_are_swept_by_the_next(database: Database) -> None:
    [alice] = await settle(database, "alice")
    await shown_by(database, alice)

    await do(database, service.show_meeting_code, by=alice, now=NOW + CODE_LIFE)

    async with database.read() as session:
        assert len((await session.exec(select(MeetingCode))).all()) == 1


async def test_own_code_and_own_invitation_are_refused(database: Database) -> None:
    [alice] = await settle(database, "alice")
    code = await shown_by(database, alice)
    invitation = await do(database, service.invite_friend, by=alice)

    with pytest.raises(service.OnlyYou):
        await do(database, service.meet, by=alice, code=code)
    with pytest.raises(service.OnlyYou):
        await do(database, service.accept_invitation, by=alice, secret=invitation.secret)


async def test_code_of_a_suspended_account_is_of_no_use(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    code = await shown_by(database, alice)
    await put_in_state(database, alice, PersonState.SUSPENDED)

    with pytest.raises(service.CodeUnknown):
        await do(database, service.meet, by=bob, code=code)


async def test_invited_friends_wait_until_they_met(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    invitation = await do(database, service.invite_friend, by=alice)

    inviter_id = await do(database, service.accept_invitation, by=bob, secret=invitation.secret, now=LATER)
    assert inviter_id == alice.person_id
    assert invitation.expires_at == NOW + INVITATION_LIFE
    assert await states(database, alice) == {bob.person_id: FriendState.WAITING_TO_MEET}

    await meet(database, alice, bob)

    assert await states(database, bob) == {alice.person_id: FriendState.FRIENDS}
    assert [kind for kind, _, _ in await facts(database)] == [FactKind.TIE_CHANGED, FactKind.FRIENDS_MADE]


async def test_invitation_serves_one_person_for_a_fortnight(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    first, second = [await do(database, service.invite_friend, by=alice) for _ in range(2)]
    await do(database, service.accept_invitation, by=bob, secret=first.secret)

    with pytest.raises(service.InvitationSpent):
        await do(database, service.accept_invitation, by=charlie, secret=first.secret)
    with pytest.raises(service.InvitationSpent):
        await do(database, service.accept_invitation, by=charlie, secret=second.secret, now=NOW + INVITATION_LIFE)

    async with database.read() as session:
        assert first.secret not in {row.secret_hash for row in await session.exec(select(FriendInvitation))}


async def test_strangers_cannot_be_approved(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    await befriend(database, alice, bob)

    for stranger_id in (alice.person_id, bob.person_id, charlie.person_id, 10**9):
        with pytest.raises(NotFound):
            await do(database, service.approve_friend, by=charlie, person_id=stranger_id)

    assert await states(database, charlie) == {}


async def test_support_lets_people_ask_to_be_friends(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await do(database, service.record_support, one=bob.person_id, other=alice.person_id)

    await approve(database, alice, bob)

    assert await states(database, bob) == {alice.person_id: FriendState.ASKED_BY_THEM}


async def test_nothing_is_left_of_an_invitation_taken_back(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    invitation = await do(database, service.invite_friend, by=alice)
    await do(database, service.accept_invitation, by=bob, secret=invitation.secret)

    await do(database, service.unfriend, by=alice, person_id=bob.person_id)

    assert await friends_of(database, bob) == []
    with pytest.raises(NotFound):
        await approve(database, bob, alice)
    async with database.read() as session:
        with pytest.raises(NotFound):
            await my_friend(session, by=bob, person_id=alice.person_id)


async def test_parting_takes_both_approvals_and_keeps_the_past(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    await do(database, service.record_support, one=alice.person_id, other=bob.person_id)
    for voucher, other in ((alice, bob), (bob, alice)):
        await do(database, service.vouch, by=voucher, person_id=other.person_id, level=Level.IDENTIFIED)

    await do(database, service.unfriend, by=alice, person_id=bob.person_id, now=LATER)

    low, high = pair(alice.person_id, bob.person_id)
    async with database.read() as session:
        tie = (await session.exec(select(Tie))).one()
    assert (tie.low_approved_at, tie.high_approved_at, tie.met_at, tie.supports) == (None, None, NOW, 1)
    assert (tie.low_vouched_at, tie.high_vouched_at) == (None, NOW) if low == alice.person_id else (NOW, None)
    assert (low, high) == (tie.low_id, tie.high_id)
    assert await states(database, bob) == {alice.person_id: FriendState.PARTED}
    assert (await facts(database))[-1] == (FactKind.FRIENDS_PARTED, alice.person_id, bob.person_id)


async def test_taking_back_an_ask_is_no_parting(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await meet(database, alice, bob)

    await do(database, service.unfriend, by=alice, person_id=bob.person_id)

    assert [kind for kind, _, _ in await facts(database)] == [FactKind.TIE_CHANGED, FactKind.TIE_CHANGED]
    with pytest.raises(NotFound):
        await do(database, service.unfriend, by=alice, person_id=bob.person_id)


async def test_approvals_from_both_sides_at_once_make_friends(database: Database) -> None:
    # Without FOR UPDATE each side sees only its own approval, and nobody notes that a friendship was made.
    alice, *others = await settle(database, "alice", *(f"bob{n}" for n in range(8)))
    for bob in others:
        await befriend(database, alice, bob)
        await do(database, service.unfriend, by=alice, person_id=bob.person_id)
    before = len(await facts(database))

    await asyncio.gather(*(approve(database, *pair) for bob in others for pair in ((alice, bob), (bob, alice))))

    assert await states(database, alice) == {bob.person_id: FriendState.FRIENDS for bob in others}
    told = sorted(kind for kind, _, _ in (await facts(database))[before:])
    assert told == [FactKind.FRIENDS_MADE] * 8 + [FactKind.TIE_CHANGED] * 8


async def test_meeting_from_both_sides_at_once_makes_friends(database: Database) -> None:
    # Without ON CONFLICT DO NOTHING one of the two is told that someone else was faster.
    alice, bob = await settle(database, "alice", "bob")
    codes = [(alice, await shown_by(database, bob)), (bob, await shown_by(database, alice))]

    await asyncio.gather(*(do(database, service.meet, by=by, code=code) for by, code in codes))

    assert await states(database, alice) == {bob.person_id: FriendState.FRIENDS}
    assert sorted(kind for kind, _, _ in await facts(database)) == [FactKind.FRIENDS_MADE, FactKind.TIE_CHANGED]


async def test_supports_recorded_at_once_all_count(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")

    await asyncio.gather(
        *(do(database, service.record_support, one=bob.person_id, other=alice.person_id) for _ in range(8))
    )

    async with database.read() as session:
        assert (await session.exec(select(Tie.supports))).one() == 8
    assert await facts(database) == []


async def test_charlie_sees_nothing_of_alice_and_bob(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    await befriend(database, alice, bob)

    assert await friends_of(database, charlie) == []
    for verb in (service.unfriend, service.withdraw_vouch):
        with pytest.raises(NotFound):
            await do(database, verb, by=charlie, person_id=alice.person_id)


async def test_people_who_left_are_in_no_list(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await befriend(database, alice, bob)
    await put_in_state(database, bob, PersonState.LEFT)

    assert await friends_of(database, alice) == []


async def test_matching_reads_ties_that_count_for_something(database: Database) -> None:
    alice, bob, charlie, dan = await settle(database, "alice", "bob", "charlie", "dan")
    a, b, c, d = (person.person_id for person in (alice, bob, charlie, dan))
    await befriend(database, alice, bob)
    await meet(database, charlie, alice)
    await do(database, service.vouch, by=charlie, person_id=a, level=Level.IDENTIFIED)
    await do(database, service.record_support, one=d, other=b)
    await meet(database, dan, charlie)  # asked only: worth nothing

    expected = [(a, b, True, False, False, 0), (a, c, False, False, True, 0), (b, d, False, False, False, 1)]
    async with database.read() as session:
        assert await rows_of(stream_ties(session)) == expected
        assert await ties_of(session, [c]) == expected[1:2]
        assert await ties_of(session, [b, d, b]) == [expected[0], expected[2]]
        assert await ties_of(session, []) == []
