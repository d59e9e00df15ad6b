"""Communities: Alice looks after one, Bob belongs, Charlie does not."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from neighbours import do, settle
from pages import rows_of
from sharecare.accounts.rules import Actor
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.trust import communities
from sharecare.trust.models import Community
from sharecare.trust.queries import (
    communities_of_area,
    members_of_community,
    memberships_of,
    my_communities,
    stream_memberships,
)
from sharecare.trust.rules import MOST_STEWARDED, CommunityKind, MembershipState
from sharecare.trust.schemas import CommunityDraft

DRAFT = CommunityDraft(name="ひよこ組", kind=CommunityKind.NURSERY)


async def made(database: Database, by: Actor) -> int:
    return (await do(database, communities.make_community, by=by, draft=DRAFT)).id


async def ask(database: Database, by: Actor, community_id: int) -> None:
    await do(database, communities.ask_to_join, by=by, community_id=community_id)


async def approve(database: Database, by: Actor, community_id: int, person: Actor) -> None:
    await do(database, communities.approve_member, by=by, community_id=community_id, person_id=person.person_id)


async def leave(database: Database, by: Actor, community_id: int) -> None:
    await do(database, communities.leave_community, by=by, community_id=community_id)


async def standings(database: Database, by: Actor) -> dict[int, MembershipState]:
    async with database.read() as session:
        page = await communities_of_area(session, by=by, limit=100)
    return {view.id: view.mine for view in page.items}


async def members(database: Database, by: Actor, community_id: int) -> list[tuple[str, bool]]:
    async with database.read() as session:
        found = await members_of_community(session, by=by, community_id=community_id)
    return [(view.name, view.approved_at is not None) for view in found]


async def facts(database: Database) -> Sequence[tuple[str, int | None, int | None, object]]:
    async with database.read() as session:
        told = select(Fact.kind, Fact.actor_id, Fact.person_id, Fact.data).where(Fact.kind != FactKind.AREA_CHANGED)
        return (await session.exec(told.order_by(col(Fact.id)))).all()


async def test_maker_is_steward_and_member(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")

    community_id = await made(database, alice)

    assert await standings(database, alice) == {community_id: MembershipState.STEWARD}
    assert await standings(database, bob) == {community_id: MembershipState.NONE}
    async with database.read() as session:
        assert await memberships_of(session, [alice.person_id]) == [(alice.person_id, community_id, 1)]


async def test_membership_counts_once_approved(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)

    await ask(database, bob, community_id)
    async with database.read() as session:
        assert await memberships_of(session, [bob.person_id]) == []
    assert await standings(database, bob) == {community_id: MembershipState.ASKED}
    assert await members(database, alice, community_id) == [("bob", False), ("alice", True)]

    await approve(database, alice, community_id, bob)
    async with database.read() as session:
        both = [alice.person_id, bob.person_id]
        assert await memberships_of(session, both) == [(person_id, community_id, 2) for person_id in both]
        assert await rows_of(stream_memberships(session)) == [(person_id, community_id) for person_id in both]
    assert await standings(database, bob) == {community_id: MembershipState.MEMBER}
    told = {"community_id": community_id}
    assert await facts(database) == [
        (FactKind.COMMUNITY_MADE, alice.person_id, alice.person_id, told),
        (FactKind.MEMBERSHIP_ASKED, bob.person_id, bob.person_id, told),
        (FactKind.COMMUNITY_JOINED, alice.person_id, bob.person_id, told),
    ]


async def test_asking_and_approving_twice_tells_once(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)

    for _ in range(2):
        await ask(database, bob, community_id)
    for _ in range(2):
        await approve(database, alice, community_id, bob)

    assert len(await facts(database)) == 3


async def test_only_the_steward_sees_and_admits_members(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    community_id = await made(database, alice)
    for person in (bob, charlie):
        await ask(database, person, community_id)
    await approve(database, alice, community_id, bob)

    for nosy in (bob, charlie):
        with pytest.raises(NotFound):
            await members(database, nosy, community_id)
        with pytest.raises(NotFound):
            await approve(database, nosy, community_id, charlie)
        with pytest.raises(NotFound):
            await do(database, communities.remove_member, by=nosy, community_id=community_id, person_id=alice.person_id)


async def test_nobody_is_admitted_who_did_not_ask(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)

    with pytest.raises(NotFound):
        await approve(database, alice, community_id, bob)


async def test_another_area_knows_nothing_of_it(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", area="urawa")
    community_id = await made(database, alice)

    assert await standings(database, bob) == {}
    with pytest.raises(NotFound):
        await ask(database, bob, community_id)


async def test_steward_turns_down_and_takes_off_but_not_themselves(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)
    await ask(database, bob, community_id)

    async def remove(person: Actor) -> None:
        await do(database, communities.remove_member, by=alice, community_id=community_id, person_id=person.person_id)

    await remove(bob)
    assert await standings(database, bob) == {community_id: MembershipState.NONE}
    with pytest.raises(NotFound):
        await remove(bob)
    with pytest.raises(communities.StewardStays):
        await remove(alice)


async def test_leaving_ends_membership(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)
    await ask(database, bob, community_id)
    await approve(database, alice, community_id, bob)

    await leave(database, bob, community_id)

    assert await standings(database, bob) == {community_id: MembershipState.NONE}
    assert (await facts(database))[-1][:3] == (FactKind.COMMUNITY_LEFT, bob.person_id, bob.person_id)
    with pytest.raises(NotFound):
        await leave(database, bob, community_id)


async def test_leaving_steward_hands_over_to_the_longest_standing_member(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    community_id = await made(database, alice)
    for person in (charlie, bob):
        await ask(database, person, community_id)
    await approve(database, alice, community_id, bob)

    await leave(database, alice, community_id)

    assert await standings(database, bob) == {community_id: MembershipState.STEWARD}
    assert await members(database, bob, community_id) == [("charlie", False), ("bob", True)]


async def test_community_ends_with_its_last_member(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)
    await ask(database, bob, community_id)

    await leave(database, alice, community_id)

    assert await standings(database, bob) == {}
    async with database.read() as session:
        assert (await session.exec(select(Community))).all() == []


async def test_one_person_looks_after_a_bounded_number(database: Database) -> None:
    [alice] = await settle(database, "alice")
    for _ in range(MOST_STEWARDED):
        await made(database, alice)

    with pytest.raises(communities.TooManyCommunities):
        await made(database, alice)


async def test_communities_are_read_page_by_page(database: Database) -> None:
    [alice] = await settle(database, "alice")
    ids = [await made(database, alice) for _ in range(3)]

    async with database.read() as session:
        first = await communities_of_area(session, by=alice, limit=2)
        second = await communities_of_area(session, by=alice, cursor=first.next_cursor, limit=2)

    assert [view.id for view in first.items] == ids[:0:-1]
    assert [view.id for view in second.items] == ids[:1]
    assert second.next_cursor is None


async def test_one_is_found_by_a_part_of_its_name_and_ones_own_are_there_however_old(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    names = ("美園 ひよこ組", "Chess Club", "美園うさぎ組")
    drafts = [CommunityDraft(name=name, kind=CommunityKind.NURSERY) for name in names]
    ids = [(await do(database, communities.make_community, by=alice, draft=draft)).id for draft in drafts]
    await do(database, communities.ask_to_join, by=bob, community_id=ids[0])

    async with database.read() as session:
        found = [
            [view.id for view in (await communities_of_area(session, by=bob, name=name, limit=9)).items]
            for name in ("美園ひよこ", "美園", "chess", "%")
        ]
        mine = await my_communities(session, by=bob)
        hers = await my_communities(session, by=alice)

    assert found == [[ids[0]], [ids[2], ids[0]], [ids[1]], []]
    assert [(view.id, view.mine) for view in mine] == [(ids[0], MembershipState.ASKED)]
    assert [(view.id, view.mine) for view in hers] == [(id_, MembershipState.STEWARD) for id_ in reversed(ids)]


async def test_steward_hears_who_asks_and_the_asker_that_they_belong(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    community_id = await made(database, alice)

    await ask(database, bob, community_id)
    await approve(database, alice, community_id, bob)

    async with database.read() as session:
        told = (
            await session.exec(select(Message.person_id, Message.kind, Message.facts).order_by(col(Message.id)))
        ).all()
    assert told == [
        (alice.person_id, MessageKind.MEMBERSHIP_ASKED, {"name": "bob", "community": "ひよこ組"}),
        (bob.person_id, MessageKind.MEMBERSHIP_APPROVED, {"community": "ひよこ組"}),
    ]
