"""What a simulated town is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from sharecare.areas.rules import AreaSettings
from sharecare.geo import Cell
from sharecare.matching import Circle, Link, MatchingIndex, Period, Query
from sharecare.simulate.people import AS_ASSUMED, Behaviour

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_AREA = AreaSettings()


class Place(NamedTuple):
    """Somewhere with a name; degrees."""

    name: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Need:
    """One request; its query names the widest circle that the family lets it reach.

    `opened_at` is in UTC minutes; only counted needs enter the figures, the others warm the town up.
    """

    number: int
    query: Query
    opened_at: int
    counted: bool = True


@dataclass(frozen=True, slots=True)
class World:
    """A town as the period begins, and all that families will need in it.

    `busy`, `links` and `memberships` repeat, by supporter, what the index holds, for an index can't be asked.
    """

    seed: int
    zone: str
    index: MatchingIndex
    supporters: tuple[int, ...]
    needs: tuple[Need, ...]
    busy: Mapping[int, tuple[Period, ...]]
    links: Mapping[int, tuple[Link, ...]]
    memberships: Mapping[int, tuple[tuple[int, float], ...]]
    cells: tuple[Cell, ...]
    """Where people live: a newcomer would, too."""
    days: int

    @property
    def counted(self) -> int:
        return sum(need.counted for need in self.needs)


class Town(Protocol):
    """Anything that can be lived in: generated, on files, or another town with newcomers."""

    @property
    def name(self) -> str: ...

    @property
    def places(self) -> tuple[Place, ...]:
        """Give what cells can be named after."""
        ...

    def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
        """Give the town for one seed; the same seed gives the same world. Families ask while they are awake."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """How the policies work; the defaults are the product's own (`care`, `areas`) where it has them."""

    urgent_within_min: int = 180
    most_asked: int = 20
    friends_of_friends_after_min: int = _AREA.friends_of_friends_after_minutes
    open_after_min: int = _AREA.open_after_minutes
    bookings_a_day: int = _AREA.bookings_a_day
    give_up_before_min: int = 30
    group: int = 3
    next_group_after_min: int = 15
    batch_every_min: int = 30
    batch_if_ahead_min: int = 360
    first_ask_min: int = 30

    def urgent(self, need: Need) -> bool:
        return need.query.start - need.opened_at <= self.urgent_within_min

    def due_min(self, circle: Circle) -> int:
        """Give the minutes after which a circle is asked."""
        due = {Circle.FRIENDS_OF_FRIENDS: self.friends_of_friends_after_min, Circle.OPEN: self.open_after_min}
        return due.get(circle, 0)


class Candidates(NamedTuple):
    """People who can be asked, best first, as parallel arrays."""

    person_ids: Ints
    score: Floats
    distance_m: Floats
    trust: Floats

    def take(self, rows: Ints | slice) -> "Candidates":
        return Candidates(self.person_ids[rows], self.score[rows], self.distance_m[rows], self.trust[rows])

    def __bool__(self) -> bool:
        return len(self.person_ids) > 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended: filled by someone at a minute, or by nobody."""

    need: Need
    supporter_id: int | None
    booked_at: int | None
    distance_m: float
    acquainted: bool
    asked: int
    turned_away: int
    reachable: bool
    """Whether anyone could be asked when it opened."""

    @property
    def filled(self) -> bool:
        return self.supporter_id is not None


@dataclass(frozen=True, slots=True)
class Course:
    """What a policy made of a world; `messages` counts those about counted needs, by supporter."""

    policy: str
    outcomes: tuple[Outcome, ...]
    messages: Mapping[int, int]
