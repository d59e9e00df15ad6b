"""The desk at which covers are bound."""

import pytest

from conftest import Staged
from insurance.desk import Desk


@pytest.fixture
async def desk(staged: Staged) -> Desk:
    return await staged(Desk.opened)
