"""scikit-learn's BallTree for the neighbours, plain Python for the rest."""

from array import array
from math import radians
from typing import Any

import numpy as np
from bench.peers import plain
from bench.peers.peer import Found
from bench.peers.tables import Tables
from sklearn.neighbors import BallTree

from sharecare.geo import Cell, MeshLevel
from sharecare.matching.model import Column, Query
from sharecare.matching.words import Level

_EARTH_M = 6_371_008.8
_ROOM = 1.01  # a sphere is up to half a percent off; the formula decides
_DAY = 1440


class Rows:
    """Entries by person: those of one stand together in each column."""

    def __init__(self, people: int, owner: Column, columns: list[Column]) -> None:
        order = np.argsort(owner, kind="stable")
        self.first = _array(np.searchsorted(owner[order], np.arange(people + 1)))
        self.columns = [_array(column[order]) for column in columns]

    def of(self, person: int) -> list[tuple[Any, ...]]:
        here = slice(self.first[person], self.first[person + 1])
        return list(zip(*(column[here] for column in self.columns), strict=True))


class Neighbours:
    def __init__(self, tables: Tables) -> None:
        s, people = tables.supporters, len(tables.supporters)
        lat, lon = (2 * s.cell_row.astype(np.int64) + 1) / 480, (2 * s.cell_column.astype(np.int64) + 1) / 320
        self._tree = BallTree(np.radians(np.column_stack([lat, lon])), metric="haversine")
        self._rows, self._columns, self._kinds = _array(s.cell_row), _array(s.cell_column), _array(s.kinds)
        self._capacity, self._min_age = _array(s.capacity), _array(s.min_age_months)
        self._max_age, self._radius_m = _array(s.max_age_months), _array(s.travel_radius_m)
        self._certified_until = _array(np.where(s.level >= Level.CERTIFIED, s.certified_until, -1))
        a, b, strength = tables.links
        self._friends = Rows(
            people, np.concatenate([a, b]), [np.concatenate([b, a]), np.concatenate([strength, strength])]
        )
        owner, weekday, start, end, first, last = tables.weekly
        hours = [weekday.astype(np.int64) * _DAY + start, end - start, first, last]
        self._weekly = Rows(people, owner, hours)
        self._busy = Rows(people, tables.busy[0], list(tables.busy[1:]))
        person, community, weight = tables.communities
        self._communities = Rows(people, person, [community])
        self._members = Rows(int(community.max()) + 1, community, [person])
        self._weights = dict(zip(community.tolist(), weight.tolist(), strict=True))

    def rank(self, query: Query) -> Found:
        here = [[radians(degrees) for degrees in query.cell.centre]]
        near = self._tree.query_radius(here, query.max_distance_m / _EARTH_M * _ROOM)[0].tolist()
        doubt = self._doubt(query.requester_id)
        return plain.ordered(query, [one for at in near if (one := self._judge(query, at, doubt))])

    def found(self, query: Query) -> Found:
        return self.rank(query)

    def _judge(self, query: Query, at: int, doubt: dict[int, float]) -> plain.Candidate | None:
        fits = (
            self._kinds[at] & query.kind
            and self._capacity[at] >= query.children
            and self._min_age[at] <= query.youngest_months
            and self._max_age[at] >= query.oldest_months
            and at != query.requester_id
            and (at in doubt or self._certified_until[at] >= query.end)
        )
        if not fits:
            return None
        metres = plain.distance_m(query.cell, Cell(MeshLevel.HALF, self._rows[at], self._columns[at]))
        if max(metres, 250) > min(query.max_distance_m, self._radius_m[at]):
            return None
        busy = self._busy.of(at)
        free = plain.free_minutes(query, self._weekly.of(at), busy)
        if not free:
            return None
        score = plain.score(query, metres, 1 - doubt.get(at, 1.0), free)
        return plain.Candidate(at, score, free, plain.booked_minutes(query, busy))

    def _doubt(self, person: int) -> dict[int, float]:
        """Give, for all a person is tied to, what doubt the ties leave."""
        doubt: dict[int, float] = {}
        for friend, strength in self._friends.of(person):
            doubt[friend] = doubt.get(friend, 1.0) * (1 - strength)
            for other, onward in self._friends.of(friend):
                doubt[other] = doubt.get(other, 1.0) * (1 - 0.5 * strength * onward)
        for (community,) in self._communities.of(person):
            for (member,) in self._members.of(community):
                doubt[member] = doubt.get(member, 1.0) * (1 - self._weights[community])
        return doubt


def _array(column: Column) -> "array[Any]":
    if np.issubdtype(column.dtype, np.floating):
        return array("d", column.tobytes())
    return array("q", column.astype(np.int64).tobytes())
