"""A made-up country to measure on: towns of very different size, neighbours who know each other.

Town sizes are lognormal and people lie normally around a town's centre, so that a request finds about 900 supporters
within 3 km on average and some 4,500 in the largest towns, whatever the number of supporters.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sharecare.geo import Cell, MeshLevel, cells_of
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Query, SupporterTable
from sharecare.matching.words import ALL_MEANS, ALWAYS, NEVER, Kind, Level
from sharecare.matching.zones import DAY

Ints = npt.NDArray[np.int64]

FIRST_DAY = 20_605  # Monday, 1 June 2026
RADIUS_M = 3000.0

_PER_TOWN = 1_400
_SIZE_SPREAD = 0.8
_SPREAD_KM = 2.5
_KM_PER_DEGREE = 111.0
_PAIRS = 5  # each person has these and is in as many others': 10 links
_STRANGERS = 40
_WINDOWS = 5
_BOOKINGS = 5
_COMMUNITY = 100
_JST_MIN = 540


class BenchmarkWorld:
    """People 0 to `supporters` - 1, the same for the same seed; tables are made when asked for, one at a time."""

    def __init__(self, supporters: int, seed: int = 1) -> None:
        self.supporters = supporters
        self._rng = np.random.default_rng(seed)
        towns = max(1, supporters // _PER_TOWN)
        sizes = self._rng.lognormal(0, _SIZE_SPREAD, towns)
        ends = np.round(sizes.cumsum() / sizes.sum() * supporters).astype(np.int64)
        lat = self._rng.uniform(31, 43, towns)
        lon = 130 + (lat - 31) * 0.9 + self._rng.uniform(-1.5, 1.5, towns)
        self.rows, self.columns = np.empty((2, supporters), np.int32)
        for first, end, *centre in zip(
            [0, *ends[:-1].tolist()], ends.tolist(), lat.tolist(), lon.tolist(), strict=True
        ):
            self.rows[first:end], self.columns[first:end] = self._town(end - first, *centre)

    def _town(self, people: int, lat: float, lon: float) -> tuple[Ints, Ints]:
        spread = _SPREAD_KM / _KM_PER_DEGREE
        return cells_of(
            lat + self._rng.normal(0, spread, people),
            lon + self._rng.normal(0, spread / np.cos(np.radians(lat)), people),
        )

    def index(self) -> MatchingIndex:
        """Build the index; the largest tables come first, while there is nothing beside them."""
        index = MatchingIndex()
        self._load_links(index)
        index.load_supporters(self._table())
        self._load_hours(index)
        self._load_busy(index)
        people = np.arange(self.supporters)
        index.load_communities(people, people // _COMMUNITY, np.full(self.supporters, 0.2))
        return index

    def queries(self, count: int) -> Iterator[Query]:
        """Make requests by people of this world, so larger towns ask more often; every one is open to all circles."""
        rng = self._rng
        for person in rng.integers(0, self.supporters, count).tolist():
            start = (FIRST_DAY + int(rng.integers(0, 28))) * DAY + int(rng.integers(8, 19)) * 60 - _JST_MIN
            age = int(rng.integers(6, 120))
            yield Query(
                requester_id=person,
                household_id=person,
                cell=Cell(MeshLevel.HALF, int(self.rows[person]), int(self.columns[person])),
                start=start,
                end=start + int(rng.integers(2, 7)) * 30,
                kind=Kind(1 << int(rng.integers(0, 4))),
                youngest_months=age,
                oldest_months=age,
                children=1 + int(rng.random() < 0.2),  # noqa: PLR2004  -- a fifth bring a sibling
                max_distance_m=RADIUS_M,
            )

    def candidates(self, query: Query) -> int:
        """Count everyone in the square of cells around a request, as wide as the circle."""
        north = np.abs(self.rows - query.cell.row) * (_KM_PER_DEGREE / 240)
        lat = np.radians(query.cell.centre[0])
        east = np.abs(self.columns - query.cell.column) * (_KM_PER_DEGREE / 160 * np.cos(lat))
        return int(np.count_nonzero(np.hypot(north, east) <= RADIUS_M / 1000))

    def _load_links(self, index: MatchingIndex) -> None:
        a = np.tile(np.arange(self.supporters, dtype=np.int32), _PAIRS)
        step = np.repeat(np.arange(_PAIRS, dtype=np.int32) * _STRANGERS + 1, self.supporters)
        step += self._rng.integers(0, _STRANGERS, len(step), dtype=np.int32)
        b = (a + step) % np.int32(self.supporters)
        strength = (1 - 0.4 * 0.8 ** np.arange(4))[self._rng.integers(0, 4, len(a), dtype=np.int8)]
        index.load_links(a, b, a_to_b=strength, b_to_a=strength, friend=np.ones(len(a), np.bool_))

    def _table(self) -> SupporterTable:
        rng, count = self._rng, self.supporters
        people = np.arange(count)
        certified = rng.random(count) < 0.2  # noqa: PLR2004  -- a fifth
        return SupporterTable(
            timezones=("Asia/Tokyo",),
            timezone=np.zeros(count, np.int8),
            person_id=people,
            household_id=people,
            cell_level=np.full(count, MeshLevel.HALF, np.int8),
            cell_row=self.rows,
            cell_column=self.columns,
            travel_radius_m=np.full(count, RADIUS_M),
            capacity=rng.integers(1, 4, count, np.int8),
            min_age_months=rng.integers(0, 13, count, np.int16),
            max_age_months=rng.integers(60, 145, count, np.int16),
            kinds=rng.integers(1, 16, count, np.int8),
            means=np.full(count, ALL_MEANS, np.int8),
            level=np.where(certified, np.int8(Level.CERTIFIED), rng.integers(0, 3, count, np.int8)),
            identified_until=np.full(count, NEVER, np.int32),
            trained_until=np.full(count, NEVER, np.int32),
            certified_until=np.full(count, (FIRST_DAY + 400) * DAY, np.int32),
            notified_until=np.full(count, NEVER, np.int32),
            birth_day=np.full(count, ALWAYS, np.int32),
            booked_minutes=np.full(count, -1, np.int8),
        )

    def _load_hours(self, index: MatchingIndex) -> None:
        owner = np.repeat(np.arange(self.supporters, dtype=np.int32), _WINDOWS)
        entries = len(owner)
        start = self._rng.integers(14, 37, entries, dtype=np.int16) * np.int16(30)
        end = start + self._rng.integers(4, 13, entries, dtype=np.int16) * np.int16(30)
        # On five different days, as people's weeks are.
        weekday = (np.tile(np.arange(_WINDOWS, dtype=np.int8), self.supporters) + owner.astype(np.int8)) % np.int8(7)
        until = np.full(entries, NEVER, np.int32)
        until[self._rng.integers(0, entries, entries // 10)] = FIRST_DAY + 20
        index.load_weekly(owner, [weekday, start, end, np.full(entries, ALWAYS, np.int32), until])

    def _load_busy(self, index: MatchingIndex) -> None:
        owner = np.repeat(np.arange(self.supporters, dtype=np.int32), _BOOKINGS)
        start = self._rng.integers(FIRST_DAY, FIRST_DAY + 28, len(owner), dtype=np.int32)
        start *= np.int32(DAY)
        start += self._rng.integers(16, 39, len(owner), dtype=np.int16) * np.int16(30) - np.int16(_JST_MIN)
        end = start + self._rng.integers(2, 7, len(owner), dtype=np.int16) * np.int16(30)
        index.load_busy(owner, start, end)


def rank_times_us(
    index: MatchingIndex, queries: Sequence[Query], clock_ns: Callable[[], int]
) -> npt.NDArray[np.float64]:
    """Time each ranking by a clock that counts nanoseconds."""
    times = np.empty(len(queries))
    for at, query in enumerate(queries):
        before = clock_ns()
        index.rank(query)
        times[at] = (clock_ns() - before) / 1000
    return times
