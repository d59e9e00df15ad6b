"""The floor: read the candidates' bytes once, from columns sorted by cell, and do nothing with them.

Who is to be read is known beforehand. All within the circle are read for one packed word; those who offer this care to
as many children of these ages also for eight bytes of hours, cell, radius, household, person and certificate; the
certified among those also for their hours and bookings.
"""

from collections.abc import Sequence

import numpy as np
from bench.peers.peer import Found
from bench.peers.tables import Ints, Tables

from sharecare.geo import centres_of
from sharecare.geo.mesh import MeshLevel
from sharecare.matching.model import Column, Query
from sharecare.matching.words import Level

_METRES_PER_DEGREE = 111_100
_EACH = 5  # hours and bookings of everyone


class Floor:
    def __init__(self, tables: Tables, queries: Sequence[Query]) -> None:
        order = tables.by_place()
        s = tables.supporters
        self._word = s.kinds[order].astype(np.int64)
        wide = (np.int64, np.int32, np.int32, np.float64, np.int64, np.int32, np.int32)
        self._fitting = [s.capacity[order].astype(dtype) for dtype in wide]
        entries = (np.int16, np.int16, np.int32, np.int32), (np.int32, np.int32)
        self._entries = [np.ones(len(order) * _EACH, dtype) for dtypes in entries for dtype in dtypes]
        rows, columns = s.cell_row[order], s.cell_column[order]
        lat, lon = centres_of(rows.astype(np.int64), columns.astype(np.int64), MeshLevel.HALF)
        certified = (s.level >= Level.CERTIFIED)[order]
        self._plans = {}
        for query in queries:
            near = _near(query, rows, lat, lon)
            fits = (self._word[near] & query.kind) != 0
            fits &= (s.capacity[order[near]] >= query.children) & (
                s.min_age_months[order[near]] <= query.youngest_months
            )
            fits &= s.max_age_months[order[near]] >= query.oldest_months
            fitting = near[fits]
            held = fitting[certified[fitting]]
            self._plans[id(query)] = near, fitting, (held[:, None] * _EACH + np.arange(_EACH)).ravel()

    def rank(self, query: Query) -> object:
        near, fitting, entries = self._plans[id(query)]
        total = self._word.take(near).sum()
        for column in self._fitting:
            total += column.take(fitting).sum()
        for column in self._entries:
            total += column.take(entries).sum()
        return total

    def found(self, query: Query) -> Found:
        raise NotImplementedError("reading finds nobody")


def _near(query: Query, rows: Column, lat: Column, lon: Column) -> Ints:
    here_lat, here_lon = query.cell.centre
    reach = int(query.max_distance_m / _METRES_PER_DEGREE * 240) + 1
    low, high = rows.searchsorted([query.cell.row - reach, query.cell.row + reach + 1])
    north = (lat[low:high] - here_lat) * _METRES_PER_DEGREE
    east = (lon[low:high] - here_lon) * _METRES_PER_DEGREE * np.cos(np.radians(here_lat))
    return np.asarray(low + np.flatnonzero(np.hypot(north, east) <= query.max_distance_m))
