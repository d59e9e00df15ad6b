import pytest

from sharecare.db import Database
from world import World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)
