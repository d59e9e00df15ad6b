"""All supporters in memory, ranked for one request in a fraction of a millisecond."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sharecare.matching import search
from sharecare.matching.free import booked_minutes, free_minutes, free_spans, might_offer
from sharecare.matching.model import Facts, Query, Ranking
from sharecare.matching.store import Store
from sharecare.matching.ties import Reach
from sharecare.matching.words import Circle, Level

Ints = npt.NDArray[np.int64]


class MatchingIndex(Store):
    """What `Store` keeps, ranked.

    One thread may use an index at a time: changes are written where rankings read.
    """

    def rank(self, query: Query) -> Ranking:
        """List the best candidates, asks first."""
        return self._ordered(self._find(query, self._reach(query)), query)[0]

    def rank_and_explain(self, query: Query) -> tuple[Ranking, list[Facts]]:
        """Do what `rank` does, and say of everyone listed why they were found."""
        reach = self._reach(query)
        found = self._find(query, reach)
        ranking, rows = self._ordered(found, query)
        return ranking, self._facts(found.take(rows), query, reach)

    def explain(self, query: Query, person_ids: Sequence[int]) -> list[Facts]:
        """Say why each of some ranked people was found.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        reach = self._reach(query)
        at = np.unique([self._known(person_id) for person_id in person_ids]).astype(np.int64)
        distance_m = search.distances(self._slots, at, self._levels, query, math.inf)
        circle, doubt = search.tied(self._slots, at, reach, place=self._place, position=self._position)
        search.qualified(self._slots, at, circle, query)
        free = free_minutes(self._hours, at, (query.start, query.end), query.buffer_min)
        every = self._facts(search.Found(at, circle, distance_m, doubt, free), query, reach)
        facts = {fact.person_id: fact for fact in every}
        return [facts[person_id] for person_id in person_ids]

    def _ordered(self, found: search.Found, query: Query) -> tuple[Ranking, Ints]:
        return search.ordered(self._slots, found, lambda at: self._booked(at, query.start), query)

    def _facts(self, found: search.Found, query: Query, reach: Reach) -> list[Facts]:
        minutes = query.end - query.start
        return list(search.facts(self._slots, found, self._ties, reach, window_minutes=minutes))

    def levels(self, person_ids: Sequence[int], minute: int) -> list[Level]:
        """Return the level that each of some people holds at a minute.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        at = np.array([self._known(person_id) for person_id in person_ids], np.int64)
        steps = (self._slots.identified_until, self._slots.trained_until, self._slots.certified_until)
        held = sum((step.take(at) > minute).astype(np.int8) for step in steps)
        return [Level(level) for level in np.asarray(held).tolist()]

    def free_spans(self, query: Query, person_ids: Sequence[int]) -> list[list[tuple[int, int]]]:
        """List when in the window each of some ranked people is free, in minutes since its start.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        at = np.array([self._known(person_id) for person_id in person_ids], np.int64)
        return free_spans(self._hours, at, (query.start, query.end), query.buffer_min)

    def _find(self, query: Query, reach: Reach) -> search.Found:
        """Sift the candidates, cheapest test first."""
        slots, window = self._slots, (query.start, query.end)
        radius_m = min(query.max_distance_m, self._widest_m)
        at = self._candidates(query, reach, radius_m)
        at = at.take(search.fitting(slots, at, query))
        circle, doubt = search.tied(slots, at, reach, place=self._place, position=self._position)
        kept = search.qualified(slots, at, circle, query)
        at, circle, doubt = at.take(kept), circle.take(kept), doubt.take(kept)
        distance_m = search.distances(slots, at, self._levels, query, radius_m)
        found = search.allowed(slots, at, distance_m, query, self._slot_of(reach.requester))
        found &= might_offer(self._hours, at, query.start, query.end)
        if blocked := self._blocked(reach.requester, query):
            found &= np.isin(slots.person.take(at), blocked, invert=True)
        kept = found.nonzero()[0]
        at = at.take(kept)
        free = free_minutes(self._hours, at, window, query.buffer_min, search.least_minutes(query))
        return search.Found(at, circle.take(kept), distance_m.take(kept), doubt.take(kept), free)

    def _blocked(self, requester: int, query: Query) -> list[int]:
        """List the people a request may not find, by number."""
        return [*self._ties.blocked(requester), *map(self._ties.people.number, query.away_ids)]

    def _candidates(self, query: Query, reach: Reach, radius_m: float) -> Ints:
        """List slots to look at, ascending: nobody eligible is missing."""
        if query.named_id is not None:
            slot = self._slot(query.named_id)
            return np.array([slot] if slot >= 0 else [], np.int64)
        if query.circle == Circle.FRIENDS:
            friends = self._place.take(reach.person[reach.circle == Circle.FRIENDS]) - 1
            return np.sort(friends[friends >= 0]).astype(np.int64)
        if not self._levels:
            return np.zeros(0, np.int64)
        at = search.slots_within(self._slots.key[: self._sorted], self._levels, query, radius_m)
        if self._used == self._sorted:
            return at
        return np.concatenate([at, np.arange(self._sorted, self._used)])

    def _reach(self, query: Query) -> Reach:
        return self._ties.reach(self._ties.people.number(query.requester_id))

    def _booked(self, at: Ints, start: int) -> Ints:
        given = self._slots.booked_minutes.take(at)
        if (given >= 0).all():
            return given.astype(np.int64)
        return np.where(given >= 0, given, booked_minutes(self._hours, at, start))
