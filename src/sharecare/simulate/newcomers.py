"""People a town could win: where, in which hours, at which level; and the town with them in it."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from sharecare.areas.rules import AreaSettings
from sharecare.geo import Cell
from sharecare.matching import ALL_KINDS, Level, Query, WeeklyHours
from sharecare.simulate.model import Need, Place, Town, World
from sharecare.simulate.people import AS_ASSUMED, Behaviour, dice
from sharecare.simulate.shape import weekday_of
from sharecare.simulate.town import made_supporter

CAPACITY = 2
RADIUS_M = 2500.0
"""What a supporter of generated towns offers in the middle."""


_AREA = AreaSettings()


class HourBlock(NamedTuple):
    """Hours that one person might offer; minutes of the day, Monday being 0."""

    name: str
    weekdays: tuple[int, ...]
    start_min: int
    end_min: int

    def covers(self, weekday: int, start_min: int, end_min: int) -> bool:
        return weekday in self.weekdays and self.start_min <= start_min and end_min <= self.end_min


_WEEK, _WEEKEND = (0, 1, 2, 3, 4), (5, 6)
BLOCKS = (
    HourBlock("weekday_morning", _WEEK, 6 * 60 + 30, 9 * 60),
    HourBlock("weekday_day", _WEEK, 8 * 60 + 30, 17 * 60),
    HourBlock("weekday_evening", _WEEK, 16 * 60, 20 * 60),
    HourBlock("weekend", _WEEKEND, 8 * 60, 18 * 60),
)


class Newcomer(NamedTuple):
    cell: Cell
    hours: HourBlock
    level: Level


@dataclass(frozen=True, slots=True)
class TownWithNewcomers:
    """A town that won some supporters, each as well known as a present supporter drawn at random.

    So it assumes that they come to the meet-ups: a stranger below `certified` could help nobody at all.
    """

    town: Town
    newcomers: Sequence[Newcomer]

    @property
    def name(self) -> str:
        return self.town.name

    @property
    def places(self) -> tuple[Place, ...]:
        return self.town.places

    def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
        world = self.town.world(seed, days, behaviour)
        index = deepcopy(world.index)
        everyone = (*world.supporters, *(need.query.requester_id for need in world.needs))
        first = 1 + max((*everyone, *(link.other_id for links in world.links.values() for link in links)), default=0)
        ids = range(first, first + len(self.newcomers))
        for person, newcomer in zip(ids, self.newcomers, strict=True):
            hours = newcomer.hours
            index.put(
                made_supporter(
                    person,
                    newcomer.cell,
                    newcomer.level,
                    zone=world.zone,
                    hours=tuple(WeeklyHours(day, hours.start_min, hours.end_min) for day in hours.weekdays),
                    kinds=ALL_KINDS,
                    capacity=CAPACITY,
                    radius_m=RADIUS_M,
                )
            )
            if world.supporters:
                lot = float(dice(0, person - first, np.array([len(world.supporters)]), 0)[0])
                twin = world.supporters[int(lot * len(world.supporters))]
                index.set_links(person, world.links.get(twin, ()))
                index.set_communities(person, world.memberships.get(twin, ()))
        return replace(world, index=index, supporters=(*world.supporters, *ids))


def takes(query: Query) -> bool:
    """Say whether a newcomer takes so many children of these ages."""
    of_age = _AREA.child_min_months <= query.youngest_months and query.oldest_months <= _AREA.child_max_months
    return query.children <= CAPACITY and of_age


def wall_window(need: Need, offset_min: int) -> tuple[int, int, int]:
    """Give a request's weekday and minutes of the day, the end beyond 1440 if it crosses midnight."""
    day, start = divmod(need.query.start + offset_min, 1440)
    return weekday_of(day), start, start + need.query.end - need.query.start
