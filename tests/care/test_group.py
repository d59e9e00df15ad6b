"""Children of several families at one time: where all are content, covered and fit, and the database holds it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import (
    HOUR,
    MINUTE,
    ask,
    asks_of,
    book,
    cancel,
    cover_several_families,
    finish,
    get_ready,
    offer,
    propose,
    row,
    start,
)
from conftest import Copies
from sharecare.accounts.models import SupporterProfile
from sharecare.accounts.rules import Actor
from sharecare.archive.reading import restore
from sharecare.archive.writing import backup
from sharecare.areas.rules import CareKind, Level
from sharecare.care.changes import agree_change
from sharecare.care.group import GroupFull, GroupNotCovered, SlotTaken
from sharecare.care.models import Booking, CareRequest
from sharecare.care.offers import make_offer
from sharecare.care.people import ChildElsewhere
from sharecare.db import Database
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.trust.blocks import block
from sharecare.verify import verify
from world import NOW, TERMS, Family, World


@pytest.fixture
async def world(world: World) -> World:
    """Let the area's policy cover several families at one time."""
    await cover_several_families(world)
    return world


@pytest.fixture
async def helper(world: World) -> Actor:
    return await world.supporter("Bob", level=Level.REGISTERED, capacity=3)


async def a_family(world: World, helper: Actor, name: str, *, children: int = 1) -> Family:
    family = await world.family(name, children=children)
    await world.befriend(family.actor, helper)
    return family


async def join(world: World, family: Family, helper: Actor, **changes: object) -> Booking:
    """Ask the supporter by name to take the children in as well; their yes books."""
    facts = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}
    request = await ask(world, family, **{**facts, **changes})
    await offer(world, helper, request)
    async with world.database.read() as session:
        return (await session.exec(select(Booking).where(Booking.request_id == request.id))).one()


async def clean(world: World) -> bool:
    async with world.database.read() as session:
        return await verify(session) == []


async def test_two_families_share_a_supporter_each_with_its_own_cover(world: World, helper: Actor) -> None:
    alice, carol = [await a_family(world, helper, name) for name in ("Alice", "Carol")]
    first = await join(world, alice, helper)

    second = await join(world, carol, helper, start_at=first.start_at + HOUR, end_at=first.end_at + HOUR)

    one, other = [await row(world, Booking, each.id) for each in (first, second)]
    assert [(each.group_id, each.group_capacity) for each in (one, other)] == [(first.id, 3)] * 2
    assert one.cover_id != other.cover_id
    assert await clean(world)
    for each in (first, second):
        await get_ready(world, helper, each)
    world.now = second.start_at
    for each in (first, second):
        assert (await start(world, helper, each)).state == "in_care"
    world.now = first.end_at
    for each in (first, second):
        assert (await finish(world, helper, each)).state == "completed"
    assert await clean(world)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"with_others": False}, {}),
        ({}, {"with_others": False}),
        ({"kind": CareKind.CHILD_HOME}, {"kind": CareKind.CHILD_HOME}),
        ({}, {"kind": CareKind.CHILD_HOME}),
    ],
)
async def test_nobody_shares_who_did_not_say_so_or_is_elsewhere(
    world: World, helper: Actor, mine: dict[str, object], theirs: dict[str, object]
) -> None:
    alice, carol = [await a_family(world, helper, name) for name in ("Alice", "Carol")]
    await join(world, alice, helper, **mine)
    facts = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}

    request = await ask(world, carol, **{**facts, **theirs})

    assert await asks_of(world, request) == [(helper.person_id, "open", False)]


async def test_what_the_policy_does_not_say_it_does_not_allow(world: World, helper: Actor) -> None:
    strict = PolicyDraft(
        insurer="さくら損害保険",
        number="SK-3",
        valid_from=NOW - HOUR,
        valid_until=NOW + 300 * 24 * HOUR,
        liability_yen=50_000_000,
        property_yen=50_000_000,
        terms=TERMS,
    )
    alice, carol = [await a_family(world, helper, name) for name in ("Alice", "Carol")]
    overlapping = await asked_before(world, helper, alice, carol)
    area_id = world.area_id
    await world.do(lambda s: make_policy(s, by_person_id=None, area_id=area_id, draft=strict, now=world.now))

    with pytest.raises(GroupNotCovered):
        await offer(world, helper, overlapping)


