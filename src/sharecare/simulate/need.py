"""What the families of a generated town ask for, day by day."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sharecare.areas.rules import AreaSettings
from sharecare.geo import Cell, cell_of
from sharecare.matching import Circle, Kind, Level, Means, Query
from sharecare.matching.zones import DAY
from sharecare.simulate.model import Need
from sharecare.simulate.people import Behaviour
from sharecare.simulate.shape import asked_by, lead_min, shape_of, window
from sharecare.simulate.spec import Closure, Family, TownSpec

_ZONE_MIN = 540  # Japan, all year
_AREA = AreaSettings()
_SIBLING_TOO = 0.2  # the demo's share of requests for two children


def draw_needs(
    rng: np.random.Generator, spec: TownSpec, families: Sequence[Family], days: int, behaviour: Behaviour
) -> list[Need]:
    """Draw the requests of some days, and of the days before that warm the town up, by when they are opened."""
    if not families:
        return []
    often = np.array([family.weight for family in families])
    often /= often.sum()
    drawn: list[Need] = []
    period = range(spec.first_day - spec.warm_up_days, spec.first_day + days)
    for day in period:
        shape = shape_of(spec.hours, day, holiday=any(first <= day <= last for first, last in spec.holidays))
        for _ in range(int(rng.poisson(spec.members * spec.needs_a_day_per_member * shape.amount))):
            family = families[int(rng.choice(len(families), p=often))]
            kind, start, end = window(rng, shape)
            query = _query(rng, spec, family, kind, tuple(day * DAY - _ZONE_MIN + minute for minute in (start, end)))
            wall = day * DAY + start - lead_min(rng, spec.urgent_share)
            opened_at = asked_by(rng, behaviour, wall) - _ZONE_MIN
            drawn.append(Need(0, query, opened_at, counted=day >= spec.first_day))
    for closure in spec.closures:
        if closure.day in period:
            drawn += _closure_needs(rng, spec, families, closure, behaviour)
    drawn.sort(key=lambda need: (need.opened_at, need.query.start))
    return [replace(need, number=number) for number, need in enumerate(drawn)]


def _closure_needs(
    rng: np.random.Generator, spec: TownSpec, families: Sequence[Family], closure: Closure, behaviour: Behaviour
) -> Iterator[Need]:
    """Let different families ask on one evening for the whole of the next day."""
    asking = rng.choice(len(families), min(closure.needs, len(families)), replace=False).tolist()
    for family in asking:
        midnight = closure.day * DAY - _ZONE_MIN
        start = midnight + int(rng.integers(8 * 2, 11 * 2)) * 30
        kind = Kind.OWN_HOME if rng.random() < 0.5 else Kind.CHILD_HOME  # noqa: PLR2004  -- either
        query = _query(rng, spec, families[family], kind, (start, start + int(rng.integers(3, 6)) * 60))
        evening = (closure.day - 1) * DAY + int(rng.integers(18 * 60, 20 * 60))
        opened_at = asked_by(rng, behaviour, evening) - _ZONE_MIN
        yield Need(0, query, opened_at, counted=closure.day >= spec.first_day)


def _query(rng: np.random.Generator, spec: TownSpec, family: Family, kind: Kind, window_at: tuple[int, ...]) -> Query:
    siblings = 2 if len(family.months) > 1 and rng.random() < _SIBLING_TOO else 1
    ages = rng.choice(family.months, siblings, replace=False).tolist()
    start, end = window_at
    return Query(
        requester_id=family.person_id,
        household_id=family.person_id,
        cell=_where(rng, spec, family, kind),
        start=start,
        end=end,
        kind=kind,
        means=Means.FOOT if kind == Kind.PICKUP else None,
        children=siblings,
        youngest_months=min(ages),
        oldest_months=max(ages),
        circle=Circle.FRIENDS_OF_FRIENDS if rng.random() < spec.only_tied_share else Circle.OPEN,
        # Insurance covers care at the supporter's home from this level up, in the demo's policy.
        min_level=Level.IDENTIFIED if kind == Kind.OWN_HOME else Level.REGISTERED,
        circle_levels=(
            Level(_AREA.level_among_friends),
            Level(_AREA.level_among_friends_of_friends),
            Level(_AREA.level_open),
        ),
        needs_notification=_AREA.open_preschool_needs_notification and min(ages) < _AREA.preschool_below_months,
        buffer_min=_AREA.buffer_minutes,
    )


def _where(rng: np.random.Generator, spec: TownSpec, family: Family, kind: Kind) -> Cell:
    """Give the cell in which the care begins: a trip at a nursery or lesson, if the town has any, else at home."""
    if kind == Kind.PICKUP and spec.pickups:
        place = spec.pickups[int(rng.integers(len(spec.pickups)))]
        return cell_of(place.lat, place.lon, _AREA.cell_level)
    return cell_of(spec.hall.lat, spec.hall.lon, _AREA.cell_level) if kind == Kind.EVENT else family.cell
