"""One policy lived through on one world, minute by minute: the real index ranks, simulated people answer."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import Any

import numpy as np

from sharecare.matching import Circle
from sharecare.matching.zones import DAY, pieces
from sharecare.simulate.batch import Limits, Wanted, assign_batch
from sharecare.simulate.model import Candidates, Course, Need, Outcome, Rules, World
from sharecare.simulate.people import Answer, Behaviour, answers, later, willingness
from sharecare.simulate.policies import Policy, Process

_EVERYONE = 1_000_000


@dataclass(slots=True)
class _Case:
    """A request on its way."""

    need: Need
    process: Process
    asked: set[int] = field(default_factory=set)
    direct: set[int] = field(default_factory=set)
    refused: int = 0
    offers: set[int] = field(default_factory=set)
    choosing: bool = False
    turned_away: int = 0
    open: bool = True
    reachable: bool = False
    wakes_early: bool = False
    step: int = 0
    booking: tuple[int, int, float, bool] | None = None


def live(world: World, policy: Policy, behaviour: Behaviour, rules: Rules) -> Course:
    """Play a policy on a world that stays as it is; the same arguments give the same course."""
    return _Run(world, policy, behaviour, rules).course()


class _Run:
    """The desk that a policy works at, and the clock."""

    def __init__(self, world: World, policy: Policy, behaviour: Behaviour, rules: Rules) -> None:
        self.rules = rules
        self._world, self._policy, self._behaviour = world, policy, behaviour
        self._index = deepcopy(world.index)
        self._busy = {person: list(busy) for person, busy in world.busy.items()}
        self.now = 0
        self._events: list[tuple[int, int, Callable[..., None], Any]] = []
        self._order = count()
        self._heard: dict[int, list[int]] = defaultdict(list)
        self._messages: Counter[int] = Counter()
        self._bookings = Counter(
            (person, self._day_of(start)) for person, busy in world.busy.items() for start, _ in busy
        )
        self._batches: dict[int, list[Need]] = defaultdict(list)
        self._batch_of: dict[int, int] = {}
        self._assigned: dict[int, Candidates] = {}
        self._cases = {need.number: _Case(need, policy.process(self, need)) for need in world.needs}
        for case in self._cases.values():
            self._at(case.need.opened_at, self._open, case)
            self._at(case.need.query.start - rules.give_up_before_min, self._run_out, case)

    def course(self) -> Course:
        while self._events:
            self.now, _, act, fact = heappop(self._events)
            act(*fact)
        return Course(self._policy.name, tuple(map(_outcome, self._cases.values())), dict(self._messages))

    # What a policy can do.

    def candidates(self, need: Need, circle: Circle) -> Candidates:
        asked, day = self._cases[need.number].asked, self._day(need)
        found = self._rank(need, circle)
        kept = [
            row
            for row, person in enumerate(found.person_ids.tolist())
            if person not in asked and self._bookings[person, day] < self.rules.bookings_a_day
        ]
        return found.take(np.array(kept, np.int64))

    def ask(self, need: Need, chosen: Candidates, *, direct: bool = False) -> None:
        case = self._cases[need.number]
        people = chosen.person_ids.tolist()
        lately = np.array([self._lately(person) for person in people], np.int64)
        willing = willingness(self._behaviour, chosen.distance_m, chosen.trust, lately)
        replies = answers(self._behaviour, (self._world.seed, need.number), chosen.person_ids, willing)
        for person, answer, after_min in zip(people, replies.answer.tolist(), replies.after_min.tolist(), strict=True):
            case.asked.add(person)
            self._heard[person].append(self.now)
            self._messages[person] += need.counted
            if direct:
                case.direct.add(person)
            if answer != Answer.SILENCE:
                act = self._offer if answer == Answer.YES else self._refuse
                self._at(self._later(after_min), act, case, person)

    def join_batch(self, need: Need) -> int:
        minutes = self.rules.batch_every_min - self.now % self.rules.batch_every_min
        self._batch_of[need.number] = due = self._later(minutes)
        self._batches[due].append(need)
        return minutes

    def assigned(self, need: Need) -> Candidates:
        batch = self._batches.pop(self._batch_of[need.number], [])
        wanted = [
            Wanted(one, self._day(one), self.candidates(one, one.query.circle))
            for one in batch
            if self._cases[one.number].open
        ]
        if wanted:
            rows = assign_batch(wanted, Limits(self.rules.bookings_a_day, self._bookings))
            for one in wanted:
                row = rows.get(one.need.number)
                self._assigned[one.need.number] = one.found.take(slice(0) if row is None else slice(row, row + 1))
        return self._assigned[need.number]

    # What happens to a request.

    def _open(self, case: _Case) -> None:
        case.reachable = bool(self.candidates(case.need, case.need.query.circle))
        self._go_on(case, case.step)

    def _go_on(self, case: _Case, step: int) -> None:
        """Let the policy act, unless it was woken before."""
        if not case.open or step != case.step:
            return
        case.step += 1
        wait = next(case.process, None)
        case.wakes_early = wait is not None and wait.unless_refused
        if wait is not None and wait.minutes is not None:
            since = self.now if wait.since is None else wait.since
            due = later(self._behaviour, self._world.zone, since, wait.minutes)
            self._at(max(due, self.now), self._go_on, case, case.step)

    def _refuse(self, case: _Case, _person: int) -> None:
        case.refused += 1
        if case.wakes_early and case.refused == len(case.asked):
            self._go_on(case, case.step)

    def _offer(self, case: _Case, person: int) -> None:
        if not case.open:
            case.turned_away += 1
        elif not self._policy.chooses or person in case.direct or self.rules.urgent(case.need):
            self._book(case, {person})
        else:
            case.offers.add(person)
            if not case.choosing:
                case.choosing = True
                self._at(self._later(self._behaviour.choosing_min), self._choose, case)

    def _choose(self, case: _Case) -> None:
        if case.open:
            case.choosing = False
            self._book(case, case.offers)

    def _run_out(self, case: _Case) -> None:
        if case.open:
            self._book(case, case.offers)
        case.open = False

    def _book(self, case: _Case, offers: set[int]) -> None:
        """Bind the best-ranked of those who offered and are still free; there may be none."""
        query, day = case.need.query, self._day(case.need)
        found = self._rank(case.need, query.circle)
        able = [
            row
            for row, person in enumerate(found.person_ids.tolist())
            if person in offers and self._bookings[person, day] < self.rules.bookings_a_day
        ]
        if not able:
            case.offers -= offers
            return
        person = int(found.person_ids[able[0]])
        case.open = False
        case.turned_away += len(case.offers | offers) - 1
        facts = self._index.explain(query, [person])[0]
        acquainted = facts.friend or bool(facts.mutual_friend_ids)
        case.booking = (person, self.now, float(found.distance_m[able[0]]), acquainted)
        self._bookings[person, day] += 1
        periods = self._busy.setdefault(person, [])
        periods.append((query.start, query.end))
        self._index.set_busy(person, periods)

    # Small helpers.

    def _rank(self, need: Need, circle: Circle) -> Candidates:
        found = self._index.rank(replace(need.query, circle=circle, top=_EVERYONE))
        asks = len(found) - int(np.count_nonzero(found.suggestion))
        return Candidates(found.person_ids, found.score, found.distance_m, found.trust).take(slice(asks))

    def _lately(self, person: int) -> int:
        heard = self._heard[person]
        return len(heard) - bisect_left(heard, self.now - self._behaviour.tired_for_days * DAY)

    def _day(self, need: Need) -> int:
        return self._day_of(need.query.start)

    def _day_of(self, minute: int) -> int:
        return (minute + pieces(self._world.zone, minute, minute + 1)[0].offset) // DAY

    def _later(self, minutes: int) -> int:
        return later(self._behaviour, self._world.zone, self.now, minutes)

    def _at(self, minute: int, act: Callable[..., None], *facts: object) -> None:
        heappush(self._events, (minute, next(self._order), act, facts))


def _outcome(case: _Case) -> Outcome:
    person, booked_at, distance_m, acquainted = case.booking or (None, None, 0.0, False)
    return Outcome(
        case.need, person, booked_at, distance_m, acquainted, len(case.asked), case.turned_away, case.reachable
    )
