"""What the demo's players share: the product, the invented clock, the dice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.demo.days import Days
from sharecare.demo.settling import Resident
from sharecare.deps import Runtime
from sharecare.errors import Refusal

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)
WAKES_AT, SLEEPS_AT = 7, 22


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the month is played."""

    here: Runtime
    days: Days
    rng: Random
    residents: Mapping[int, Resident]  # by person id

    async def attempt(self, verb: Callable[[AsyncSession], Awaitable[T]]) -> T | None:
        """Do what a person would; a refusal is an answer they live with."""
        async with self.here.database.read() as session:
            await self.here.index.catch_up(session, now=self.days.now)
        try:
            return await self.here.database.write(verb)
        except Refusal:
            return None


def local(day: date, minute: int) -> datetime:
    """Return a moment of a day on the town's clock."""
    return (datetime.combine(day, time(), ZONE) + minute * MINUTE).astimezone(UTC)


def awake(moment: datetime) -> datetime:
    """Return the moment, or the next morning if it falls into the night."""
    at = moment.astimezone(ZONE)
    if at.hour >= SLEEPS_AT:
        return local(at.date() + timedelta(days=1), WAKES_AT * 60)
    return max(moment, local(at.date(), WAKES_AT * 60))
