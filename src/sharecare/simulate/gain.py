"""What one more supporter would be worth, without simulating: who could have been asked, and might have said yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sharecare.geo import Cell, distance_m
from sharecare.matching import FRIEND_BASE, Circle, Level, Query
from sharecare.matching.zones import pieces
from sharecare.simulate.model import Course, Floats, Need, World
from sharecare.simulate.newcomers import RADIUS_M, HourBlock, Newcomer, takes, wall_window
from sharecare.simulate.people import Behaviour, willingness

_MOST_LOOKED_AT = 200  # supporters whose ties stand for those of all
# Trust at which a newcomer would be asked, by circle: met once; one mutual friend (0.5 x 0.6 x 0.6); nobody in common.
_TRUST = {Circle.FRIENDS: FRIEND_BASE, Circle.FRIENDS_OF_FRIENDS: 0.18, Circle.OPEN: 0.0}


class Unfilled(NamedTuple):
    """A request that nobody took, where people stand to its family, and how many messages supporters got lately."""

    need: Need
    offset_min: int
    standing: Mapping[Circle, float]
    lately: float


@dataclass(frozen=True, slots=True)
class Gains:
    """Chances that one newcomer of a kind (column) would have filled one request (row)."""

    newcomers: tuple[Newcomer, ...]
    chance: Floats

    def best(self, missed: Floats, effort: Mapping[Level, float]) -> int:
        """Find the newcomer worth most for the effort, given each request's chance of being missed; -1 for none."""
        worth = missed @ self.chance / np.array([effort[one.level] for one in self.newcomers])
        best = int(worth.argmax()) if len(worth) else -1
        return best if best >= 0 and worth[best] > 0 else -1


def unfilled(world: World, course: Course, behaviour: Behaviour) -> list[Unfilled]:
    """List the counted requests that nobody took."""
    messages = sum(course.messages.values()) / max(1, len(world.supporters))
    lately = messages / world.days * behaviour.tired_for_days
    found: list[Unfilled] = []
    for outcome in course.outcomes:
        if outcome.need.counted and not outcome.filled:
            query = outcome.need.query
            offset = pieces(world.zone, query.start, query.start + 1)[0].offset
            found.append(Unfilled(outcome.need, offset, _standing(world, query), lately))
    return found


def gains(
    needs: Sequence[Unfilled],
    cells: Sequence[Cell],
    blocks: Sequence[HourBlock],
    levels: Sequence[Level],
    mind: Behaviour,
) -> Gains:
    """Weigh every newcomer that a town could win against every request it missed."""
    newcomers = tuple(Newcomer(cell, block, level) for cell in cells for block in blocks for level in levels)
    chance = np.zeros((len(needs), len(newcomers)))
    for row, one in enumerate(needs):
        when = wall_window(one.need, one.offset_min)
        chances: dict[tuple[Cell, Level], float] = {}
        for column, (cell, block, level) in enumerate(newcomers):
            if block.covers(*when):
                if (cell, level) not in chances:
                    chances[cell, level] = _chance(one, cell, level, mind)
                chance[row, column] = chances[cell, level]
    return Gains(newcomers, chance)


def _chance(one: Unfilled, cell: Cell, level: Level, mind: Behaviour) -> float:
    query = one.need.query
    if not takes(query):
        return 0.0
    far = distance_m(*cell.centre, *query.cell.centre)
    far = max(far, min(cell.level, query.cell.level).nominal_m / 2)
    if far > min(query.max_distance_m, RADIUS_M):
        return 0.0
    rings = [ring for ring in _TRUST if _may_help(query, ring, level)]
    trust = np.array([_TRUST[ring] for ring in rings])
    yes = willingness(mind, np.full(len(rings), far), trust, np.full(len(rings), round(one.lately)))
    return float(sum(one.standing[ring] * chance for ring, chance in zip(rings, yes.tolist(), strict=True)))


def _may_help(query: Query, ring: Circle, level: Level) -> bool:
    """Say whether a newcomer in a circle could be asked; one who is certified stands in the open circle."""
    if ring > query.circle or level < max(query.min_level, query.circle_levels[ring]):
        return False
    certified = level == Level.CERTIFIED
    return (ring != Circle.OPEN or certified) and (not query.needs_notification or certified or ring == Circle.FRIENDS)


def _standing(world: World, query: Query) -> dict[Circle, float]:
    """Give the shares of supporters who are the family's friends, are tied to them otherwise, and are not."""
    step = -(-len(world.supporters) // _MOST_LOOKED_AT) or 1
    looked_at = [person for person in world.supporters[::step] if person != query.requester_id]
    circles = [facts.circle for facts in world.index.explain(query, looked_at)]
    total = len(circles) or 1
    friends, tied = circles.count(Circle.FRIENDS) / total, circles.count(Circle.FRIENDS_OF_FRIENDS) / total
    return {Circle.FRIENDS: friends, Circle.FRIENDS_OF_FRIENDS: tied, Circle.OPEN: 1 - friends - tied}
