from datetime import timedelta

import pytest

from care.steps import book
from conftest import Staged
from incidents.scene import Scene, set_scene
from incidents.sender import Sender


@pytest.fixture
async def scene(staged: Staged) -> Scene:
    return await staged(set_scene)


@pytest.fixture
async def sender(scene: Scene) -> Sender:
    """One care finished, one agreed on that never began."""
    later = scene.booking.end_at + timedelta(days=1)
    await book(scene.world, scene.family, scene.helper, start_at=later - timedelta(hours=1), end_at=later)
    await scene.finish()
    return Sender(scene)
