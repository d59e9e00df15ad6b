"""Blocks: felt by nobody, seen by their owner alone."""

import pytest
from sqlmodel import col, select

from neighbours import NOW, do, settle
from pages import rows_of
from sharecare.accounts.rules import Actor
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.trust.blocks import block, unblock
from sharecare.trust.queries import blocks_of, my_blocks, stream_blocks
from sharecare.trust.schemas import BlockView
from trust.steps import befriend, friends_of, meet


async def blocked(database: Database, by: Actor, other: Actor) -> None:
    await do(database, block, by=by, person_id=other.person_id)


async def block_facts(database: Database) -> list[tuple[int | None, int | None]]:
    async with database.read() as session:
        told = select(Fact.person_id, Fact.other_id).where(Fact.kind == FactKind.BLOCK_CHANGED).order_by(col(Fact.id))
        return list((await session.exec(told)).all())


async def test_block_changes_nothing_that_the_other_can_see(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    await befriend(database, alice, bob)
    before = [await friends_of(database, person) for person in (alice, bob, charlie)]

    await blocked(database, alice, bob)

    assert [await friends_of(database, person) for person in (alice, bob, charlie)] == before
    async with database.read() as session:
        assert await my_blocks(session, by=bob) == []
        assert await my_blocks(session, by=charlie) == []


async def test_whoever_is_blocked_can_still_meet_and_be_approved(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await blocked(database, alice, bob)

    await meet(database, bob, alice)

    assert [view.name for view in await friends_of(database, bob)] == ["alice"]


async def test_owner_sees_whom_they_blocked_by_name_if_tied(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    await befriend(database, alice, bob)
    await blocked(database, alice, bob)
    await blocked(database, alice, charlie)

    async with database.read() as session:
        mine = await my_blocks(session, by=alice)

    assert mine == [
        BlockView(person_id=bob.person_id, name="bob", blocked_at=NOW),
        BlockView(person_id=charlie.person_id, name=None, blocked_at=NOW),
    ]


async def test_blocking_twice_tells_once(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")

    await blocked(database, alice, bob)
    await blocked(database, alice, bob)

    assert await block_facts(database) == [(alice.person_id, bob.person_id)]


async def test_block_ends_by_its_owner_only(database: Database) -> None:
    alice, bob = await settle(database, "alice", "bob")
    await blocked(database, alice, bob)

    with pytest.raises(NotFound):
        await do(database, unblock, by=bob, person_id=alice.person_id)
    await do(database, unblock, by=alice, person_id=bob.person_id)

    async with database.read() as session:
        assert await my_blocks(session, by=alice) == []
    assert await block_facts(database) == [(alice.person_id, bob.person_id)] * 2


async def test_nobody_and_oneself_cannot_be_blocked(database: Database) -> None:
    [alice] = await settle(database, "alice")

    for person_id in (alice.person_id, 10**9):
        with pytest.raises(NotFound):
            await do(database, block, by=alice, person_id=person_id)


async def test_people_of_another_area_can_be_blocked(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", area="urawa")

    await blocked(database, alice, bob)

    async with database.read() as session:
        assert await blocks_of(session, [bob.person_id]) == [(alice.person_id, bob.person_id)]


async def test_matching_reads_blocks_of_either_side(database: Database) -> None:
    alice, bob, charlie = await settle(database, "alice", "bob", "charlie")
    a, b, c = (person.person_id for person in (alice, bob, charlie))
    for blocker, other in ((bob, alice), (alice, charlie)):
        await blocked(database, blocker, other)

    async with database.read() as session:
        assert await blocks_of(session, [a]) == [(a, c), (b, a)]
        assert await blocks_of(session, [b]) == [(b, a)]
        assert await rows_of(stream_blocks(session)) == [(a, c), (b, a)]
