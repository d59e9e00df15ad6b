"""ShareCare's own index."""

from collections.abc import Callable

from bench.peers.peer import Found

from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Query, Ranking


class Engine:
    rank: Callable[[Query], Ranking]

    def __init__(self, index: MatchingIndex) -> None:
        self.rank = index.rank

    def found(self, query: Query) -> Found:
        ranking = self.rank(query)
        return Found(ranking.person_ids.tolist(), ranking.score.tolist(), ranking.suggestion.tolist())
