"""A town made up from a few figures: who lives there, who knows whom, who offers which hours."""

from collections.abc import Iterator

import numpy as np

from sharecare.areas.rules import AreaSettings
from sharecare.geo import Cell, cell_of
from sharecare.matching import (
    ALL_MEANS,
    ALWAYS,
    FRIEND_BASE,
    NEVER,
    Kind,
    Level,
    Link,
    MatchingIndex,
    Supporter,
    WeeklyHours,
    community_weight,
)
from sharecare.simulate.model import Place, World
from sharecare.simulate.need import draw_needs
from sharecare.simulate.people import AS_ASSUMED, Behaviour
from sharecare.simulate.spec import Family, TownSpec, supporters_of

ZONE = "Asia/Tokyo"
_SCATTER = 0.0016  # degrees, about 150 m around a block's point, as in the demo
_OWN_MONTHS = 14, 132  # the demo's children
_PATTERNS = ("day", "evening", "evening", "wide", "weekend")
_WEEKEND = (8 * 60, 18 * 60)
# Hours on weekdays, and the share of weekdays on which they are offered: the demo's.
_WEEKDAY_HOURS = {
    "day": (8 * 60, 16 * 60, 0.9),
    "evening": (16 * 60, 20 * 60, 0.85),
    "wide": (7 * 60, 20 * 60, 0.8),
}


class GeneratedTown:
    """A town like a description; each seed is another such town, or another month in the same one."""

    def __init__(self, spec: TownSpec | None = None) -> None:
        self.spec = spec or TownSpec()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def places(self) -> tuple[Place, ...]:
        return self.spec.blocks

    def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
        spec = self.spec
        people = seed if spec.people_seed is None else spec.people_seed
        rng = np.random.default_rng([people, 1])
        homes = [_home(rng, spec) for _ in range(spec.members)]
        helpers = supporters_of(spec.members, spec.supporter_share)
        levels = rng.permutation(_levels(spec, helpers)).tolist()
        supporters = [_supporter(rng, person, homes[person], Level(levels[person])) for person in range(helpers)]
        asking = range(helpers - round(helpers * spec.both_share), spec.members)
        families = [_family(rng, person, homes[person]) for person in asking]
        groups = _groups(rng, spec)
        friends = sorted(_friends(rng, spec, groups))
        needs = draw_needs(np.random.default_rng([seed, 2]), spec, families, days, behaviour)
        return World(
            seed=seed,
            zone=ZONE,
            index=_index(supporters, groups, friends),
            supporters=tuple(range(helpers)),
            needs=tuple(needs),
            busy={},
            links={person: tuple(_links_of(person, friends)) for person in range(helpers)},
            memberships={person: tuple(_memberships_of(person, groups)) for person in range(helpers)},
            cells=tuple(sorted(set(homes))),
            days=days,
        )


def _levels(spec: TownSpec, helpers: int) -> list[Level]:
    ends = np.cumsum(spec.level_shares) * helpers
    ladder = (Level.CERTIFIED, Level.TRAINED, Level.IDENTIFIED)
    return [
        next((level for level, end in zip(ladder, ends, strict=True) if place + 0.5 < end), Level.REGISTERED)
        for place in range(helpers)
    ]


def _home(rng: np.random.Generator, spec: TownSpec) -> Cell:
    block = spec.blocks[int(rng.integers(len(spec.blocks)))]
    north, east = rng.uniform(-_SCATTER, _SCATTER, 2).tolist()
    return cell_of(block.lat + north, block.lon + east, AreaSettings().cell_level)


def _family(rng: np.random.Generator, person: int, cell: Cell) -> Family:
    months = tuple(rng.integers(*_OWN_MONTHS, int(rng.choice((1, 1, 2, 2, 3)))).tolist())
    # Few families ask often and many seldom: lognormal, the busiest tenth making about a third of all requests.
    return Family(person, cell, months, float(rng.lognormal(0, 0.8)))


