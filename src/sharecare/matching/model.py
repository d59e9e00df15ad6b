"""What goes into the index and what comes out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sharecare.geo import Cell
from sharecare.matching.score import DEFAULT_WEIGHTS, SCALE_M, Weights
from sharecare.matching.words import ALL_KINDS, ALL_MEANS, ALWAYS, NEVER, Circle, Kind, Level, Means

Column = npt.NDArray[Any]
Period = tuple[int, int]
"""UTC minutes since 1970, half-open."""

EARLIEST = -983_000_000
LATEST = 2_119_000_000
"""UTC minutes in the years 100 and 5998: windows of queries lie between."""

LARGEST_COUNT = 32_767
"""Children and months of a query are at most this; a supporter's larger limits mean the same."""
MOST_BUFFER_MIN = 1440
"""Travel around a booking takes a day at most."""


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """Weekly hours in the supporter's wall time; `end_min` beyond 1440 crosses midnight.

    Days count from 1970-01-01; both dates are inclusive and speak of the date the hours start on.
    """

    weekday: int
    start_min: int
    end_min: int
    from_day: int = ALWAYS
    until_day: int = NEVER


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Hours added on one date, or removed; wall time, `end_min` as in `WeeklyHours`."""

    day: int
    start_min: int
    end_min: int
    adds: bool


@dataclass(frozen=True, slots=True)
class Link:
    """A tie to another person with its final strength each way, from 0 for none to 1 (a vouch speaks one way)."""

    other_id: int
    strength_to: float
    strength_from: float
    friend: bool = True


@dataclass(frozen=True, slots=True)
class Supporter:
    """All that matching knows of one supporter.

    `level_valid_until` dates each step of the ladder (identified, trained, certified) in UTC minutes: a level counts
    while it and all below it are in date through the end of the care. `notified_until` is in UTC minutes
    too, `birth_day` in days since 1970-01-01. `booked_minutes` of -1 means: count them from `busy`, which then has to
    hold the bookings of the last 28 days too. `unavailable` are imported calendars: they remove hours and get no travel
    buffer.
    """

    person_id: int
    household_id: int
    cell: Cell
    travel_radius_m: float
    capacity: int
    min_age_months: int
    max_age_months: int
    timezone: str
    kinds: Kind = ALL_KINDS
    means: Means = ALL_MEANS
    level: Level = Level.REGISTERED
    level_valid_until: tuple[int, int, int] = (NEVER, NEVER, NEVER)
    notified_until: int = ALWAYS
    birth_day: int = ALWAYS
    booked_minutes: int = -1
    weekly: Sequence[WeeklyHours] = ()
    dated: Sequence[DatedHours] = ()
    unavailable: Sequence[Period] = ()
    busy: Sequence[Period] = ()


@dataclass(frozen=True, slots=True)
class SupporterTable:
    """Many supporters as parallel columns of whole numbers (any width), fields as in `Supporter`.

    `timezone` counts in `timezones`; hours and periods are loaded apart.
    """

    timezones: Sequence[str]
    travel_radius_m: Column
    person_id: Column
    household_id: Column
    cell_level: Column
    cell_row: Column
    cell_column: Column
    capacity: Column
    min_age_months: Column
    max_age_months: Column
    timezone: Column
    kinds: Column
    means: Column
    level: Column
    identified_until: Column
    trained_until: Column
    certified_until: Column
    notified_until: Column
    birth_day: Column
    booked_minutes: Column

    @classmethod
    def of(cls, supporters: Sequence[Supporter]) -> "SupporterTable":
        names = tuple(dict.fromkeys(supporter.timezone for supporter in supporters))
        number = {name: at for at, name in enumerate(names)}
        whole = [
            (
                *(s.person_id, s.household_id, *s.cell),
                *(s.capacity, s.min_age_months, s.max_age_months, number[s.timezone], s.kinds, s.means, s.level),
                *(*s.level_valid_until, s.notified_until, s.birth_day, s.booked_minutes),
            )
            for s in supporters
        ]
        columns = np.array(whole, np.int64).reshape(-1, 18).T
        return cls(names, np.array([s.travel_radius_m for s in supporters], np.float64), *columns)

    def __len__(self) -> int:
        return len(self.person_id)


@dataclass(frozen=True, slots=True)
class Query:
    """One request, ready to be ranked. Limits are inclusive; `start` and `end` are UTC minutes, half-open.

    `min_level` holds in every circle; `circle_levels` adds what the area asks of those in friends, friends of friends
    and open, each candidate counted in the innermost. `needs_notification` asks all but direct friends for an accepted
    notification in date through the end. `born_by_day` is the last birthday that is old enough. `named_id` narrows the
    request to one person; the circle still holds, so name someone beyond it with `Circle.ANYONE`.
    `away_ids` are never found, beside those whom a block of the requester's own concerns.

    Raises:
        ValueError: an empty window, no children, or a figure beyond what the index holds.

    """

    requester_id: int
    household_id: int
    cell: Cell
    start: int
    end: int
    kind: Kind
    youngest_months: int
    oldest_months: int
    children: int = 1
    max_distance_m: float = 3000.0
    circle: Circle = Circle.OPEN
    means: Means | None = None
    min_level: Level = Level.REGISTERED
    circle_levels: tuple[Level, Level, Level] = (Level.REGISTERED, Level.REGISTERED, Level.REGISTERED)
    needs_notification: bool = False
    born_by_day: int | None = None
    named_id: int | None = None
    away_ids: frozenset[int] = frozenset()
    buffer_min: int = 15
    weights: Weights = DEFAULT_WEIGHTS
    scale_m: float = SCALE_M
    top: int = 20

    def __post_init__(self) -> None:
        if not EARLIEST <= self.start < self.end <= LATEST:
            raise ValueError("the window is empty, or beyond the years 100 to 6000")
        if not 0 <= self.youngest_months <= self.oldest_months <= LARGEST_COUNT:
            raise ValueError(f"ages must be whole months from 0 to {LARGEST_COUNT}, the youngest first")
        if not 1 <= self.children <= LARGEST_COUNT:
            raise ValueError(f"children must be from 1 to {LARGEST_COUNT}")
        if not 0 <= self.buffer_min <= MOST_BUFFER_MIN:
            raise ValueError(f"the buffer must be from 0 to {MOST_BUFFER_MIN} minutes")
        if self.top < 0:
            raise ValueError("the number of results can't be negative")


CANDIDATE = np.dtype(
    [
        *((name, "i8") for name in ("slot", "person_id", "circle", "free_minutes", "billionths", "booked")),
        *((name, "f8") for name in ("score", "distance_m", "distance", "trust", "availability")),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Asks in order, then suggestions in order: parallel arrays of at most twice the query's `top`.

    `distance_m` lies between cell centres, unrounded, and is never less than half a cell's nominal side. `distance`,
    `trust` and `availability` are the factors and `score` is their weighted sum, each from 0 to 1. `suggestion` marks
    those who are free for a part of the window only.
    """

    candidates: npt.NDArray[np.void]
    """Records of `CANDIDATE`, as native/layout.h writes them."""
    asks: int

    def __len__(self) -> int:
        return len(self.candidates)

    @property
    def person_ids(self) -> npt.NDArray[np.int64]:
        return self.candidates["person_id"]

    @property
    def score(self) -> npt.NDArray[np.float64]:
        return self.candidates["score"]

    @property
    def distance_m(self) -> npt.NDArray[np.float64]:
        return self.candidates["distance_m"]

    @property
    def distance(self) -> npt.NDArray[np.float64]:
        return self.candidates["distance"]

    @property
    def trust(self) -> npt.NDArray[np.float64]:
        return self.candidates["trust"]

    @property
    def availability(self) -> npt.NDArray[np.float64]:
        return self.candidates["availability"]

    @property
    def free_minutes(self) -> npt.NDArray[np.int64]:
        return self.candidates["free_minutes"]

    @property
    def suggestion(self) -> npt.NDArray[np.bool_]:
        return np.arange(len(self)) >= self.asks


@dataclass(frozen=True, slots=True)
class Facts:
    """Why one person was found, for `reasons`: no score, no factor.

    `circle` is the innermost they stand in; mutual friends and shared communities come in order of id.
    `distance_m` is as in `Ranking`, unrounded: people are told what `reasons.rounded_m` makes of it.
    """

    person_id: int
    circle: Circle
    friend: bool
    mutual_friend_ids: tuple[int, ...]
    community_ids: tuple[int, ...]
    distance_m: float
    free_minutes: int
    window_minutes: int
