"""A queue of things that happen, in the order of an invented clock."""

import heapq
from collections.abc import Awaitable, Callable
from datetime import datetime

Happening = Callable[[], Awaitable[None]]


class Days:
    """The demo's time: it jumps from one happening to the next and never sleeps."""

    def __init__(self, start_at: datetime) -> None:
        self.now = start_at
        self._queue: list[tuple[datetime, int, Happening]] = []
        self._count = 0

    def clock(self) -> datetime:
        """Return the invented present."""
        return self.now

    def at(self, moment: datetime, happening: Happening) -> None:
        """Let something happen at a moment; what was planned first happens first."""
        self._count += 1
        heapq.heappush(self._queue, (max(moment, self.now), self._count, happening))

    async def live_until(self, end_at: datetime) -> None:
        """Live through everything planned before a moment."""
        while self._queue and self._queue[0][0] < end_at:
            self.now, _, happening = heapq.heappop(self._queue)
            await happening()
        self.now = end_at
