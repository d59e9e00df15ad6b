import pytest

from conftest import Staged
from world import World, make_world


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)