async def asked_before(world: World, helper: Actor, one: Family, other: Family, **changes: object) -> CareRequest:
    """Book one family; return the other's request, for which the supporter was asked too."""
    facts: dict[str, object] = {
        "kind": CareKind.OWN_HOME,
        "with_others": True,
        "named_supporter_id": helper.person_id,
        **changes,
    }
    first, second = await ask(world, one, **facts), await ask(world, other, **facts)
    await offer(world, helper, first)
    return second


async def test_no_more_children_than_the_supporter_takes(world: World, helper: Actor) -> None:
    alice, carol = [await a_family(world, helper, name, children=2) for name in ("Alice", "Carol")]
    overlapping = await asked_before(world, helper, alice, carol)

    with pytest.raises(GroupFull):
        await offer(world, helper, overlapping)

    assert await clean(world)


async def test_a_group_that_breaks_up_leaves_the_others(world: World, helper: Actor) -> None:
    families = [await a_family(world, helper, name) for name in ("Alice", "Carol", "Dora")]
    bookings = [await join(world, family, helper) for family in families]

    await cancel(world, families[0].actor, bookings[0])

    assert [(await row(world, Booking, one.id)).state for one in bookings] == ["cancelled", "confirmed", "confirmed"]
    assert await clean(world)


async def test_nobody_joins_a_group_whose_supporter_has_less_room_than_was_agreed_on(
    world: World, helper: Actor
) -> None:
    # The whole group shrank to the room of the newest: three agreed on at another hour stood above the limit of two.
    alice, dora = [await a_family(world, helper, name) for name in ("Alice", "Dora")]
    carol = await a_family(world, helper, "Carol", children=2)
    first = await join(world, alice, helper)
    await join(world, carol, helper, end_at=first.start_at + HOUR)

    async def take_less(session: AsyncSession) -> None:
        (await session.get_one(SupporterProfile, helper.person_id)).capacity = 2

    await world.do(take_less)

    with pytest.raises(GroupFull):
        await join(world, dora, helper, start_at=first.start_at + HOUR)
    assert await clean(world)


async def test_a_longer_care_meets_the_limit_of_the_database(world: World, helper: Actor) -> None:
    # With ex_booking_group_capacity (migration 0004) left out, four children were with one supporter of three.
    alice, carol = [await a_family(world, helper, name, children=2) for name in ("Alice", "Carol")]
    dora = await a_family(world, helper, "Dora")
    first = await join(world, alice, helper)
    await join(world, dora, helper, start_at=first.start_at + HOUR, end_at=first.end_at + HOUR)
    await join(world, carol, helper, start_at=first.end_at, end_at=first.end_at + HOUR)
    change = await propose(world, alice.actor, first, first.end_at + 30 * MINUTE)

    with pytest.raises(GroupFull):
        await world.do(lambda s: agree_change(s, by=helper, change_id=change.id, now=world.now))

    assert await clean(world)


async def test_those_who_follow_one_another_need_one_place(
    world: World, helper: Actor, copies: Copies, tmp_path: Path
) -> None:
    # Everybody who met somebody's time was counted: an earlier end was refused, and a backup couldn't be restored.
    alice, carol, dora = [
        await a_family(world, helper, name, children=number)
        for name, number in (("Alice", 2), ("Carol", 1), ("Dora", 1))
    ]
    first = await join(world, alice, helper)
    begins, ends = first.start_at, first.end_at
    await join(world, carol, helper, end_at=begins + HOUR)
    await join(world, dora, helper, start_at=begins + HOUR)
    change = await propose(world, alice.actor, first, ends - 15 * MINUTE)
    await world.do(lambda s: agree_change(s, by=helper, change_id=change.id, now=world.now))

    assert await clean(world)
    await backup(world.database, tmp_path / "town.backup", now=world.now, progress=lambda *_: None)
    empty = Database(copies.copy(copies.migrated), pool_size=2)
    await restore(empty, tmp_path / "town.backup", progress=lambda *_: None)
    await empty.close()


async def test_many_who_join_at_once_fill_a_group_and_no_more(world: World, helper: Actor) -> None:
    families = [await a_family(world, helper, name) for name in ("Alice", "Carol", "Dora", "Erin", "Fay", "Gina")]
    facts = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}
    requests = [await ask(world, family, **facts) for family in families]

    ended = await asyncio.gather(
        *(
            world.database.write(partial(make_offer, by=helper, request_id=one.id, note="", now=world.now))
            for one in requests
        ),
        return_exceptions=True,
    )

    assert Counter(type(one).__name__ for one in ended) == {"Offer": 3, "DayFull": 3}
    assert await clean(world)


