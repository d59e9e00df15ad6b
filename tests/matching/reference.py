"""Matching by the book: slow, plain Python, one candidate and one minute at a time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sharecare.matching import Circle, Level, Link, Query, Supporter

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """Everything anybody knows; links by person, communities with their weight, blocks by who put them up."""

    supporters: dict[int, Supporter] = field(default_factory=dict)
    links: dict[tuple[int, int], tuple[float, bool]] = field(default_factory=dict)
    communities: dict[int, set[int]] = field(default_factory=dict)
    weights: dict[int, float] = field(default_factory=dict)
    blocks: dict[int, set[int]] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)

    def set_links(self, person: int, links: Iterable[Link]) -> None:
        self.links = {pair: link for pair, link in self.links.items() if person not in pair}
        for link in links:
            self.links[person, link.other_id] = link.strength_to, link.friend
            self.links[link.other_id, person] = link.strength_from, link.friend


@dataclass(frozen=True)
class Candidate:
    person_id: int
    circle: Circle
    score: float
    distance_m: float
    distance: float
    trust: float
    availability: float
    free_minutes: int
    booked_minutes: int
    mutual_friends: tuple[int, ...]
    communities: tuple[int, ...]


def rank(world: World, query: Query) -> list[Candidate]:
    """List asks, then suggestions, at most `top` of each."""
    judged = [
        judge(world, query, supporter) for supporter in world.supporters.values() if eligible(world, query, supporter)
    ]
    judged.sort(key=lambda c: (-round(c.score * 1e9), c.booked_minutes, c.person_id))
    asks = [c for c in judged if c.availability == 1]
    suggestions = [c for c in judged if 0.5 <= c.availability < 1]
    return asks[: query.top] + suggestions[: query.top]


def eligible(world: World, query: Query, s: Supporter) -> bool:
    required = max(query.min_level, query.circle_levels[min(circle_of(world, query, s), Circle.OPEN)])
    return all(
        [
            s.person_id not in world.suspended,
            s.person_id != query.requester_id,
            s.household_id != query.household_id,
            query.named_id in {None, s.person_id},
            not blocked(world, query.requester_id, s.person_id),
            level_of(s, query.end) >= required,
            not query.needs_notification or is_friend(world, query, s) or s.notified_until >= query.end,
            query.born_by_day is None or s.birth_day <= query.born_by_day,
            query.means is None or query.means in s.means,
            query.kind in s.kinds,
            query.children <= s.capacity,
            s.min_age_months <= query.youngest_months and query.oldest_months <= s.max_age_months,
            distance_m(query, s) <= min(query.max_distance_m, s.travel_radius_m),
            circle_of(world, query, s) <= query.circle,
        ]
    )


def judge(world: World, query: Query, s: Supporter) -> Candidate:
    metres = distance_m(query, s)
    distance = math.exp(-metres / query.scale_m)
    trust = trust_in(world, query, s)
    free = sum(is_free(s, minute, query.buffer_min) for minute in range(query.start, query.end))
    availability = free / (query.end - query.start)
    w = query.weights
    return Candidate(
        person_id=s.person_id,
        circle=circle_of(world, query, s),
        score=w.distance * distance + w.trust * trust + w.availability * availability,
        distance_m=metres,
        distance=distance,
        trust=trust,
        availability=availability,
        free_minutes=free,
        booked_minutes=booked_minutes(s, query.start),
        mutual_friends=tuple(sorted(mutual_friends(world, query.requester_id, s.person_id))),
        communities=tuple(sorted(shared_communities(world, query.requester_id, s.person_id))),
    )


def distance_m(query: Query, s: Supporter) -> float:
    (lat_a, lon_a), (lat_b, lon_b) = query.cell.centre, s.cell.centre
    f = 1 / 298.257223563
    e2 = 2 * f - f * f
    a, middle = 6378137.0, math.radians((lat_a + lat_b) / 2)
    meridian = a * (1 - e2) / (1 - e2 * math.sin(middle) ** 2) ** 1.5
    normal = a / math.sqrt(1 - e2 * math.sin(middle) ** 2)
    east = math.fmod(lon_b - lon_a, 360)
    east = east - 360 if east > 180 else east + 360 if east < -180 else east
    metres = math.hypot(meridian * math.radians(lat_b - lat_a), normal * math.cos(middle) * math.radians(east))
    return max(metres, query.cell.level.nominal_m / 2, s.cell.level.nominal_m / 2)


def level_of(s: Supporter, end: int) -> Level:
    """Climb the ladder while each step is in date through the end of the care."""
    held = Level.REGISTERED
    for step, until in zip([Level.IDENTIFIED, Level.TRAINED, Level.CERTIFIED], s.level_valid_until, strict=True):
        if s.level < step or until < end:
            break
        held = step
    return held


def blocked(world: World, a: int, b: int) -> bool:
    return b in world.blocks.get(a, set()) or a in world.blocks.get(b, set())


def link(world: World, a: int, b: int) -> tuple[float, bool]:
    """Give strength and friendship from a to b, nothing across a block or to a suspended account."""
    if blocked(world, a, b) or b in world.suspended:
        return 0.0, False
    return world.links.get((a, b), (0.0, False))


def is_friend(world: World, query: Query, s: Supporter) -> bool:
    return link(world, query.requester_id, s.person_id)[1]


def mutual_friends(world: World, a: int, b: int) -> set[int]:
    known = {person for pair in world.links for person in pair} - {a, b}
    return {m for m in known if link(world, a, m)[1] and link(world, m, b)[1]}


def shared_communities(world: World, a: int, b: int) -> set[int]:
    return world.communities.get(a, set()) & world.communities.get(b, set())


def circle_of(world: World, query: Query, s: Supporter) -> Circle:
    if is_friend(world, query, s):
        return Circle.FRIENDS
    if mutual_friends(world, query.requester_id, s.person_id):
        return Circle.FRIENDS_OF_FRIENDS
    if shared_communities(world, query.requester_id, s.person_id):
        return Circle.FRIENDS_OF_FRIENDS
    return Circle.OPEN if level_of(s, query.end) == Level.CERTIFIED else Circle.ANYONE


def trust_in(world: World, query: Query, s: Supporter) -> float:
    r, p = query.requester_id, s.person_id
    doubt = 1 - link(world, r, p)[0]
    for m in mutual_friends(world, r, p):
        doubt *= 1 - 0.5 * link(world, r, m)[0] * link(world, m, p)[0]
    for community in shared_communities(world, r, p):
        doubt *= 1 - world.weights[community]
    return 1 - doubt


def is_free(s: Supporter, minute: int, buffer_min: int) -> bool:
    if any(start - buffer_min <= minute < end + buffer_min for start, end in s.busy):
        return False
    if any(start <= minute < end for start, end in s.unavailable):
        return False
    return is_offered(s, minute)


def is_offered(s: Supporter, minute: int) -> bool:
    day, at = wall(s.timezone, minute)
    # Hours that started today, and those of yesterday that cross midnight.
    for started, now in ((day, at), (day - 1, at + 1440), (day - 2, at + 2880)):
        if any(h.day == started and not h.adds and h.start_min <= now < h.end_min for h in s.dated):
            return False
    for started, now in ((day, at), (day - 1, at + 1440), (day - 2, at + 2880)):
        if any(h.day == started and h.adds and h.start_min <= now < h.end_min for h in s.dated):
            return True
        weekday = (date(1970, 1, 1) + timedelta(days=started)).weekday()
        if any(
            h.weekday == weekday and h.from_day <= started <= h.until_day and h.start_min <= now < h.end_min
            for h in s.weekly
        ):
            return True
    return False


@cache
def wall(zone: str, minute: int) -> tuple[int, int]:
    """Read the date (days since 1970) and the minute off the wall clock."""
    local = (EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
    return local.date().toordinal() - EPOCH.toordinal(), local.hour * 60 + local.minute


def booked_minutes(s: Supporter, start: int) -> int:
    if s.booked_minutes >= 0:
        return s.booked_minutes
    first = start - 28 * 1440
    return len({minute for low, high in s.busy for minute in range(max(low, first), min(high, start))})
