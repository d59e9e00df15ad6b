"""The four ways of asking. Each is a process per request: it asks, says how long it waits, and goes on.

It is stopped as soon as the request is booked or its time has come.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sharecare.matching import Circle
from sharecare.simulate.model import Candidates, Need, Rules


class Wait(NamedTuple):
    """Waking minutes to wait, from now or `since` a moment; `unless_refused` goes on once everyone asked has said no.

    With None for minutes, only then.
    """

    minutes: int | None
    unless_refused: bool = False
    since: int | None = None


class Desk(Protocol):
    """What a policy can do."""

    rules: Rules

    @property
    def now(self) -> int:
        """The minute it is."""
        ...

    def candidates(self, need: Need, circle: Circle) -> Candidates:
        """List who can be asked and has not been, best first."""
        ...

    def ask(self, need: Need, chosen: Candidates, *, direct: bool = False) -> None:
        """Send each a message; a yes to a direct one books at once."""
        ...

    def join_batch(self, need: Need) -> int:
        """Collect a request; give the minutes until its batch is assigned."""
        ...

    def assigned(self, need: Need) -> Candidates:
        """Give whom the batch assigned to a request: one person, or nobody."""
        ...


Process = Iterator[Wait]


@dataclass(frozen=True, slots=True)
class Policy:
    """A way of asking; where `chooses`, the family picks among offers unless the request is urgent."""

    name: str
    process: Callable[[Desk, Need], Process]
    chooses: bool


def _broadcast(desk: Desk, need: Need) -> Process:
    desk.ask(need, desk.candidates(need, need.query.circle))
    yield from ()


def _nearest_first(desk: Desk, need: Need) -> Process:
    while left := desk.candidates(need, need.query.circle):
        nearest = left.distance_m.argsort(kind="stable")[: desk.rules.group]
        desk.ask(need, left.take(nearest))
        yield Wait(desk.rules.next_group_after_min, unless_refused=True)


def _waves(desk: Desk, need: Need) -> Process:
    reach = need.query.circle
    circles = [reach] if desk.rules.urgent(need) else [Circle(ring) for ring in range(reach + 1)]
    began = desk.now
    for circle in circles:
        # Where nobody is new waiting would help no one, so the next circle opens.
        while fresh := desk.candidates(need, circle).take(slice(desk.rules.most_asked)):
            desk.ask(need, fresh)
            if circle < reach:
                yield Wait(desk.rules.due_min(Circle(circle + 1)), unless_refused=True, since=began)
                break
            yield Wait(None, unless_refused=True)


def _paced_waves(desk: Desk, need: Need) -> Process:
    """Go through the circles in small groups, best-ranked first, and on to the next circle when one is used up."""
    reach = need.query.circle
    for circle in [reach] if desk.rules.urgent(need) else [Circle(ring) for ring in range(reach + 1)]:
        while fresh := desk.candidates(need, circle).take(slice(desk.rules.group)):
            desk.ask(need, fresh)
            yield Wait(desk.rules.next_group_after_min, unless_refused=True)


def _waves_with_batches(desk: Desk, need: Need) -> Process:
    if need.query.start - need.opened_at >= desk.rules.batch_if_ahead_min:
        yield Wait(desk.join_batch(need))
        if chosen := desk.assigned(need):
            desk.ask(need, chosen, direct=True)
            yield Wait(desk.rules.first_ask_min, unless_refused=True)
    yield from _waves(desk, need)


BROADCAST = Policy("broadcast", _broadcast, chooses=False)
NEAREST_FIRST = Policy("nearest_first", _nearest_first, chooses=False)
WAVES = Policy("waves", _waves, chooses=True)
WAVES_WITH_BATCHES = Policy("waves_with_batches", _waves_with_batches, chooses=True)
PACED_WAVES = Policy("paced_waves", _paced_waves, chooses=True)
"""Not ShareCare's way today: what its waves could learn from asking the nearest first."""
POLICIES = (BROADCAST, NEAREST_FIRST, WAVES, WAVES_WITH_BATCHES)