@pytest.mark.parametrize("joins", [True, False])
async def test_the_database_lets_bookings_overlap_within_one_group_alone(
    world: World, helper: Actor, *, joins: bool
) -> None:
    # With the trigger's `IS DISTINCT FROM` (on SQLite its `<>`) left out, both stood.
    alice, carol = [await a_family(world, helper, name) for name in ("Alice", "Carol")]
    first = await join(world, alice, helper)
    earlier = {"start_at": first.start_at - 3 * HOUR, "end_at": first.start_at - 2 * HOUR}
    second = await book(world, carol, helper, kind=CareKind.OWN_HOME, **earlier)

    async def move(session: AsyncSession) -> None:
        connection = await session.connection()
        groups = (first.id, first.id if joins else second.id)
        for booking, group in zip((first.id, second.id), groups, strict=True):
            await connection.execute(
                text("UPDATE booking SET group_id = :group, group_capacity = 3 WHERE id = :booking"),
                {"group": group, "booking": booking},
            )
        for table, key in (("booking", "id"), ("booking_child", "booking_id")):
            await connection.execute(
                text(
                    f"UPDATE {table} SET start_at = (SELECT start_at FROM booking WHERE id = :first), "
                    f"end_at = (SELECT end_at FROM booking WHERE id = :first) WHERE {key} = :second"
                ),
                {"first": first.id, "second": second.id},
            )

    if joins:
        await world.database.write(move)
        assert await clean_of_overlaps(world)
    else:
        with pytest.raises(SlotTaken):
            await world.database.write(move)


async def clean_of_overlaps(world: World) -> bool:
    async with world.database.read() as session:
        return not [one for one in await verify(session) if one.invariant == 1]


async def test_a_child_is_in_one_place_also_in_a_group(world: World, helper: Actor) -> None:
    alice = await a_family(world, helper, "Alice")
    overlapping = await asked_before(world, helper, alice, alice)

    with pytest.raises(ChildElsewhere):
        await offer(world, helper, overlapping)


async def test_a_block_looks_like_a_busy_supporter(world: World, helper: Actor) -> None:
    alice, carol = [await a_family(world, helper, name) for name in ("Alice", "Carol")]
    await join(world, alice, helper)
    await world.do(lambda s: block(s, by=helper, person_id=carol.actor.person_id, now=world.now))

    request = await ask(world, carol, kind=CareKind.OWN_HOME, with_others=True, named_supporter_id=helper.person_id)

    assert await asks_of(world, request) == [(helper.person_id, "open", False)]


async def told(world: World) -> list[tuple[int, Mapping[str, Any]]]:
    """Return who was told that others come too, and what."""
    async with world.database.read() as session:
        found = select(Message).where(Message.kind == MessageKind.OTHERS_JOINED).order_by(col(Message.id))
        return [(one.person_id, one.facts) for one in await session.exec(found)]


async def test_those_who_were_first_hear_how_many_join_them_and_nothing_that_names_them(
    world: World, helper: Actor
) -> None:
    # With `tell_those_beside` taken out of `bind`, Alice learned of Carol's children at the door.
    alice, dora = [await a_family(world, helper, name) for name in ("Alice", "Dora")]
    carol = await a_family(world, helper, "Carol", children=2)
    first = await join(world, alice, helper)

    second = await join(world, carol, helper, start_at=first.start_at + HOUR, end_at=first.end_at + HOUR)
    await join(world, dora, helper, start_at=first.end_at, end_at=second.end_at)  # beside Carol alone

    [(one, facts), (other, about_dora)] = await told(world)
    own = {"start_at": first.start_at.isoformat(), "end_at": first.end_at.isoformat()}
    assert (one, facts) == (alice.actor.person_id, {"booking_id": first.id, "kind": "own_home", **own, "guests": 2})
    assert (other, about_dora["guests"]) == (carol.actor.person_id, 1)


async def test_who_cancelled_hears_of_nobody_who_joins_later(world: World, helper: Actor) -> None:
    alice, carol, dora = [await a_family(world, helper, name) for name in ("Alice", "Carol", "Dora")]
    first = await join(world, alice, helper)
    await cancel(world, alice.actor, first)
    await join(world, carol, helper)

    await join(world, dora, helper)

    assert [person for person, _ in await told(world)] == [carol.actor.person_id]
