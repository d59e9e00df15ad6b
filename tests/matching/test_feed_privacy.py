"""Mallory moves house a thousand times to find out where inside a cell Bob lives."""

import random

from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import HomeDraft
from sharecare.accounts.service import set_home
from sharecare.clock import to_minutes
from sharecare.db import Database
from sharecare.geo import Cell, MeshLevel, cell_of
from sharecare.matching import Circle, Kind, Query
from sharecare.matching.feed import Match
from world import World, make_world

CELL = Cell(MeshLevel.HALF, 8613, 22356)
PREVIEWS = 1000


def point_in(cell: Cell, dice: random.Random) -> tuple[float, float]:
    lat, lon = (cell.row + dice.uniform(0.001, 0.999)) / 240, (cell.column + dice.uniform(0.001, 0.999)) / 160
    assert cell_of(lat, lon) == cell
    return lat, lon


def previews_from_everywhere(world: World, mallory: Actor, dice: random.Random) -> list[list[Match]]:
    """Ask from a thousand homes within 3 km, with limits that would cut the cell into slices."""
    start = to_minutes(world.now) + 9 * 60
    found = []
    for _ in range(PREVIEWS):
        lat = (CELL.row + 0.5) / 240 + dice.uniform(-0.027, 0.027)
        lon = (CELL.column + 0.5) / 160 + dice.uniform(-0.033, 0.033)
        query = Query(
            requester_id=mallory.person_id,
            household_id=mallory.household_id,
            cell=cell_of(lat, lon),
            start=start,
            end=start + 60,
            kind=Kind.CHILD_HOME,
            youngest_months=48,
            oldest_months=48,
            circle=Circle.OPEN,
            max_distance_m=dice.uniform(200, 3000),
        )
        found.append(world.index.find(query, now=world.now))
    return found


async def test_a_thousand_previews_tell_the_cell_and_nothing_inside(database: Database) -> None:
    world, dice = await make_world(database), random.Random(1)
    mallory = (await world.family("Mallory")).actor
    bob = await world.supporter("Bob", at=point_in(CELL, dice))
    await world.supporter("Charlie", at=point_in(CELL, dice))

    async def seen_with_bob_at(lat: float, lon: float) -> list[list[Match]]:
        home = HomeDraft(lat=lat, lon=lon, address="美園1-2-3")
        await world.do(lambda session: set_home(session, by=bob, draft=home, now=world.now))
        async with database.read() as session:
            await world.index.catch_up(session, now=world.now)
        return previews_from_everywhere(world, mallory, random.Random(2))  # the same thousand

    first = await seen_with_bob_at(*point_in(CELL, dice))
    assert any(match.supporter_id == bob.person_id for matches in first for match in matches)
    for _ in range(4):
        assert await seen_with_bob_at(*point_in(CELL, dice)) == first
    for row, column in ((1, 0), (0, 1), (-1, -1)):
        neighbour = Cell(CELL.level, CELL.row + row, CELL.column + column)
        assert await seen_with_bob_at(*point_in(neighbour, dice)) != first
