"""All supporters in memory, ranked for one request in a fraction of a millisecond."""

from collections.abc import Sequence

import numpy as np

from sharecare.matching.kernel import Held, Kernel
from sharecare.matching.model import Facts, Query, Ranking
from sharecare.matching.store import Store
from sharecare.matching.words import Circle, Level

_EXPLAINED = ["person_id", "circle", "free_minutes", "distance_m"]


class MatchingIndex(Store):
    """What `Store` keeps, ranked.

    One thread may use an index at a time: changes are written where rankings read.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kernel = Kernel()

    def rank(self, query: Query) -> Ranking:
        """List the best candidates, asks first."""
        return self._kernel.rank(self._held(), query)

    def rank_and_explain(self, query: Query) -> tuple[Ranking, list[Facts]]:
        """Do what `rank` does, and say of everyone listed why they were found."""
        ranking = self._kernel.rank(self._held(), query)
        return ranking, self._facts(ranking, query)

    def explain(self, query: Query, person_ids: Sequence[int]) -> list[Facts]:
        """Say why each of some ranked people was found.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        slots = np.array([self._known(person_id) for person_id in person_ids], np.int64)
        return self._facts(self._kernel.describe(self._held(), query, slots), query)

    def levels(self, person_ids: Sequence[int], minute: int) -> list[Level]:
        """Return the level that each of some people holds at a minute.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        at = np.array([self._known(person_id) for person_id in person_ids], np.int64)
        steps = ("identified_until", "trained_until", "certified_until")
        held = sum((self._slots[step][at] > minute).astype(np.int8) for step in steps)
        return [Level(level) for level in np.asarray(held).tolist()]

    def free_spans(self, query: Query, person_ids: Sequence[int]) -> list[list[tuple[int, int]]]:
        """List when in the window each of some ranked people is free, in minutes since its start.

        Raises:
            UnknownSupporterError: one of them is in the index no more.

        """
        held = self._held()
        return [self._kernel.free_spans(held, query, self._known(person_id)) for person_id in person_ids]

    def _held(self) -> Held:
        return Held(
            self._slots,
            self._hours,
            self._ties,
            self._place,
            self._cell_levels,
            self._sorted,
            self._used,
            self._widest_m,
        )

    def _facts(self, ranking: Ranking, query: Query) -> list[Facts]:
        requester = self._ties.people.number(query.requester_id)
        heard = self._ties.heard_friends(requester)
        facts = []
        for person_id, ring, free_minutes, distance_m in ranking.candidates[_EXPLAINED].tolist():
            person, circle = self._ties.people.number(person_id), Circle(ring)
            facts.append(
                Facts(
                    person_id,
                    circle,
                    friend=circle == Circle.FRIENDS,
                    mutual_friend_ids=self._ties.mutual_friends(heard, person),
                    community_ids=self._ties.communities.ids(requester, person),
                    distance_m=distance_m,
                    free_minutes=free_minutes,
                    window_minutes=query.end - query.start,
                )
            )
        return facts
