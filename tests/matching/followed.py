"""Two indexes side by side: one that followed every change, one read from the database as it stands."""

from datetime import timedelta

import numpy as np

from sharecare.care.queries import busy_periods, stream_busy
from sharecare.clock import to_minutes
from sharecare.geo import cell_of
from sharecare.matching import Circle, Kind, Level, Query
from sharecare.matching.feed import LiveIndex
from world import HOME, World

Seen = list[tuple[object, ...]]


async def rankings_after_following(world: World, people: int) -> Seen:
    """Return what everybody would be shown by the index that the town has used all along."""
    async with world.database.read() as session:
        await world.index.catch_up(session, now=world.now)
    return rankings(world.index, world, people)


async def rankings_of_a_fresh_load(world: World, people: int) -> Seen:
    """Return what everybody would be shown by an index that starts now."""
    index = LiveIndex(busy_periods, stream_busy)
    async with world.database.read() as session:
        await index.catch_up(session, now=world.now)
    assert len(index) == len(world.index)
    return rankings(index, world, people)


def rankings(index: LiveIndex, world: World, people: int) -> Seen:
    """Rank requests of everyone at several times, with all figures and reasons."""
    seen: Seen = []
    for person_id in range(1, people + 1):
        for hours in (9, 31, 57, 80):
            start = to_minutes(world.now + timedelta(hours=hours))
            for level in (Level.REGISTERED, Level.CERTIFIED):
                query = Query(
                    requester_id=person_id,
                    household_id=-1,
                    cell=cell_of(*HOME),
                    start=start,
                    end=start + 90,
                    kind=Kind.CHILD_HOME,
                    youngest_months=48,
                    oldest_months=48,
                    circle=Circle.ANYONE,
                    min_level=level,
                    needs_notification=hours == 31,
                    born_by_day=20_000,
                )
                ranking = index._index.rank(query)  # noqa: SLF001  -- people see no scores; the two must agree on them
                figures = np.round(np.array([ranking.score, ranking.trust, ranking.free_minutes]), 9).tolist()
                seen.append((ranking.person_ids.tolist(), figures, index.find(query, now=world.now)))
    return seen
