"""People to tell things, and a mail server that keeps what it is given."""

from collections.abc import AsyncIterator

import pytest

from messages.post import Post
from messages.smtp import Sink
from sharecare.db import Database


@pytest.fixture
async def post(database: Database) -> Post:
    return await Post.opened(database)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with Sink().listening() as listening:
        yield listening
