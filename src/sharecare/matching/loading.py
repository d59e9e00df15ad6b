"""The index from the whole database: every table read once, as columns, with no Python object for each row.

Longest table first, while there is nothing beside it in memory. What the engine lays out runs in a thread, so that the
process goes on answering.
"""

import asyncio
import ctypes
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import hidden_ids, stream_supporters, supporter_zones
from sharecare.availability.queries import stream_dated, stream_weekly
from sharecare.batches import NULL, Page
from sharecare.certification.queries import stream_standings
from sharecare.clock import from_minutes, to_minutes
from sharecare.geo import cells_from_codes
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Column, SupporterTable
from sharecare.matching.queries import LAST_MINUTE, TWO_DAYS
from sharecare.matching.rows import resized, zeros
from sharecare.matching.score import BOOKED_DAYS
from sharecare.matching.words import ALWAYS, NEVER, Kind, Means
from sharecare.trust.queries import stream_blocks, stream_memberships, stream_ties
from sharecare.trust.rules import FRIEND_BASE, VOUCH_BASE, community_weight, strength

log = logging.getLogger(__name__)
Ints = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]
"""Told what is being read, and how much of it all is done."""

_ROOM = 2**16
_LARGEST = 2**31 - 1
_MMAP_THRESHOLD = -3  # malloc.h
_MOST_COUNTED = 11  # supports beyond the tenth add nothing
_UNBOUNDED = text("SET LOCAL idle_in_transaction_session_timeout = '10min'")
_SHARES = {"ties": 0.3, "standings": 0.15, "supporters": 0.1, "hours": 0.2, "bookings": 0.2, "communities": 0.05}
_STRENGTHS = np.array([[strength(base, n) for n in range(_MOST_COUNTED)] for base in (0.0, VOUCH_BASE, FRIEND_BASE)])


class BusyStream(Protocol):
    """Reads all bookings not over by a moment: supporter, start, end."""

    def __call__(self, session: AsyncSession, *, since: datetime) -> AsyncIterator[Page]: ...


@dataclass(slots=True)
class Loaded:
    """A new index, and when whose ties have to be read again."""

    index: MatchingIndex = field(default_factory=MatchingIndex)
    lapses: list[tuple[datetime, int]] = field(default_factory=list)


class Gathered:
    """Columns that grow page by page, in memory that goes back to the system; `np.int32` widens where ids need it."""

    def __init__(self, *dtypes: npt.DTypeLike) -> None:
        self._columns = [zeros(_ROOM, dtype) for dtype in dtypes]
        self._rows = 0

    def add(self, *columns: Column) -> None:
        rows = self._rows + len(columns[0])
        if rows > len(self._columns[0]):
            for at, column in enumerate(self._columns):
                self._columns[at] = resized(column, 2 * rows)
        for at, column in enumerate(columns):
            if self._columns[at].dtype == np.int32 and column.dtype == np.int64 and len(column):
                self._fit(at, column)
            self._columns[at][self._rows : rows] = column
        self._rows = rows

    def _fit(self, at: int, column: Column) -> None:
        if column.max() > _LARGEST or column.min() < -_LARGEST - 1:
            self._columns[at] = self._columns[at].astype(np.int64)

    def columns(self) -> list[Column]:
        return [column[: self._rows] for column in self._columns]


class Standings:
    """Until when each step and the notification hold, by person."""

    def __init__(self, people: Column, ends: Sequence[Column]) -> None:
        order = people.argsort(kind="stable")
        self._people = people[order]
        self._ends = [end[order] for end in ends]

    def of(self, people: Column) -> list[Column]:
        """Return identified, trained, certified and notified until; `ALWAYS` for never."""
        if not len(self._people):
            return [np.full(len(people), ALWAYS)] * len(self._ends)
        at = self._people.searchsorted(people).clip(max=len(self._people) - 1)
        known = self._people[at] == people
        return [np.where(known, end[at], ALWAYS) for end in self._ends]


