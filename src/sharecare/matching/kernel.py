"""The compiled part of ranking, native/rank.c, on the columns of an index as they are at each call."""

import ctypes
import struct
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import chain
from operator import is_
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.geo.grid import metric
from sharecare.matching.hours import DATED, PERIOD, WEEKLY, Hours
from sharecare.matching.model import CANDIDATE, Query, Ranking
from sharecare.matching.rows import NUMBER, SPAN, Column
from sharecare.matching.slots import GLANCE, LOOK, STANDING, Slots, needed_word
from sharecare.matching.ties import LINK, Ties
from sharecare.matching.zones import Piece, pieces

Ints = npt.NDArray[np.int64]

_SOURCES = Path(__file__).with_name("native")
_LIBRARY = Path(__file__).with_name("_kernel.dll" if sys.platform == "win32" else "_kernel.so")

_INT = np.dtype("i4")
# `struct columns`.
_DTYPES = (
    *(np.dtype("i8"), np.dtype("i8"), GLANCE, STANDING, LOOK, np.dtype("i2")),
    *(SPAN, WEEKLY, SPAN, DATED, SPAN, PERIOD, SPAN, PERIOD),
    *(_INT, np.dtype("u1"), SPAN, LINK, SPAN, LINK),
    *(SPAN, NUMBER, SPAN, NUMBER, SPAN, NUMBER, np.dtype("f8")),
    *(np.dtype("f8"), np.dtype("f8")),
)
_QUERY = "25q6d"
_QUERY_WORDS = 31
_SPAN = np.dtype([("low", "i8"), ("high", "i8")])
_ANYBODY = -2
_FEW = 300  # beyond this, finding candidates among members costs less than reading the members
_NO_DAY = 2**62
_ASKS_BIT = 32


def _load() -> Iterator[Callable[..., int]]:
    """Load what was compiled from these very sources: for others the columns might lie elsewhere."""
    if not _LIBRARY.exists():
        raise ImportError("matching has not been compiled: install ShareCare again (in a checkout: make setup)")
    library = ctypes.PyDLL(str(_LIBRARY))  # keeps the interpreter's lock, so that nobody changes a column meanwhile
    compiled = ctypes.c_char_p.in_dll(library, "sharecare_source").value
    source = b"".join(path.read_bytes() for path in sorted(_SOURCES.glob("*.[ch]")))
    if compiled != sha256(source).hexdigest().encode():
        raise ImportError("matching was compiled from other sources: install again (in a checkout: make setup)")
    for name, arguments in (("rank", 3), ("describe", 5), ("free_spans", 5)):
        call = library[f"sharecare_{name}"]
        call.argtypes, call.restype = [ctypes.c_ssize_t] * arguments, ctypes.c_int64
        yield call


_rank, _describe, _free_spans = _load()


class Held(NamedTuple):
    """What an index holds at the moment of a call: `sorted` slots by cell, and others up to `used`; see `Store`.

    Bit l of `cell_levels` is set where someone's cell is of level l, counted from the coarsest.
    """

    slots: Slots
    hours: Hours
    ties: Ties
    place: Column
    cell_levels: int
    sorted: int
    used: int
    widest_m: float


