"""The desk at which covers are bound."""

import pytest

from insurance.desk import Desk
from sharecare.db import Database


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.opened(database)
