import pytest

from conftest import Staged
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from world import Family, World, make_world


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