class _Room:
    """Records at a known address, laid anew where they get too few."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.records = np.zeros(0, dtype)
        self._bytes = self.records.view(np.uint8).data
        self.address = 0

    def of(self, records: int) -> Column:
        if records > len(self.records):
            self.records = np.zeros(2 * records, self.records.dtype)
            self._bytes = self.records.view(np.uint8).data
            self.address = self.records.ctypes.data
        return self.records

    def first(self, records: int) -> Column:
        """Copy some, not to be written to: as bytes, for NumPy copies records field by field."""
        dtype = self.records.dtype
        return np.frombuffer(self._bytes[: records * dtype.itemsize].tobytes(), dtype)


class Kernel:
    """Calls into native/rank.c for one index; one thread at a time, as for the index."""

    def __init__(self) -> None:
        self._seen: list[Column] = []
        self._people = 0
        self._columns, self._request = _Room(np.int64), _Room(np.int64)
        self._out, self._spans = _Room(CANDIDATE), _Room(_SPAN)

    def __reduce__(self) -> tuple[type["Kernel"], tuple[()]]:
        """Let a copied index find its own columns: the addresses here are those of the original."""
        return Kernel, ()

    def rank(self, held: Held, query: Query) -> Ranking:
        """Find the best candidates, asks first."""
        self._out.of(2 * min(query.top, held.used))
        count = _checked(_rank(*self._asked(held, query), self._out.address))
        asks = count >> _ASKS_BIT
        return Ranking(self._out.first(count - (asks << _ASKS_BIT)), asks)

    def describe(self, held: Held, query: Query, slots: Ints) -> Ranking:
        """Find how each of some slots stands to a request, fit for it or not, in their order."""
        self._out.of(len(slots))
        _checked(_describe(*self._asked(held, query), slots.ctypes.data, len(slots), self._out.address))
        return Ranking(self._out.first(len(slots)), len(slots))

    def free_spans(self, held: Held, query: Query, slot: int) -> list[tuple[int, int]]:
        """List when in the window a slot is free, in minutes since its start."""
        asked = self._asked(held, query)
        count = room = 0
        while count >= room:
            room = count + 1
            out = self._spans.of(room)
            count = _checked(_free_spans(*asked, slot, self._spans.address, room))
        spans: list[tuple[int, int]] = out[:count].tolist()
        return spans

    def _asked(self, held: Held, query: Query) -> tuple[int, int]:
        """Lay out a query, and give the addresses of the columns and of the query."""
        people, zones = held.ties.people, held.hours.zones
        self._point(held)
        if len(people) > self._people:
            raise RuntimeError("the index knows more people than it has room for: a change of it failed halfway")
        first_piece = [0]
        window: list[Piece] = []
        for zone in zones:
            window += pieces(zone, query.start, query.end)
            first_piece.append(len(window))
        away = list(map(people.number, query.away_ids))
        lists = [*first_piece, *chain.from_iterable(window), *away]
        struct.pack_into(
            f"{_QUERY}{len(lists)}q",
            self._request.of(_QUERY_WORDS + len(lists)).data,
            0,
            *(people.number(query.requester_id), query.household_id, *query.cell),
            *(query.start, query.end, query.buffer_min, *needed_word(query)),
            *(query.circle, query.min_level, *query.circle_levels, query.needs_notification),
            _NO_DAY if query.born_by_day is None else query.born_by_day,
            _ANYBODY if query.named_id is None else _slot(held, query.named_id),
            *(min(query.top, held.used), held.sorted, held.used, held.cell_levels, len(zones), len(away), _FEW),
            *(query.max_distance_m, held.widest_m, query.scale_m, *query.weights),
            *lists,
        )
        return self._columns.address, self._request.address

    def _point(self, held: Held) -> None:
        """Note where the columns lie, if any is another one than at the last call; `_seen` keeps them alive."""
        now = [*held.slots.columns(), *held.hours.columns(), held.place, *held.ties.columns(), *metric()]
        if len(now) == len(self._seen) and all(map(is_, now, self._seen)):
            return
        addresses = self._columns.of(len(_DTYPES))
        for at, (column, dtype) in enumerate(zip(now, _DTYPES, strict=True)):
            if column.dtype != dtype or not column.flags.c_contiguous:
                raise TypeError(f"column {at} is {column.dtype}, not {dtype}, or is no whole column")
            addresses[at] = column.ctypes.data
        self._seen = now
        self._people = min(len(held.place), held.ties.room)


def _slot(held: Held, person_id: int) -> int:
    number = held.ties.people.number(person_id)
    return int(held.place[number]) - 1 if number >= 0 else -1


def _checked(count: int) -> int:
    if count < 0:
        raise MemoryError("a ranking found no memory")
    return count
