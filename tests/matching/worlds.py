"""Random worlds on the edges: of cells, days, zones, dates, circles.

Hypothesis picks the scene, the size and the seed; drawing each figure through it would be fifty times as slow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from matching.reference import World
from sharecare.geo import Cell, MeshLevel, cell_of
from sharecare.matching import (
    ALL_KINDS,
    ALL_MEANS,
    ALWAYS,
    NEVER,
    Circle,
    DatedHours,
    Kind,
    Level,
    Link,
    MatchingIndex,
    Means,
    Period,
    Query,
    Supporter,
    SupporterTable,
    WeeklyHours,
    Weights,
)

T = TypeVar("T")

PEOPLE = 9
PLACES = [(35.87, 139.72), (0.001, 179.999), (-0.001, -180.0), (89.9, 10.0), (-89.9, 179.9), (40.7, -74.0), (0.0, 0.0)]
ZONES = ["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "UTC"]


def minutes(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) // 60  # type: ignore[arg-type,misc]  # plain date figures


MOMENTS = [
    minutes(2026, 3, 8, 7),  # New York springs forward
    minutes(2026, 11, 1, 6),  # and falls back
    minutes(2026, 4, 4, 15),  # Lord Howe falls back by half an hour
    minutes(2026, 10, 3, 15, 30),  # and springs forward
    minutes(2026, 6, 1),
    minutes(2025, 12, 31, 15),  # midnight in Tokyo
]

CLOCK = [0, 30, 60, 119, 120, 150, 480, 600, 720, 1380, 1410, 1439, 1440]
STRENGTHS = [0.0, 0.5, 0.6, 0.68, 1.0]
ALWAYS_ON = [WeeklyHours(weekday, 0, 1440) for weekday in range(7)]


@dataclass
class Scene:
    """A place and a moment at which a random world happens."""

    moment: int
    place: tuple[float, float]
    mesh: list[MeshLevel]
    size: int
    seed: int
    rng: Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)

    def world(self) -> World:
        world = World(weights={1: 0.2, 2: 0.05})
        for person in self.people(self.size):
            world.supporters[person] = self.supporter(person)
        for person in self.people(4):
            world.set_links(person, self.links(person))
        world.communities = {person: set(self.some([1, 2], 2)) for person in self.people(4)}
        world.blocks = {person: set(self.people(1)) for person in self.people(1)}
        world.suspended = set(self.people(1))
        return world

    def supporter(self, person: int) -> Supporter:
        return Supporter(
            person_id=person,
            household_id=self.mostly(person, 100),
            cell=self.cell(),
            travel_radius_m=self.mostly(1e9, 0.0, 250.0, 500.0, 3000.0),
            capacity=self.mostly(10**6, 1, 2),
            min_age_months=self.mostly(0, 12),
            max_age_months=self.mostly(10**6, 11, 12, 144),
            timezone=self.pick(ZONES),
            kinds=self.mostly(ALL_KINDS, Kind.PICKUP, Kind.OWN_HOME | Kind.PICKUP),
            means=self.mostly(ALL_MEANS, Means.FOOT, Means.FOOT | Means.CAR),
            level=self.mostly(Level.CERTIFIED, *Level),
            level_valid_until=(self.until(), self.until(), self.until()),
            notified_until=self.mostly(NEVER, ALWAYS, self.moment),
            birth_day=self.mostly(ALWAYS, 12_000, 12_001),
            booked_minutes=self.pick([-1, -1, 0, 60]),
            weekly=self.pick([ALWAYS_ON, [self.weekly() for _ in range(self.rng.randint(0, 5))]]),
            dated=[self.dated() for _ in range(self.pick([0, 0, 1, 2]))],
            unavailable=[self.period() for _ in range(self.pick([0, 0, 1]))],
            busy=[self.period() for _ in range(self.pick([0, 0, 1, 3]))],
        )

    def query(self) -> Query:
        start = self.moment + self.pick([-60, -30, 0, 30, self.rng.randint(-600, 600)])
        youngest = self.pick([0, 12, 12])
        return Query(
            requester_id=self.rng.randint(1, PEOPLE + 1),
            household_id=self.pick([100, 101]),
            cell=self.cell(),
            start=start,
            end=start + self.pick([1, 60, 120, 120, self.rng.randint(1, 300)]),
            kind=self.pick([Kind.PICKUP, Kind.OWN_HOME]),
            youngest_months=youngest,
            oldest_months=self.pick([youngest, 12]),
            children=self.mostly(1, 2),
            max_distance_m=self.mostly(1e8, 250.0, 2000.0, 3000.0),
            circle=self.mostly(Circle.OPEN, *Circle),
            means=self.mostly(None, Means.CAR),
            min_level=self.mostly(Level.REGISTERED, *Level),
            circle_levels=self.mostly((Level(0),) * 3, (Level(0), Level(2), Level(3)), (Level(3), Level(1), Level(0))),
            needs_notification=self.rng.random() < 1 / 6,
            born_by_day=self.mostly(None, 12_000),
            named_id=self.mostly(None, self.rng.randint(1, PEOPLE)),
            buffer_min=self.pick([0, 15]),
            weights=self.pick([Weights(), Weights(), Weights(0, 0, 1)]),
            top=self.mostly(20, 2, 1, 0),
        )

    def links(self, person: int) -> list[Link]:
        others = self.some([other for other in range(1, PEOPLE + 1) if other != person], 5)
        return [self.link(other) for other in others]

    def link(self, other: int) -> Link:
        there, back = (self.pick([*STRENGTHS, self.rng.random()]) for _ in range(2))
        return self.pick([Link(other, there, there), Link(other, there, back), Link(other, there, back, friend=False)])

    def cell(self) -> Cell:
        level = self.pick(self.mesh)
        cell = cell_of(*self.place, level)
        around, most = 360 * level.columns_per_degree, 90 * level.rows_per_degree - 12
        column = cell.column + self.pick([0, 1, self.rng.randint(-4, 4), self.rng.randint(-4, 4), around // 2])
        row = cell.row + self.pick([0, 0, self.rng.randint(-3, 3)])
        return Cell(level, max(-most, min(most, row)), (column + around // 2) % around - around // 2)

    def weekly(self) -> WeeklyHours:
        day = self.moment // 1440
        weekday = self.pick([self.rng.randint(0, 6), (day + self.rng.randint(2, 4)) % 7])
        start, until = self.rng.randint(day - 2, day + 2), self.rng.randint(day - 2, day + 2)
        return WeeklyHours(weekday, *self.hours(), self.pick([ALWAYS, start]), self.pick([NEVER, until]))

    def dated(self) -> DatedHours:
        return DatedHours(self.moment // 1440 + self.rng.randint(-2, 2), *self.hours(), self.pick((0, 1)) == 1)

    def hours(self) -> tuple[int, int]:
        start, end = (self.pick([*CLOCK, self.rng.randint(0, 1440)]) for _ in range(2))
        return start, next(minute for minute in (end, end + 1440, end + 2880) if minute > start)

    def period(self) -> Period:
        start = self.moment + self.pick([self.rng.randint(-600, 600), self.rng.randint(-45_000, 45_000)])
        return start, start + self.pick([1, 15, 60, 240, 3000, 100_000])

    def until(self) -> int:
        return self.mostly(NEVER, self.moment + self.rng.randint(-60, 300))

    def people(self, most: int) -> list[int]:
        return self.some(range(1, PEOPLE + 1), most)

    def some(self, of: Sequence[T], most: int) -> list[T]:
        return self.rng.sample(of, self.rng.randint(0, most))

    def mostly(self, usual: T, *others: T) -> T:
        """Pick the usual five times of six, so that many limits at once still leave somebody."""
        return usual if self.rng.random() < 5 / 6 else self.pick(others)

    def pick(self, of: Sequence[T]) -> T:
        return self.rng.choice(of)


scenes = st.builds(
    Scene,
    st.sampled_from(MOMENTS),
    st.sampled_from(PLACES),
    st.sampled_from([[MeshLevel.HALF], [MeshLevel.QUARTER], list(MeshLevel)]),
    st.integers(0, PEOPLE),
    st.integers(0, 2**32),
)


def put_all(world: World, index: MatchingIndex) -> None:
    """Bring a whole world into an index, person by person."""
    for supporter in world.supporters.values():
        index.put(supporter)
    for person in range(1, PEOPLE + 1):
        mine = {b for a, b in world.links if a == person}
        index.set_links(
            person,
            [Link(b, world.links[person, b][0], world.links[b, person][0], world.links[person, b][1]) for b in mine],
        )
        index.set_communities(person, [(id_, world.weights[id_]) for id_ in world.communities.get(person, ())])
        index.set_blocks(person, world.blocks.get(person, ()))
        index.set_suspended(person, suspended=person in world.suspended)


def load_all(world: World, index: MatchingIndex) -> None:
    """Bring a whole world into an index, table by table."""
    supporters = list(world.supporters.values())
    index.load_supporters(SupporterTable.of(supporters))
    weekly = [
        (s.person_id, h.weekday, h.start_min, h.end_min, h.from_day, h.until_day) for s in supporters for h in s.weekly
    ]
    owner, *hours = table(weekly, 6)
    index.load_weekly(owner, hours)
    owner, *hours = table(
        [(s.person_id, h.day, h.start_min, h.end_min, h.adds) for s in supporters for h in s.dated], 5
    )
    index.load_dated(owner, hours)
    index.load_unavailable(*table([(s.person_id, *p) for s in supporters for p in s.unavailable], 3))
    index.load_busy(*table([(s.person_id, *p) for s in supporters for p in s.busy], 3))
    pairs = [(a, b) for a, b in world.links if a < b]
    there, back = [world.links[p][0] for p in pairs], [world.links[b, a][0] for a, b in pairs]
    friend = [world.links[p][1] for p in pairs]
    index.load_links(
        *table(pairs, 2), a_to_b=np.array(there), b_to_a=np.array(back), friend=np.array(friend, dtype=np.bool_)
    )
    members = [(person, id_) for person, ids in world.communities.items() for id_ in ids]
    persons, ids = table(members, 2)
    index.load_communities(persons, ids, np.array([world.weights[id_] for _, id_ in members]))
    index.load_blocks(*table([(a, b) for a, others in world.blocks.items() for b in others], 2))
    for person in world.suspended:
        index.set_suspended(person, suspended=True)


def table(rows: Sequence[tuple[int, ...]], width: int) -> list[npt.NDArray[np.int64]]:
    return list(np.array(rows, np.int64).reshape(-1, width).T)
