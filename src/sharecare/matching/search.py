"""The steps of ranking one request, each on whole columns: reach, limits, ties, order."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.geo.grid import distances_within, grid_point, number_level, numbers_within
from sharecare.geo.mesh import MeshLevel
from sharecare.matching.model import Facts, Query, Ranking
from sharecare.matching.rows import counted, filled
from sharecare.matching.score import Floats, nearness, rank_key, score
from sharecare.matching.slots import Slots, needed_word
from sharecare.matching.ties import ANYONE, FRIENDS, FRIENDS_OF_FRIENDS, Reach, Ties
from sharecare.matching.words import Circle

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Rings = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]

_PART = 1 << 48  # more than any score in billionths
_OUT = 1 << 50


class Found(NamedTuple):
    """People whom nothing but their time may rule out, as parallel columns; doubt is 1 less trust."""

    slot: Ints
    circle: Rings
    distance_m: Floats
    doubt: Floats
    free_minutes: Ints

    def take(self, rows: Ints) -> "Found":
        """Return some of them, in another order."""
        return Found(
            self.slot.take(rows),
            self.circle.take(rows),
            self.distance_m.take(rows),
            self.doubt.take(rows),
            self.free_minutes.take(rows),
        )


def least_minutes(query: Query) -> int:
    """Return what a candidate must have free: half the window."""
    return (query.end - query.start + 1) // 2


def slots_within(keys: Ints, levels: list[MeshLevel], query: Query, radius_m: float) -> Ints:
    """Find the slots of all cells within a radius, and few others, in ascending order."""
    y, x = grid_point(*query.cell)
    stretches = [keys.searchsorted(numbers_within(level, y, x, radius_m)).reshape(2, -1) for level in levels]
    start, end = stretches[0] if len(stretches) == 1 else np.concatenate(stretches, axis=1)
    count = end - start
    slots: Ints = (end - np.add.accumulate(count)).repeat(count)
    slots += counted(len(slots))
    return slots


def fitting(slots: Slots, at: Ints, query: Query) -> Ints:
    """Find the positions of those who offer this kind and means of care to as many children of these ages."""
    need, wanted = needed_word(query)
    words = slots.word.take(at)
    words -= need
    words &= wanted
    found: Ints = (words == wanted).nonzero()[0]
    return found


def distances(slots: Slots, at: Ints, levels: list[MeshLevel], query: Query, radius_m: float) -> Floats:
    """Measure between cell centres, at least half the nominal side of the coarser cell.

    Whoever is beyond the radius comes out somewhere beyond it.
    """
    found = distances_within(*grid_point(*query.cell), slots.y.take(at), slots.x.take(at), radius_m)
    if len(levels) == 1:
        np.maximum(found, min(query.cell.level, levels[0]).nominal_m / 2, out=found)
    else:
        halvings = np.minimum(number_level(slots.key.take(at)), query.cell.level.halvings)
        np.maximum(found, 500 >> halvings, out=found)
    return found


def allowed(slots: Slots, at: Ints, distance_m: Floats, query: Query, own: int) -> Truths:
    """Tell who is near enough, of another household, and old enough; nobody finds themselves in their `own` slot."""
    kept = distance_m <= np.minimum(slots.radius_m.take(at), query.max_distance_m)
    kept &= slots.household_id.take(at) != query.household_id
    kept &= at != own
    if query.born_by_day is not None:
        kept &= slots.birth_day.take(at) <= query.born_by_day
    return kept


def tied(slots: Slots, at: Ints, reach: Reach, *, place: Numbers, position: Numbers) -> tuple[Rings, Floats]:
    """Give each slot's innermost circle by ties alone, and the requester's doubt in them.

    `place` holds each person's slot, counted from 1. `position` is room by slot for positions in `at`, with anything
    in it: whatever it says is checked, so nothing need be cleared (a sparse set, as Briggs and Torczon call it).
    """
    circle, doubt = filled(len(at), ANYONE, np.uint8), filled(len(at), 1.0)
    if not len(at):
        return circle, doubt
    position[at] = counted(len(at))
    target = np.subtract(place.take(reach.person), 1, dtype=np.int64)
    where = position.take(target)
    hit = (at.take(where, mode="clip") == target).nonzero()[0]
    where = where.take(hit)
    circle[where] = reach.circle.take(hit)
    np.multiply.at(doubt, where, reach.doubt.take(hit))
    for members, weight in reach.crowds:
        people = slots.person.take(at)
        shared = (members.take(members.searchsorted(people), mode="clip") == people).nonzero()[0]
        circle[shared] = np.minimum(circle.take(shared), FRIENDS_OF_FRIENDS)
        doubt[shared] *= 1 - weight
    return circle, doubt


def qualified(slots: Slots, at: Ints, circle: Rings, query: Query) -> Ints:
    """Find the positions of those who stand in a circle the request has reached and hold what is asked there.

    Writes into `circle` who is in the open one by being certified.
    """
    certified = slots.certified_until.take(at) >= query.end
    stranger = circle == ANYONE
    stranger &= certified
    circle -= stranger  # OPEN is one ring inside ANYONE
    kept = circle <= int(query.circle)  # NumPy compares with a member of an enumeration five times as slowly
    if query.min_level or any(query.circle_levels):
        levels = [max(query.min_level, level) for level in (*query.circle_levels, query.circle_levels[-1])]
        held = certified.astype(np.uint8)
        held += slots.trained_until.take(at) >= query.end
        held += slots.identified_until.take(at) >= query.end
        kept &= held >= np.array(levels, np.uint8).take(circle)
    if query.needs_notification:
        kept &= (circle == FRIENDS) | (slots.notified_until.take(at) >= query.end)
    return kept.nonzero()[0]


def ordered(slots: Slots, found: Found, booked: Callable[[Ints], Ints], query: Query) -> tuple[Ranking, Ints]:
    """Order asks, then suggestions, and keep the best of each; return their rows in `found` too."""
    window = query.end - query.start
    trust = 1 - found.doubt
    distance = nearness(found.distance_m, query.scale_m)
    availability = found.free_minutes / window
    scores = score(query.weights, distance, trust, availability)
    part = found.free_minutes < window
    keys = part * _PART
    keys -= rank_key(scores)
    keys[found.free_minutes < least_minutes(query)] = _OUT

    def preferred(at: Ints) -> tuple[Ints, Ints]:
        slot = found.slot.take(at)
        return slots.person_id.take(slot), booked(slot)

    rows, asked = _best(keys, len(keys) - int(np.count_nonzero(part)), preferred, query.top)
    ranking = Ranking(
        slots.person_id.take(found.slot.take(rows)),
        scores.take(rows),
        found.distance_m.take(rows),
        distance.take(rows),
        trust.take(rows),
        availability.take(rows),
        found.free_minutes.take(rows),
        counted(len(rows)) >= asked,
    )
    return ranking, rows


def _best(keys: Ints, asks: int, preferred: Callable[[Ints], tuple[Ints, Ints]], top: int) -> tuple[Ints, int]:
    """List the rows of the best asks, then of the best suggestions, and count the asks.

    Only those whose keys tie, and that the last place could go to, are asked by what else they are preferred: the
    second figure, then the first.
    """
    rows = keys.argsort()
    keys = keys.take(rows)
    asked = _places(keys[:asks], top)
    end = asks + _places(keys[asks : int(keys.searchsorted(_OUT))], top)
    if asked < asks:
        rows, keys = (np.concatenate([column[:asked], column[asks:end]]) for column in (rows, keys))
    else:
        rows, keys = rows[:end], keys[:end]
    tied = keys[1:] == keys[:-1]
    if np.count_nonzero(tied):
        at = np.zeros(len(rows), np.bool_)
        at[1:] = tied
        at[:-1] |= tied
        among = rows[at]
        rows[at] = among.take(np.lexsort((*preferred(among), keys[at])))
    if asked > top:
        return np.concatenate([rows[:top], rows[asked : asked + top]]), top
    return rows[: asked + top], asked


def _places(keys: Ints, top: int) -> int:
    """Count the best of ascending keys, with all that tie for the last place."""
    if not 0 < top < len(keys):
        return len(keys) if top else 0
    return int(keys.searchsorted(keys[top - 1], "right"))


def facts(slots: Slots, found: Found, ties: Ties, reach: Reach, *, window_minutes: int) -> Iterator[Facts]:
    """Say how each candidate was found, in the order of `found`."""
    who = slots.person_id.take(found.slot), slots.person.take(found.slot)
    how = found.circle, found.distance_m, found.free_minutes
    rows = zip(*(column.tolist() for column in (*who, *how)), strict=True)
    for person_id, person, ring, distance_m, free_minutes in rows:
        circle = Circle(ring)
        yield Facts(
            person_id,
            circle,
            friend=circle == Circle.FRIENDS,
            mutual_friend_ids=ties.mutual_friends(reach, person),
            community_ids=ties.communities.ids(reach.requester, person),
            distance_m=distance_m,
            free_minutes=free_minutes,
            window_minutes=window_minutes,
        )