async def load_index(session: AsyncSession, busy: BusyStream, *, now: datetime, progress: Progress) -> Loaded:
    """Read everything; on PostgreSQL what is committed meanwhile may be in it, in part."""
    if session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).execute(_UNBOUNDED)
    _give_memory_back()
    loaded, told = Loaded(), _Steps(progress)
    standings = await _standings(told("standings", stream_standings(session)))
    await _load_ties(loaded, told("ties", stream_ties(session)), standings, now)
    for person_id in await hidden_ids(session):
        loaded.index.set_suspended(person_id, suspended=True)
    await _load_supporters(loaded.index, session, told, standings)
    del standings
    await _load_weekly(loaded.index, told("hours", stream_weekly(session)))
    await _load_dated(loaded.index, stream_dated(session, since=now.date() - TWO_DAYS))
    since = now - timedelta(days=BOOKED_DAYS + 1)
    await _load_busy(loaded.index, told("bookings", busy(session, since=since)))
    await _load_communities(loaded.index, told("communities", stream_memberships(session)))
    blocks = await _gathered(stream_blocks(session), np.int32, np.int32)
    await asyncio.to_thread(loaded.index.load_blocks, *blocks)
    progress("ready", 1.0)
    return loaded


def _give_memory_back() -> None:
    """Let the C library hand each freed array back to the system, on Linux.

    Left alone it keeps ever larger ones for later: 200 MB at a million supporters.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, 2**20)


class _Steps:
    """How far everything is, from how far one table is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._before = 0.0

    async def __call__(self, what: str, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
        self._progress(what, self._before)
        async for page in pages:
            yield page
            self._progress(what, self._before + _SHARES[what] * page.done)
        self._before += _SHARES[what]
        log.info("matching has read the %s", what)


async def _gathered(pages: AsyncIterator[Page], *dtypes: npt.DTypeLike) -> list[Column]:
    gathered = Gathered(*dtypes)
    async for page in pages:
        gathered.add(*page.columns)
    return gathered.columns()


async def _standings(pages: AsyncIterator[Page]) -> Standings:
    gathered = Gathered(*[np.int32] * 5)
    async for page in pages:
        people, *ends = page.columns
        gathered.add(people, *(_until(end, ALWAYS) for end in ends))
    people, *ends = gathered.columns()
    return Standings(people, ends)


async def _load_ties(loaded: Loaded, pages: AsyncIterator[Page], standings: Standings, now: datetime) -> None:
    """Load links; a vouch without friendship speaks one way, and while its voucher is identified."""
    gathered, one_way = Gathered(np.int32, np.int32, np.int8, np.int8, np.bool_), False
    async for page in pages:
        low, high, friends, by_low, by_high, supports = page.columns
        there, back = ((by > 0) & (friends == 0) for by in (by_low, by_high))
        one_way |= bool(there.any() or back.any())
        counted = np.minimum(supports, _MOST_COUNTED - 1) + 2 * _MOST_COUNTED * friends
        forth = counted + _vouched(loaded, (low, high), there, standings, now) * _MOST_COUNTED
        reverse = counted + _vouched(loaded, (high, low), back, standings, now) * _MOST_COUNTED
        gathered.add(low, high, forth, reverse, friends)
    a, b, forth, reverse, friend = gathered.columns()
    strengths = _STRENGTHS.ravel()
    a_to_b = strengths.take(forth)
    b_to_a = strengths.take(reverse) if one_way else a_to_b
    await asyncio.to_thread(loaded.index.load_links, a, b, a_to_b=a_to_b, b_to_a=b_to_a, friend=friend)


def _vouched(
    loaded: Loaded, pair: tuple[Ints, Ints], vouches: npt.NDArray[np.bool_], standings: Standings, now: datetime
) -> npt.NDArray[np.int8]:
    """Say for which ties the first one's vouch counts, and note when it won't any more."""
    counts = np.zeros(len(vouches), np.int8)
    if vouches.any():
        at = np.flatnonzero(vouches)
        voucher, other = (side[at] for side in pair)
        identified = standings.of(voucher)[0]
        valid = identified > to_minutes(now)
        counts[at] = valid
        ending = valid & (identified != NEVER)
        ends = [from_minutes(minute) for minute in identified[ending].tolist()]
        for people in (voucher[ending], other[ending]):
            loaded.lapses += zip(ends, people.tolist(), strict=True)
    return counts


async def _load_supporters(index: MatchingIndex, session: AsyncSession, told: _Steps, standings: Standings) -> None:
    """Load supporters without their hours."""
    zones = await supporter_zones(session)
    kinds, means = ({word.name.lower(): word.value for word in words if word.name} for words in (Kind, Means))
    dtypes = (np.int32, np.int32, np.int64, *[np.int32] * 4, np.int16, np.int8, np.int8, np.int64)
    pages = stream_supporters(session, zones=zones, kinds=kinds, means=means)
    columns = await _gathered(told("supporters", pages), *dtypes)
    usable = columns[7] >= 0  # a zone that came up meanwhile: its people are read again
    person, *rest = columns if usable.all() else [column[usable] for column in columns]
    await asyncio.to_thread(_lay_out, index, zones, standings, person, *rest)


def _lay_out(  # noqa: PLR0913, PLR0917  -- one for each column
    index: MatchingIndex,
    zones: Sequence[str],
    standings: Standings,
    person: Column,
    household: Column,
    cell: Column,
    radius_m: Column,
    capacity: Column,
    least: Column,
    most: Column,
    zone: Column,
    kinds: Column,
    means: Column,
    born: Column,
) -> None:
    identified, trained, certified, notified = standings.of(person)
    level, row, column = cells_from_codes(cell)
    table = SupporterTable(
        timezones=zones,
        travel_radius_m=radius_m,
        person_id=person,
        household_id=household,
        cell_level=level,
        cell_row=row,
        cell_column=column,
        capacity=capacity,
        min_age_months=least,
        max_age_months=most,
        timezone=zone,
        kinds=kinds,
        means=means,
        level=sum((end != ALWAYS).astype(np.int8) for end in (identified, trained, certified)),
        identified_until=identified,
        trained_until=trained,
        certified_until=certified,
        notified_until=notified,
        birth_day=np.where(born == NULL, NEVER, born),
        booked_minutes=np.full(len(person), -1, np.int8),
    )
    index.load_supporters(table)


async def _load_weekly(index: MatchingIndex, pages: AsyncIterator[Page]) -> None:
    gathered = Gathered(np.int32, np.int8, np.int16, np.int16, np.int32, np.int32)
    async for page in pages:
        slot, weekday, start, end, first, last = _at_slots(index, page)
        gathered.add(slot, weekday, start, end, _day(first, ALWAYS), _day(last, NEVER))
    slot, *hours = gathered.columns()
    await asyncio.to_thread(index.load_weekly_at, slot, hours)


async def _load_dated(index: MatchingIndex, pages: AsyncIterator[Page]) -> None:
    gathered = Gathered(np.int32, np.int32, np.int16, np.int16, np.bool_)
    async for page in pages:
        gathered.add(*_at_slots(index, page))
    slot, *hours = gathered.columns()
    await asyncio.to_thread(index.load_dated_at, slot, hours)


async def _load_busy(index: MatchingIndex, pages: AsyncIterator[Page]) -> None:
    gathered = Gathered(np.int32, np.int32, np.int32)
    async for page in pages:
        slot, start, end = _at_slots(index, page)
        lasts = end > start
        gathered.add(slot[lasts], start[lasts], end[lasts])
    await asyncio.to_thread(index.load_busy_at, *gathered.columns())


async def _load_communities(index: MatchingIndex, pages: AsyncIterator[Page]) -> None:
    person, community = await _gathered(pages, np.int32, np.int32)
    _, at, members = np.unique(community, return_inverse=True, return_counts=True)
    weights = np.array([community_weight(count) for count in members.tolist()], np.float64)
    await asyncio.to_thread(index.load_communities, person, community, weights[at])


def _at_slots(index: MatchingIndex, page: Page) -> list[Ints]:
    """Put slots for people, who then need no columns of their own, and leave out whoever is no supporter now."""
    slot = index.slots_of(page.columns[0])
    columns = [slot, *page.columns[1:]]
    kept = slot >= 0
    return columns if kept.all() else [column[kept] for column in columns]


def _day(day: Ints, otherwise: int) -> Ints:
    return np.where(day == NULL, otherwise, day)


def _until(minute: Ints, never_reached: int) -> Ints:
    """Bring minutes into what the index holds: it knows no end after the year 5900."""
    open_ended = minute > to_minutes(LAST_MINUTE)
    return np.where(minute == NULL, never_reached, np.where(open_ended, NEVER, minute))
