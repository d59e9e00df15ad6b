import pytest

from conftest import Staged
from incidents.scene import Scene, set_scene


@pytest.fixture
async def scene(staged: Staged) -> Scene:
    return await staged(set_scene)
