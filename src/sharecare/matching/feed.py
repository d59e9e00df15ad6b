"""The index kept as fresh as the last commit: it reads the journal, and whom a fact names is read again."""

import asyncio
import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.journal.feed import Feed
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.matching.assign_model import Problem
from sharecare.matching.assign_problem import problem_from
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Period, Query
from sharecare.matching.queries import Busy, Known, all_person_ids, people_of_households, read_known
from sharecare.matching.reasons import in_words, rounded_m
from sharecare.matching.words import Circle

PEOPLE_AT_ONCE = 1000
OF_HOUSEHOLDS = frozenset({FactKind.HOME_MOVED, FactKind.GUARDIAN_JOINED})
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
        FactKind.BOOKING_CONFIRMED,
        FactKind.BOOKING_CHANGED,
        FactKind.BOOKING_CANCELLED,
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
    """One process's index and its place in the journal."""

    def __init__(self, busy: Busy) -> None:
        self._busy = busy
        self._index = MatchingIndex()
        self._feed: Feed | None = None
        self._lapses: list[tuple[datetime, int]] = []
        self._turn = asyncio.Lock()

    @property
    def position(self) -> int:
        """How far in the journal everything is known; 0 before the first load."""
        return self._feed.position if self._feed else 0

    async def catch_up(self, session: AsyncSession, *, now: datetime) -> None:
        """Bring in every change committed before this call; the first call loads everyone."""
        async with self._turn:
            if self._feed is None:
                await self._load(session, now)
                return
            facts = await self._feed.read(session)
            if any(fact.kind == FactKind.AREA_CHANGED for fact in facts):
                await self._load(session, now)  # an area's rules may change every cell and every level in it
                return
            await self._read_again(session, await _touched(session, facts) | self._lapsed(now), now)

    def find(self, query: Query) -> list[Match]:
        """Rank one request and say why each was found, asks before suggestions."""
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

    async def _load(self, session: AsyncSession, now: datetime) -> None:
        feed = await Feed.from_now(session)
        self._index, self._lapses = MatchingIndex(), []
        ids = await all_person_ids(session)
        for first in range(0, len(ids), PEOPLE_AT_ONCE):
            await self._read_again(session, ids[first : first + PEOPLE_AT_ONCE], now)
        self._feed = feed

    async def _read_again(self, session: AsyncSession, person_ids: Collection[int], now: datetime) -> None:
        if person_ids:
            for known in await read_known(session, person_ids, self._busy, now=now):
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

    def _lapsed(self, now: datetime) -> set[int]:
        """Take those whose ties rest on a level that has lapsed: time passes without a fact."""
        people: set[int] = set()
        while self._lapses and self._lapses[0][0] <= now:
            people.add(heapq.heappop(self._lapses)[1])
        return people


async def _touched(session: AsyncSession, facts: Iterable[Fact]) -> set[int]:
    people: set[int] = set()
    households: set[int] = set()
    for fact in facts:
        if fact.kind in OF_PEOPLE:
            people |= {who for who in (fact.person_id, fact.other_id) if who is not None}
        if fact.kind in OF_HOUSEHOLDS:
            households.add(fact.data["household_id"])
    return people | set(await people_of_households(session, households)) if households else people
