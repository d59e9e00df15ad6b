"""The index kept as fresh as the last commit: it reads the journal, and whom a fact names is read again."""

import asyncio
import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import ids_of_area
from sharecare.journal.feed import Feed
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.matching.assign_model import Problem
from sharecare.matching.assign_problem import problem_from
from sharecare.matching.index import MatchingIndex
from sharecare.matching.loading import BusyStream, Progress, load_index
from sharecare.matching.model import Period, Query
from sharecare.matching.queries import Busy, Known, people_of_households, read_busy, read_known
from sharecare.matching.reasons import in_words, rounded_m
from sharecare.matching.words import Circle

PEOPLE_AT_ONCE = 1000
MANY_PEOPLE = 20_000  # from here on reading everyone anew, as columns, is faster
OF_HOUSEHOLDS = frozenset({FactKind.HOME_MOVED, FactKind.GUARDIAN_JOINED})
OF_BOOKINGS = frozenset({FactKind.BOOKING_CONFIRMED, FactKind.BOOKING_CHANGED, FactKind.BOOKING_CANCELLED})
OF_PEOPLE = frozenset(
    {
        FactKind.PERSON_JOINED,
        FactKind.PERSON_CHANGED,
        FactKind.PERSON_SUSPENDED,
        FactKind.PERSON_RESTORED,
        FactKind.PERSON_LEFT,
        FactKind.SUPPORTER_CHANGED,
        FactKind.HOURS_CHANGED,
        FactKind.TIE_CHANGED,
        FactKind.FRIENDS_MADE,
        FactKind.FRIENDS_PARTED,
        FactKind.BLOCK_CHANGED,
        FactKind.COMMUNITY_MADE,
        FactKind.COMMUNITY_JOINED,
        FactKind.COMMUNITY_LEFT,
        FactKind.CREDENTIAL_CONFIRMED,
        FactKind.CREDENTIAL_REVOKED,
        FactKind.CARE_COMPLETED,
        *OF_HOUSEHOLDS,
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """One result as people may know it: order and words, no score."""

    person_id: int
    circle: Circle
    distance_m: int  # rounded to 100 m
    reasons: dict[str, list[str]]  # by language
    free_minutes: int
    whole: bool


class LiveIndex:
    """One process's index and its place in the journal.

    Args:
        busy: reads some supporters' bookings.
        all_busy: reads everybody's, as columns.
        timed: wraps each ranking, for whoever measures.

    """

    def __init__(
        self, busy: Busy, all_busy: BusyStream, *, timed: Callable[[], AbstractContextManager[object]] = nullcontext
    ) -> None:
        self._busy = busy
        self._all_busy = all_busy
        self._timed = timed
        self._index = MatchingIndex()
        self._feed: Feed | None = None
        self._lapses: list[tuple[datetime, int]] = []
        self._undone: list[Fact] = []
        self._lapsed: set[int] = set()
        self._turn = asyncio.Lock()
        self.caught_up_at: datetime | None = None

    def __len__(self) -> int:
        """Count the supporters who can be found."""
        return len(self._index)

    @property
    def position(self) -> int:
        """How far in the journal everything is known; 0 before the first load."""
        return self._feed.position if self._feed else 0

    async def behind(self, session: AsyncSession) -> int | None:
        """Count the committed facts not seen yet; None before the first load."""
        return await self._feed.behind(session) if self._feed else None

    async def catch_up(
        self, session: AsyncSession, *, now: datetime, progress: Progress = lambda _what, _share: None
    ) -> None:
        """Bring in every change committed before this call; the first call loads everyone."""
        async with self._turn:
            if self._feed is None:
                await self._load(session, now, progress)
            await self._follow(session, now)
            self.caught_up_at = now

    def find(self, query: Query) -> list[Match]:
        """Rank one request and say why each was found, asks before suggestions."""
        with self._timed():
            ranking = self._index.rank(query)
        facts = self._index.explain(query, ranking.person_ids.tolist())
        return [
            Match(
                person_id=fact.person_id,
                circle=fact.circle,
                distance_m=rounded_m(fact.distance_m),
                reasons={language: in_words(fact, language) for language in ("ja", "en")},
                free_minutes=fact.free_minutes,
                whole=fact.free_minutes == fact.window_minutes,
            )
            for fact in facts
        ]

    def problem(
        self,
        queries: Sequence[Query],
        *,
        timezone: str,
        daily_limit: int,
        children: Sequence[Collection[int]],
        booked: Mapping[int, Sequence[Period]],
    ) -> Problem:
        """Return what `assign` solves: everyone who could be asked for each of many requests."""
        return problem_from(
            self._index, queries, timezone=timezone, daily_limit=daily_limit, children=children, booked=booked
        )

    async def _load(self, session: AsyncSession, now: datetime, progress: Progress) -> None:
        feed = await Feed.from_now(session)
        loaded = await load_index(session, self._all_busy, now=now, progress=progress)
        self._index, self._lapses, self._feed = loaded.index, loaded.lapses, feed
        self._undone, self._lapsed = [], set()
        heapq.heapify(self._lapses)

    async def _follow(self, session: AsyncSession, now: datetime) -> None:
        """Read again whom new facts name; what a fault or a cancelled request leaves undone, the next look does."""
        if self._feed is None:
            return
        self._undone += await self._feed.read(session)
        self._lapsed |= self._take_lapsed(now)
        people = await _touched(session, self._undone) | self._lapsed
        if len(people) > MANY_PEOPLE:
            await self._load(session, now, lambda _what, _share: None)
            self._undone += await self._feed.read(session)
            people = await _touched(session, self._undone)
        await self._read_again(session, people, now)
        booked = {fact.person_id for fact in self._undone if fact.kind in OF_BOOKINGS}
        await self._read_bookings(session, {one for one in booked - people if one is not None and one in self._index})
        self._undone, self._lapsed = [], set()

    async def _read_bookings(self, session: AsyncSession, supporter_ids: Collection[int]) -> None:
        if supporter_ids:
            for supporter_id, periods in (await read_busy(session, supporter_ids, self._busy)).items():
                self._index.set_busy(supporter_id, periods)

    async def _read_again(self, session: AsyncSession, person_ids: Collection[int], now: datetime) -> None:
        ids = sorted(person_ids)
        for first in range(0, len(ids), PEOPLE_AT_ONCE):
            for known in await read_known(session, ids[first : first + PEOPLE_AT_ONCE], self._busy, now=now):
                self._put(known)

    def _put(self, known: Known) -> None:
        index, person_id = self._index, known.person_id
        index.set_suspended(person_id, suspended=known.suspended)
        if known.supporter is None:
            index.remove(person_id)
        else:
            index.put(known.supporter)
        index.set_links(person_id, known.links)
        index.set_communities(person_id, known.communities)
        index.set_blocks(person_id, known.blocked_ids)
        if known.next_lapse_at is not None:
            heapq.heappush(self._lapses, (known.next_lapse_at, person_id))

    def _take_lapsed(self, now: datetime) -> set[int]:
        """Take those whose ties rest on a level that has lapsed: time passes without a fact."""
        people: set[int] = set()
        while self._lapses and self._lapses[0][0] <= now:
            people.add(heapq.heappop(self._lapses)[1])
        return people


async def _touched(session: AsyncSession, facts: Iterable[Fact]) -> set[int]:
    people: set[int] = set()
    households: set[int] = set()
    areas: set[int] = set()
    for fact in facts:
        if fact.kind in OF_PEOPLE:
            people |= {who for who in (fact.person_id, fact.other_id) if who is not None}
        if fact.kind in OF_HOUSEHOLDS:
            households.add(fact.data["household_id"])
        if fact.kind == FactKind.AREA_CHANGED and fact.area_id is not None:
            areas.add(fact.area_id)  # its rules may change every level in it
    for area_id in sorted(areas):
        people |= set(await ids_of_area(session, area_id))
    return people | set(await people_of_households(session, households)) if households else people
