"""The index kept as fresh as the last commit: it reads the journal, and whom a fact names is read again."""

import asyncio
import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import ids_of_area
from sharecare.areas.rules import Circle, Level
from sharecare.certification.rules import Ladder
from sharecare.clock import to_minutes
from sharecare.journal.feed import Feed
from sharecare.journal.models import Fact
from sharecare.matching import words
from sharecare.matching.area_rules import AreaRules, read_areas
from sharecare.matching.assign_model import Problem
from sharecare.matching.assign_problem import problem_from
from sharecare.matching.changes import Changes
from sharecare.matching.index import MatchingIndex
from sharecare.matching.loading import BusyStream, Progress, load_index
from sharecare.matching.model import Facts, Query
from sharecare.matching.queries import (
    Busy,
    Known,
    people_of_households,
    read_busy,
    read_hours,
    read_known,
    read_profiles,
)
from sharecare.matching.reasons import in_words, rounded_m
from sharecare.trust.queries import sizes_of
from sharecare.trust.rules import community_weight

PEOPLE_AT_ONCE = 1000
_NOWHERE = 2**63 - 1
MANY_PEOPLE = 20_000  # from here on reading everyone anew, as columns, is faster


@dataclass(frozen=True, slots=True)
class Match:
    """One result as people may know it: order and words, no score."""

    supporter_id: int
    circle: Circle  # the open one too for whoever was named and stands in none
    distance_m: int  # rounded to 100 m
    facts: Facts  # for `reasons_in` alone: they say more than people may know
    free_minutes: int
    whole: bool
    level: Level
    mutual_friends: int  # how many; never who
    community_ids: tuple[int, ...]  # those that both belong to
    free: list[tuple[int, int]]  # when in the window, in minutes since its start

    def reasons_in(self, language: str, *, to_supporter: bool = False) -> list[str]:
        """Say why they were found: to the family, or to themselves."""
        return in_words(self.facts, language, to_supporter=to_supporter)


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
        self._areas: dict[int, AreaRules] = {}
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
    def areas(self) -> Mapping[int, AreaRules]:
        """Every area's rules by its id, as fresh as all else."""
        return self._areas

    @property
    def position(self) -> int:
        """How far in the journal everything is known; 0 before the first load."""
        return self._feed.position if self._feed else 0

    @property
    def looks_from(self) -> int:
        """Where to count the facts for `is_caught_up` from; before the first load there is nothing to count."""
        return self._feed.position if self._feed else _NOWHERE

    async def behind(self, session: AsyncSession) -> int | None:
        """Count the committed facts not seen yet; None before the first load."""
        return await self._feed.behind(session) if self._feed else None

    def is_caught_up(self, beyond: int, *, now: datetime) -> bool:
        """Say whether there is nothing to do for that many facts beyond `looks_from`, as the request counted them."""
        return (
            self._feed is not None
            and self._feed.has_seen(beyond)
            and not self._undone
            and not self._lapsed
            and not (self._lapses and self._lapses[0][0] <= now)
        )

    async def catch_up(
        self, session: AsyncSession, *, now: datetime, progress: Progress = lambda _what, _share: None
    ) -> None:
        """Bring in every change committed before this call; the first call loads everyone."""
        async with self._turn:
            if self._feed is None:
                await self._load(session, now, progress)
            await self._follow(session, now)
            self.caught_up_at = now

    def find(self, query: Query, *, now: datetime) -> list[Match]:
        """Rank one request and say why each was found and what level they hold now, asks before suggestions."""
        with self._timed():
            ranking, facts = self._index.rank_and_explain(query)
        person_ids = ranking.person_ids.tolist()
        levels = self._index.levels(person_ids, to_minutes(now))
        partly = [fact.person_id for fact in facts if fact.free_minutes < fact.window_minutes]
        free = dict(zip(partly, self._index.free_spans(query, partly), strict=True))
        return [
            Match(
                supporter_id=fact.person_id,
                circle=Circle.OPEN if fact.circle is words.Circle.ANYONE else Circle[fact.circle.name],
                distance_m=rounded_m(fact.distance_m),
                facts=fact,
                free_minutes=fact.free_minutes,
                whole=fact.person_id not in free,
                level=level,
                mutual_friends=len(fact.mutual_friend_ids),
                community_ids=fact.community_ids,
                free=free.get(fact.person_id, [(0, fact.window_minutes)]),
            )
            for fact, level in zip(facts, levels, strict=True)
        ]

    def problem(
        self,
        queries: Sequence[Query],
        *,
        timezone: str,
        daily_limit: int,
        children: Sequence[Collection[int]],
    ) -> Problem:
        """Return what `assign` solves, no booking counted: everyone who could be asked for each of many requests."""
        return problem_from(self._index, queries, timezone=timezone, daily_limit=daily_limit, children=children)

    async def _load(self, session: AsyncSession, now: datetime, progress: Progress) -> None:
        feed = await Feed.from_now(session)
        self._areas = dict(await read_areas(session))
        loaded = await load_index(session, self._all_busy, now=now, progress=progress)
        self._index, self._lapses, self._feed = loaded.index, loaded.lapses, feed
        self._undone, self._lapsed = [], set()
        heapq.heapify(self._lapses)

    async def _follow(self, session: AsyncSession, now: datetime) -> None:
        """Read again what new facts name; what a fault or a cancelled request leaves undone, the next look does."""
        if self._feed is None:
            return
        self._undone += await self._feed.read(session)
        if self._feed.outdated:  # what is known is newer than anything this session could read
            return
        self._lapsed |= self._take_lapsed(now)
        if not self._undone and not self._lapsed:
            return
        changes, people = await self._touched(session)
        if len(people) > MANY_PEOPLE:
            await self._load(session, now, lambda _what, _share: None)
            self._undone += await self._feed.read(session)
            changes, people = await self._touched(session)
        people |= await self._read_profiles(session, changes.profiles - people)
        await self._read_again(session, people, now)
        await self._read_sizes(session, changes.communities)
        await self._read_hours(session, changes.hours - people, now)
        await self._read_bookings(session, changes.bookings - people)
        self._undone, self._lapsed = [], set()

    async def _touched(self, session: AsyncSession) -> tuple[Changes, set[int]]:
        """Return what has changed, with the areas' own rules read again, and of whom everything may have."""
        changes = Changes.told_by(self._undone)
        people = changes.people | self._lapsed
        if changes.areas:
            self._areas |= await read_areas(session, changes.areas)
        for area_id in sorted(changes.ladders):
            people |= set(await ids_of_area(session, area_id))
        if changes.households:
            people |= set(await people_of_households(session, changes.households))
        return changes, people

    async def _read_profiles(self, session: AsyncSession, person_ids: Collection[int]) -> set[int]:
        """Read again what some people offer and hold; return those of whom everything has to be read."""
        others: set[int] = set()
        for part in _parts(person_ids):
            for profile in await read_profiles(session, part, ladders=self._ladders()):
                self._index.set_suspended(profile.person_id, suspended=profile.suspended)
                if profile.supporter is None:
                    self._index.remove(profile.person_id)
                elif not self._index.set_profile(profile.supporter):
                    others.add(profile.person_id)
        return others

    async def _read_hours(self, session: AsyncSession, person_ids: Collection[int], now: datetime) -> None:
        for part in _parts(one for one in person_ids if one in self._index):
            for person_id, (weekly, dated) in (await read_hours(session, part, now=now)).items():
                self._index.set_hours(person_id, weekly, dated)

    async def _read_bookings(self, session: AsyncSession, person_ids: Collection[int]) -> None:
        for part in _parts(one for one in person_ids if one in self._index):
            for person_id, periods in (await read_busy(session, part, self._busy)).items():
                self._index.set_busy(person_id, periods)

    async def _read_again(self, session: AsyncSession, person_ids: Collection[int], now: datetime) -> None:
        for part in _parts(person_ids):
            for known in await read_known(session, part, self._busy, ladders=self._ladders(), now=now):
                self._put(known)

    async def _read_sizes(self, session: AsyncSession, community_ids: Collection[int]) -> None:
        """Weigh communities again: who joins or leaves may change what the others' membership counts for."""
        if community_ids:
            for community_id, members in await sizes_of(session, community_ids):
                self._index.set_community_weight(community_id, community_weight(members))

    def _ladders(self) -> dict[int, Ladder]:
        return {area_id: rules.ladder for area_id, rules in self._areas.items()}

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


def _parts(person_ids: Iterable[int]) -> Iterator[list[int]]:
    ids = sorted(person_ids)
    for first in range(0, len(ids), PEOPLE_AT_ONCE):
        yield ids[first : first + PEOPLE_AT_ONCE]
