"""Policies side by side: the same worlds, the same people, the same dice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

from sharecare.simulate.batch import assigner
from sharecare.simulate.measures import Estimate, estimate, measure, paired, summed_up
from sharecare.simulate.model import Need, Rules, Town, World
from sharecare.simulate.people import Behaviour
from sharecare.simulate.policies import BROADCAST, POLICIES, Policy
from sharecare.simulate.run import live

Progress = Callable[[str, float], None]
"""Told what is being done and what part of it is done, from 0 to 1."""

SEEDS = tuple(range(1, 11))
DAYS = 30


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of every policy for every seed.

    `reachable` is the share of requests that anyone could be asked for; `assigner` says what planned the batches.
    `figures` holds, by policy, one mapping of `METRICS` a seed, in the order of `seeds`.
    """

    town: str
    days: int
    seeds: tuple[int, ...]
    requests: float
    supporters: float
    reachable: Estimate
    assigner: str
    figures: Mapping[str, Sequence[Mapping[str, float]]]

    def summary(self, policy: str, metric: str) -> Estimate:
        return summed_up(self.figures[policy], metric)

    def difference(self, policy: str, metric: str, against: str = BROADCAST.name) -> Estimate:
        """Give how much more a policy has of a metric than another on the same seeds."""
        return paired(self.figures[policy], self.figures[against], metric)


def simulate(
    town: Town,
    policies: Sequence[Policy] = POLICIES,
    seeds: Sequence[int] = SEEDS,
    days: int = DAYS,
    *,
    behaviour: Behaviour | None = None,
    rules: Rules | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Live through every policy on every seed's world.

    Raises:
        ValueError: no policy, no seed or no day.

    """
    if not policies or not seeds or days < 1:
        raise ValueError("a simulation needs a policy, a seed and a day at least")
    behaviour = behaviour or Behaviour()
    figures: dict[str, list[dict[str, float]]] = {policy.name: [] for policy in policies}
    requests: list[int] = []
    supporters: list[int] = []
    reachable: list[float] = []
    for turn, seed in enumerate(seeds):
        world = town.world(seed, days, behaviour)
        requests.append(world.counted)
        supporters.append(len(world.supporters))
        reachable.append(_reachable(world))
        for place, policy in enumerate(policies):
            course = live(world, policy, behaviour, rules or Rules())
            figures[policy.name].append(measure(world, course))
            if progress:
                progress(f"{policy.name}, seed {seed}", (turn + (place + 1) / len(policies)) / len(seeds))
    return Comparison(
        town=town.name,
        days=days,
        seeds=tuple(seeds),
        requests=sum(requests) / len(requests),
        supporters=sum(supporters) / len(supporters),
        reachable=estimate(reachable).within(0, 1),
        assigner=assigner(),
        figures=figures,
    )


def _reachable(world: World) -> float:
    """Give the share of requests with anyone eligible and free, had nobody been booked before."""
    counted = [need for need in world.needs if need.counted]
    return sum(_anyone(world, need) for need in counted) / len(counted) if counted else nan


def _anyone(world: World, need: Need) -> bool:
    found = world.index.rank(replace(need.query, top=1))
    return len(found) > 0 and not found.suggestion[0]
