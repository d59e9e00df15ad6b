from collections.abc import AsyncIterator

import pytest
from sqlalchemy.engine import URL

from doors import Town, open_town


@pytest.fixture
async def town(database_url: URL) -> AsyncIterator[Town]:
    async with open_town(database_url) as opened:
        yield opened
