"""What a generated town is described by."""

from dataclasses import dataclass
from typing import NamedTuple

from sharecare.demo.town import BLOCKS, HALL, LESSONS, NURSERIES
from sharecare.geo import Cell
from sharecare.simulate.model import Place
from sharecare.simulate.shape import Hours

FIRST_DAY = 20_605
"""Monday, 1 June 2026: a month without school holidays."""

_HALL = Place(*HALL)
PILOT_HOURS = Hours()


class Closure(NamedTuple):
    """A day on which schools stay shut, announced the evening before, and how many families ask at once."""

    day: int
    needs: int


@dataclass(frozen=True, slots=True)
class TownSpec:
    """What a generated town is made from; the defaults are the pilot district's.

    Levels are shares of supporters, from certified down; the rest are registered only. `people_seed` keeps the same
    people for every seed, so that only needs and answers differ. Days count from 1970-01-01.
    """

    name: str = "misono"
    members: int = 120
    supporter_share: float = 1 / 3
    both_share: float = 0.6
    level_shares: tuple[float, float, float] = (0.55, 0.20, 0.175)
    needs_a_day_per_member: float = 1 / 30
    urgent_share: float = 0.15
    only_tied_share: float = 0.25
    holidays: tuple[tuple[int, int], ...] = ()
    closures: tuple[Closure, ...] = ()
    first_day: int = FIRST_DAY
    warm_up_days: int = 7
    people_seed: int | None = None
    members_per_community: int = 24
    community_size: int = 16
    met_in_community: float = 0.3
    members_per_meetup: int = 15
    meetup_size: int = 12
    met_at_meetup: float = 0.25
    blocks: tuple[Place, ...] = tuple(Place(*block[2:]) for block in BLOCKS)
    pickups: tuple[Place, ...] = tuple(Place(*place) for place in (*NURSERIES, *LESSONS))
    hall: Place = _HALL
    hours: Hours = PILOT_HOURS


def supporters_of(members: int, share: float) -> int:
    """Count the members who support."""
    return round(members * share)


@dataclass(frozen=True, slots=True)
class Family:
    """A household that may ask; `weight` is how often, compared with others."""

    person_id: int
    cell: Cell
    months: tuple[int, ...]
    weight: float
