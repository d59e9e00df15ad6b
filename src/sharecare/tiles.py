"""Map pictures fetched on behalf of browsers, so that nobody else learns which cell a family looks at."""

import asyncio
import logging
from collections import OrderedDict
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx  # loaded with the first picture: it takes a twentieth of the time to start

log = logging.getLogger(__name__)
FINEST = 18
KEPT = 600  # pictures, of some 10 to 30 kB
MAX_BYTES = 500_000
TIMEOUT_S = 3.0
AT_ONCE = 6
REST = timedelta(minutes=1)
KINDS = frozenset({"image/png", "image/jpeg", "image/webp"})

Tile = tuple[str, bytes]
"""Media type and picture."""


def exists(z: int, x: int, y: int) -> bool:
    """Say whether the world has such a tile."""
    return 0 <= z <= FINEST and 0 <= x < 2**z and 0 <= y < 2**z


class Tiles:
    """One source of pictures: the latest are kept, and a source that fails is left alone for a minute."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._kept: OrderedDict[tuple[int, int, int], Tile | None] = OrderedDict()
        self._rests_until: datetime | None = None
        self._doors = asyncio.Semaphore(AT_ONCE)
        self._client: httpx.AsyncClient | None = None

    async def tile(self, z: int, x: int, y: int, *, now: datetime) -> Tile | None:
        """Return a picture, or None where there is none to be had now."""
        import httpx  # noqa: PLC0415  -- see above

        key = (z, x, y)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if not self._url or not exists(z, x, y):
            return None
        async with self._doors:
            if self._rests_until is not None and now < self._rests_until:
                return None
            try:
                found = await self._fetched(z, x, y)
            except httpx.HTTPError as error:
                log.warning("no map pictures for a minute: %s", type(error).__name__)
                self._rests_until = now + REST
                return None
        self._keep(key, found)
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _fetched(self, z: int, x: int, y: int) -> Tile | None:
        import httpx  # noqa: PLC0415  -- see above

        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_S)
        answer = await self._client.get(self._url.format(z=z, x=x, y=y))
        if answer.status_code == HTTPStatus.NOT_FOUND:  # open sea
            return None
        answer.raise_for_status()
        kind = answer.headers.get("content-type", "").partition(";")[0]
        return (kind, answer.content) if kind in KINDS and len(answer.content) <= MAX_BYTES else None

    def _keep(self, key: tuple[int, int, int], found: Tile | None) -> None:
        self._kept[key] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
