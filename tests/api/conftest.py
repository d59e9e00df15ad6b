from collections.abc import AsyncIterator

import pytest

from conftest import Staged
from doors import Town, open_town


@pytest.fixture
async def town(staged: Staged) -> AsyncIterator[Town]:
    async with open_town(staged) as opened:
        yield opened
