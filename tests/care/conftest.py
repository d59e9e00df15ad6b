import pytest

from conftest import Staged
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.registration.service import invite_guardian, join_family
from world import Family, World, a_person, make_world


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


@pytest.fixture
async def family(world: World) -> Family:
    return await world.family("Alice")


@pytest.fixture
async def helper(world: World, family: Family) -> Actor:
    helper = await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    return helper


@pytest.fixture
async def second(world: World, family: Family) -> Actor:
    other = await world.do(lambda s: a_person(s, "Aaron"))
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
    await world.do(lambda s: join_family(s, by=other, token=token, now=world.now))
    return other
