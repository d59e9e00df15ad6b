"""What is decided of a booking or its supporter at the very moment when something else rests on it.

SQLite's writers queue, so there each of these only shows that what comes second is refused.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import HOUR, MINUTE, accept, ask, book, cover_several_families, get_ready, offer, propose, row, start
from care.test_races import beside
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import AreaSettings, CareKind, Level
from sharecare.care.changes import agree_change, propose_late_start
from sharecare.care.models import Booking
from sharecare.care.no_show import WaitALittle, report_no_show
from sharecare.care.people import SupporterNotEligible
from sharecare.care.policy_end import PolicyEnding, end_policy_early
from sharecare.care.rules import BookingState, NotNow
from sharecare.care.standing import take_back_credential
from sharecare.certification.models import Credential
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.insurance.models import PolicyUsage
from sharecare.insurance.schedule import Schedule, Tariff
from sharecare.insurance.service import NoPolicy
from sharecare.insurance.usage import AggregateReached
from sharecare.registration.service import suspend
from sharecare.trust.blocks import block
from sharecare.verify import verify
from world import Family, World, make_world

Deciding = Callable[[World, Family, Actor], Awaitable[Callable[[AsyncSession], Awaitable[object]]]]


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(
        database, settings=AreaSettings(buffer_minutes=0, level_among_friends=Level.IDENTIFIED, course_units=())
    )


async def ready(world: World) -> tuple[Family, Actor, Booking]:
    """Book friends, and let the care's time come."""
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.IDENTIFIED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    return family, helper, booking


async def suspending(world: World, _family: Family, helper: Actor) -> Callable[[AsyncSession], Awaitable[object]]:
    return partial(suspend, person_id=helper.person_id, by=world.staff, reason="苦情", now=world.now)


async def revoking(world: World, _family: Family, helper: Actor) -> Callable[[AsyncSession], Awaitable[object]]:
    async with world.database.read() as session:
        held = select(Credential.id).where(Credential.person_id == helper.person_id)
        credential_id = (await session.exec(held)).one()
    return partial(take_back_credential, by=world.staff, credential_id=credential_id, reason="誤り", now=world.now)


async def blocking(world: World, family: Family, helper: Actor) -> Callable[[AsyncSession], Awaitable[object]]:
    return partial(block, by=family.actor, person_id=helper.person_id, now=world.now)


@pytest.mark.parametrize("deciding", [suspending, revoking, blocking])
async def test_no_care_begins_with_whom_is_just_unfitted(world: World, deciding: Deciding) -> None:
    # Without the supporter held before they were looked at, it began on PostgreSQL, and `verify` found it.
    family, helper, booking = await ready(world)

    came_of_it = await beside(world, await deciding(world, family, helper), start(world, helper, booking))

    assert isinstance(came_of_it, SupporterNotEligible)
    assert (await row(world, Booking, booking.id)).state == BookingState.CONFIRMED
    async with world.database.read() as session:
        assert await verify(session) == []


async def test_nobody_is_missed_before_the_later_start_that_is_just_agreed_on(world: World) -> None:
    # Without a locked read it was a no-show on PostgreSQL, closed forty minutes before its start.
    family, helper, booking = await ready(world)
    later = partial(propose_late_start, by=helper, booking_id=booking.id, new_start_at=booking.start_at + HOUR)
    change = await world.do(partial(later, now=world.now))
    world.now += 20 * MINUTE
    agreed = partial(agree_change, by=family.actor, change_id=change.id, now=world.now)
    missed = partial(report_no_show, by=family.actor, booking_id=booking.id, now=world.now)

    assert isinstance(await beside(world, agreed, world.database.write(missed)), WaitALittle)
    assert (await row(world, Booking, booking.id)).state == BookingState.CONFIRMED


async def test_two_extensions_at_once_stay_within_the_policy_s_premium(database: Database) -> None:
    # Read before the policy was held, the usage left room for both on PostgreSQL: 534 yen of 480.
    schedule = Schedule(tariff=Tariff(per_support_yen=0, per_hour_yen=100), premium_limit_yen=480)
    world = await make_world(database, settings=AreaSettings(buffer_minutes=0), schedule=schedule)
    changes = []
    for name in ("A", "B"):
        family, helper = await world.family(f"F{name}"), await world.supporter(f"H{name}", level=Level.REGISTERED)
        await world.befriend(family.actor, helper)
        booking = await book(world, family, helper)
        change = await propose(world, helper, booking, booking.end_at + 40 * MINUTE)
        changes.append(partial(agree_change, by=family.actor, change_id=change.id, now=world.now))
    one, other = changes

    assert isinstance(await beside(world, one, database.write(other)), AggregateReached)
    async with database.read() as session:
        assert (await session.exec(select(PolicyUsage.premium_yen))).one() <= 480


def ending(world: World, policy_id: int = 1) -> Callable[[AsyncSession], Awaitable[PolicyEnding]]:
    return partial(end_policy_early, by=world.staff, policy_id=policy_id, ends_at=world.now, now=world.now)


async def test_nothing_is_booked_under_a_policy_that_just_ends(world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.IDENTIFIED)
    await world.befriend(family.actor, helper)
    offered = await offer(world, helper, await ask(world, family))

    assert isinstance(await beside(world, ending(world), accept(world, family, offered)), NoPolicy)
    async with world.database.read() as session:
        assert (await session.exec(select(Booking))).all() == []


async def test_no_care_begins_whose_policy_just_ends(world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.IDENTIFIED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at - MINUTE  # a few minutes early is allowed

    assert isinstance(await beside(world, ending(world), start(world, helper, booking)), NotNow)
    assert (await row(world, Booking, booking.id)).state == BookingState.CANCELLED
    async with world.database.read() as session:
        assert await verify(session) == []


async def test_nobody_joins_a_group_under_a_policy_for_one_family_only(world: World) -> None:
    # On PostgreSQL the first booking moved to the other policy while the second waited to be bound.
    await cover_several_families(world)
    helper = await world.supporter("Bob", level=Level.IDENTIFIED, capacity=3)
    requests = []
    for name in ("Alice", "Carol"):
        family = await world.family(name)
        await world.befriend(family.actor, helper)
        place = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}
        requests.append(await ask(world, family, **place))
    first, second = requests
    await offer(world, helper, first)

    assert isinstance(await beside(world, ending(world, policy_id=2), offer(world, helper, second)), Refusal)
    async with world.database.read() as session:
        assert [one.request_id for one in await session.exec(select(Booking))] == [first.id]
    async with world.database.read() as session:
        assert await verify(session) == []
