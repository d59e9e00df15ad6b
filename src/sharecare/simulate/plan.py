"""How many more supporters a town needs, of which level, where and in which hours, to fill a share of its requests.

A greedy search adds whoever would have filled most of what was missed, by a count without dice (`gain`); after each
stage the town is simulated again with them in it, and the next stage plans for what is still missed then. What a stage
reaches is told from other seeds than it was planned on, or the plan would flatter itself.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from sharecare.geo import Cell, NoMeshCodeError, distance_m
from sharecare.matching import Level
from sharecare.simulate.compare import DAYS, SEEDS, Progress
from sharecare.simulate.gain import Gains, Unfilled, gains, unfilled
from sharecare.simulate.measures import Estimate, estimate, measure, summed_up
from sharecare.simulate.model import Course, Place, Rules, Town, World
from sharecare.simulate.newcomers import BLOCKS, HourBlock, Newcomer, TownWithNewcomers
from sharecare.simulate.people import Behaviour
from sharecare.simulate.policies import WAVES_WITH_BATCHES, Policy
from sharecare.simulate.run import live

# Winning a neighbour is the larger part; the 24-hour course and first aid add half as much again (an assumption).
EFFORT: Mapping[Level, float] = MappingProxyType({Level.IDENTIFIED: 1.0, Level.CERTIFIED: 1.5})

_MOST_STAGES = 20
_STAGE_SHARE = 0.2  # of the present supporters: more at once would be planned on a town that no longer exists
_NAMED_WITHIN_M = 1000.0


@dataclass(frozen=True, slots=True)
class Search:
    """Where a plan looks: the hours and levels to win people for, what each level costs, and when to stop.

    `confirm` are the seeds that a stage's fill rate is told from.
    """

    confirm: tuple[int, ...] = tuple(range(1001, 1011))
    effort: Mapping[Level, float] = field(default_factory=lambda: EFFORT)
    blocks: tuple[HourBlock, ...] = BLOCKS
    most: int = 120


@dataclass(frozen=True, slots=True)
class PlanLine:
    """Win `count` supporters of a level in one cell for some hours.

    `cell` is its code, or its centre's latitude and longitude where there is none; `place` is the nearest name, if one
    is near.
    """

    stage: int
    cell: str
    place: str
    hours: str
    level: Level
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, stage by stage, and the fill rate after each, on seeds that the plan has not seen.

    `fill_rates` starts with the town as it is. `without_anyone` is the share of requests that nobody at all could be
    asked for, as it is; the rest of the unfilled found no one willing in time.
    """

    town: str
    policy: str
    target: float
    days: int
    seeds: tuple[int, ...]
    supporters: float
    without_anyone: Estimate
    fill_rates: tuple[Estimate, ...]
    lines: tuple[PlanLine, ...]

    @property
    def reached(self) -> bool:
        return self.fill_rates[-1].mean >= self.target

    @property
    def newcomers(self) -> int:
        return sum(line.count for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Lab:
    """What every simulation of one plan shares."""

    town: Town
    policy: Policy
    days: int
    behaviour: Behaviour
    rules: Rules

    def courses(self, newcomers: Sequence[Newcomer], seeds: Sequence[int]) -> list[tuple[World, Course]]:
        town = TownWithNewcomers(self.town, newcomers)
        worlds = [town.world(seed, self.days, self.behaviour) for seed in seeds]
        return [(world, live(world, self.policy, self.behaviour, self.rules)) for world in worlds]


def plan(
    town: Town,
    target: float,
    *,
    policy: Policy = WAVES_WITH_BATCHES,
    seeds: Sequence[int] = SEEDS,
    days: int = DAYS,
    search: Search | None = None,
    behaviour: Behaviour | None = None,
    rules: Rules | None = None,
    progress: Progress | None = None,
) -> Plan:
    """Search for the newcomers who bring the fill rate to `target`; the plan says if it got there.

    Raises:
        ValueError: a target outside (0, 1], no seed or no day.

    """
    search = search or Search()
    if not 0 < target <= 1 or not seeds or not search.confirm or days < 1:
        raise ValueError("a plan needs a target above 0 up to 1, a seed and a day at least")
    lab = _Lab(town, policy, days, behaviour or Behaviour(), rules or Rules())
    today = lab.courses([], search.confirm)
    stages, rates = _stages(lab, _fill_rate(today), seeds, target, search, progress)
    return Plan(
        town=town.name,
        policy=policy.name,
        target=target,
        days=days,
        seeds=tuple(search.confirm),
        supporters=sum(len(world.supporters) for world, _ in today) / len(today),
        without_anyone=estimate([_without_anyone(course) for _, course in today]).within(0, 1),
        fill_rates=tuple(rates),
        lines=tuple(
            line for number, stage in enumerate(stages, start=1) for line in _lines(number, stage, town.places)
        ),
    )


def _stages(
    lab: _Lab,
    today: Estimate,
    seeds: Sequence[int],
    target: float,
    search: Search,
    progress: Progress | None,
) -> tuple[list[list[Newcomer]], list[Estimate]]:
    """Add stages until the target is met or one would bring nothing; give them and the fill rates, today's first."""
    stages: list[list[Newcomer]] = []
    rates = [today]
    while rates[-1].mean < target and len(stages) < _MOST_STAGES:
        won = [one for stage in stages for one in stage]
        stage = _next_stage(lab, won, seeds, target, search)
        if not stage:
            break
        rate = _fill_rate(lab.courses([*won, *stage], search.confirm))
        if rate.mean <= rates[-1].mean:  # nobody is recommended who brings nothing
            break
        stages.append(stage)
        rates.append(rate)
        if progress:
            part = (rates[-1].mean - today.mean) / (target - today.mean)
            progress(f"stage {len(stages)}: {rates[-1].mean:.0%}", min(1.0, max(0.0, part)))
    return stages, rates


def _next_stage(
    lab: _Lab, won: Sequence[Newcomer], seeds: Sequence[int], target: float, search: Search
) -> list[Newcomer]:
    """Choose some newcomers for what is still missed, no more than the count without dice asks for."""
    seen = lab.courses(won, seeds)
    missed = [one for world, course in seen for one in unfilled(world, course, lab.behaviour)]
    cells = sorted({cell for world, _ in seen for cell in world.cells})
    options = gains(missed, cells, search.blocks, tuple(search.effort), lab.behaviour)
    total = sum(world.counted for world, _ in seen)
    size = max(1, round(_STAGE_SHARE * max(len(world.supporters) - len(won) for world, _ in seen)))
    return _chosen(missed, options, search.effort, total * (1 - target), min(size, search.most - len(won)))


def _chosen(
    missed: Sequence[Unfilled], options: Gains, effort: Mapping[Level, float], allowed: float, most: int
) -> list[Newcomer]:
    """Add the best newcomer until no more than `allowed` requests would be missed."""
    left = np.ones(len(missed))
    chosen: list[Newcomer] = []
    while len(chosen) < most and left.sum() > allowed:
        best = options.best(left, effort)
        if best < 0:
            break
        chosen.append(options.newcomers[best])
        left *= 1 - options.chance[:, best]
    return chosen


def _fill_rate(seen: Sequence[tuple[World, Course]]) -> Estimate:
    return summed_up([measure(world, course) for world, course in seen], "fill_rate")


def _without_anyone(course: Course) -> float:
    counted = [outcome for outcome in course.outcomes if outcome.need.counted]
    return sum(not outcome.reachable for outcome in counted) / len(counted) if counted else float("nan")


def _lines(stage: int, newcomers: Sequence[Newcomer], places: Sequence[Place]) -> list[PlanLine]:
    """Sum up a stage, the most wanted first."""
    return [
        PlanLine(stage, name_of(cell), place_of(cell, places), hours.name, level, count)
        for (cell, hours, level), count in Counter(newcomers).most_common()
    ]


def name_of(cell: Cell) -> str:
    """Give a cell's code; the codes end with Japan."""
    try:
        return cell.code
    except NoMeshCodeError:
        lat, lon = cell.centre
        return f"{lat:.4f},{lon:.4f}"


def place_of(cell: Cell, places: Sequence[Place]) -> str:
    """Name a cell after the place nearest to its centre; nothing if none is within a kilometre."""
    near = [(distance_m(*cell.centre, place.lat, place.lon), place.name) for place in places]
    far, name = min(near, default=(_NAMED_WITHIN_M + 1, ""))
    return name if far <= _NAMED_WITHIN_M else ""
