import pytest

from incidents.scene import Scene
from sharecare.db import Database


@pytest.fixture
async def scene(database: Database) -> Scene:
    return await Scene.set(database)