def _supporter(rng: np.random.Generator, person: int, cell: Cell, level: Level) -> Supporter:
    kinds = [kind for kind in Kind if rng.random() < 0.75]  # noqa: PLR2004  -- the demo's
    return made_supporter(
        person,
        cell,
        level,
        hours=_hours(rng),
        kinds=sum(kinds, Kind(0)) or Kind.PICKUP,
        capacity=int(rng.choice((1, 2, 2, 3))),
        radius_m=float(rng.choice((1500, 2000, 2500, 3000))),
    )


def made_supporter(
    person: int,
    cell: Cell,
    level: Level,
    *,
    hours: tuple[WeeklyHours, ...],
    kinds: Kind,
    capacity: int,
    radius_m: float,
    zone: str = ZONE,
) -> Supporter:
    """Make a supporter for children from one to twelve; a certified one has an accepted notification."""
    return Supporter(
        person_id=person,
        household_id=person,
        cell=cell,
        travel_radius_m=radius_m,
        capacity=capacity,
        min_age_months=AreaSettings().child_min_months,
        max_age_months=AreaSettings().child_max_months,
        timezone=zone,
        kinds=kinds,
        means=ALL_MEANS,
        level=level,
        notified_until=NEVER if level == Level.CERTIFIED else ALWAYS,
        weekly=hours,
    )


def _hours(rng: np.random.Generator) -> tuple[WeeklyHours, ...]:
    """Draw a week: some help after work, some by day, some at weekends."""
    pattern = _PATTERNS[int(rng.integers(len(_PATTERNS)))]
    weekend = 1.0 if pattern in ("weekend", "wide") else 0.35
    start, end, share = _WEEKDAY_HOURS.get(pattern, (0, 0, 0.0))
    week = [WeeklyHours(weekday, start, end) for weekday in range(5) if rng.random() < share]
    week += [WeeklyHours(weekday, *_WEEKEND) for weekday in (5, 6) if rng.random() < weekend]
    return tuple(week or [WeeklyHours(5, 9 * 60, 17 * 60)])


def _groups(rng: np.random.Generator, spec: TownSpec) -> list[list[int]]:
    size = min(spec.community_size, spec.members)
    count = round(spec.members / spec.members_per_community)
    return [rng.choice(spec.members, size, replace=False).tolist() for _ in range(count)]


def _friends(rng: np.random.Generator, spec: TownSpec, groups: list[list[int]]) -> set[tuple[int, int]]:
    """Let people meet in their communities and at meet-ups; pairs, the smaller id first."""
    size = min(spec.meetup_size, spec.members)
    meetups = [
        rng.choice(spec.members, size, replace=False).tolist()
        for _ in range(round(spec.members / spec.members_per_meetup))
    ]
    shares = [(group, spec.met_in_community) for group in groups] + [(some, spec.met_at_meetup) for some in meetups]
    return {
        (min(one, other), max(one, other))
        for present, share in shares
        for place, one in enumerate(present)
        for other in present[place + 1 :]
        if rng.random() < share
    }


def _index(supporters: list[Supporter], groups: list[list[int]], friends: list[tuple[int, int]]) -> MatchingIndex:
    index = MatchingIndex()
    for supporter in supporters:
        index.put(supporter)
    pairs = np.array(friends, np.int64).reshape(-1, 2).T
    strength = np.full(len(friends), FRIEND_BASE)
    index.load_links(*pairs, a_to_b=strength, b_to_a=strength, friend=np.ones(len(friends), np.bool_))
    members = np.array([member for group in groups for member in group], np.int64)
    numbers = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    weights = np.array([community_weight(len(group)) for group in groups]).take(numbers) if groups else np.zeros(0)
    index.load_communities(members, numbers, weights)
    return index


def _links_of(person: int, friends: list[tuple[int, int]]) -> Iterator[Link]:
    for one, other in friends:
        if person in (one, other):
            yield Link(other if person == one else one, FRIEND_BASE, FRIEND_BASE)


def _memberships_of(person: int, groups: list[list[int]]) -> Iterator[tuple[int, float]]:
    for number, group in enumerate(groups):
        if person in group:
            yield number, community_weight(len(group))
