"""What every peer of the comparison is: something that ranks one request."""

from typing import NamedTuple, Protocol

from sharecare.matching.model import Query


class Found(NamedTuple):
    """Asks in order, then suggestions in order."""

    person_ids: list[int]
    scores: list[float]
    suggestion: list[bool]


class Peer(Protocol):
    def rank(self, query: Query) -> object:
        """Do the work that is timed."""
        ...

    def found(self, query: Query) -> Found:
        """Do it again, and show what came out."""
        ...
