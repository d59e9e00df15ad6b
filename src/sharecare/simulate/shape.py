"""When families need help: kinds of days, and how the needs of a day lie in its hours.

The starts, lengths and kinds are those of the demo's month, with the mornings and the school holidays it leaves out.
"""

from typing import NamedTuple

import numpy as np

from sharecare.matching import Kind
from sharecare.matching.zones import DAY
from sharecare.simulate.people import Behaviour

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
_SATURDAY = 5
_HOUR = 60
_EVENING_MIN = 180


class Part(NamedTuple):
    """A part of the day: its share of the day's needs, kinds, first and last start, lengths in minutes."""

    share: float
    kinds: tuple[Kind, ...]
    starts_min: tuple[int, int]
    lengths_min: tuple[int, ...]


class DayShape(NamedTuple):
    """How much is needed on a kind of day, an average weekday of the pilot's month being about 1, and when."""

    amount: float
    parts: tuple[Part, ...]


_CARE = (Kind.OWN_HOME, Kind.CHILD_HOME)
# A trip to nursery before work: none in the demo; ファミサポ centres count it among their commonest uses.
_MORNING = Part(0.10, (Kind.PICKUP,), (7 * 60, 8 * 60), (45, 60))
_DAYTIME = Part(0.25, _CARE, (9 * 60, 14 * 60), (60, 90, 120, 150))
_EVENING = Part(0.65, (Kind.PICKUP, Kind.PICKUP, Kind.PICKUP, *_CARE), (16 * 60, 17 * 60 + 30), (45, 60, 90, 120))
WEEKDAY = DayShape(1.07, (_MORNING, _DAYTIME, _EVENING))
_FREE = (*_CARE, Kind.EVENT, Kind.PICKUP)
_WEEKEND_PARTS = (Part(0.6, _FREE, (9 * 60, 10 * 60), (90, 120, 180)), Part(0.4, _FREE, (13 * 60, 14 * 60), (90, 180)))
SATURDAY = DayShape(0.93, _WEEKEND_PARTS)
SUNDAY = DayShape(0.70, _WEEKEND_PARTS)
# No school to hold the children by day: need moves into the day and grows by a third (an assumption, not measured).
HOLIDAY = DayShape(
    1.4,
    (
        Part(0.65, (*_CARE, *_CARE, Kind.PICKUP), (9 * 60, 14 * 60), (120, 150, 180, 240)),
        Part(0.35, (Kind.PICKUP, *_CARE), (16 * 60, 17 * 60 + 30), (60, 90, 120)),
    ),
)


class Hours(NamedTuple):
    """The kinds of days; a holiday is one of the school's on a weekday."""

    weekday: DayShape = WEEKDAY
    saturday: DayShape = SATURDAY
    sunday: DayShape = SUNDAY
    holiday: DayShape = HOLIDAY


def weekday_of(day: int) -> int:
    """Give 0 for Monday; days count from 1970-01-01."""
    return (day + _EPOCH_WEEKDAY) % 7


def shape_of(hours: Hours, day: int, *, holiday: bool) -> DayShape:
    weekday = weekday_of(day)
    if weekday >= _SATURDAY:
        return hours.saturday if weekday == _SATURDAY else hours.sunday
    return hours.holiday if holiday else hours.weekday


def window(rng: np.random.Generator, shape: DayShape) -> tuple[Kind, int, int]:
    """Draw one need: its kind, first minute of the day and minute after the last."""
    part = shape.parts[int(rng.choice(len(shape.parts), p=[part.share for part in shape.parts]))]
    first, last = part.starts_min
    start = int(rng.integers(first // 15, last // 15 + 1)) * 15
    return part.kinds[int(rng.integers(len(part.kinds)))], start, start + int(rng.choice(part.lengths_min))


def lead_min(rng: np.random.Generator, urgent_share: float) -> int:
    """Draw how long before the start a family asks: 1 to 3 hours if urgent, else about a day, up to a week."""
    if rng.random() < urgent_share:
        return int(rng.integers(_HOUR, 3 * _HOUR + 1))
    hours = float(np.clip(rng.lognormal(np.log(30), 1.0), 3.5, 7 * 24))
    return int(hours * _HOUR)


def asked_by(rng: np.random.Generator, behaviour: Behaviour, minute: int) -> int:
    """Move a wall minute that lies at night to the evening before, when children are in bed and parents plan."""
    of_day = minute % DAY
    if behaviour.wakes_min <= of_day < behaviour.sleeps_min:
        return minute
    midnight = minute - of_day - (DAY if of_day < behaviour.wakes_min else 0)
    evening = max(behaviour.wakes_min, behaviour.sleeps_min - _EVENING_MIN)
    return midnight + int(rng.integers(evening, behaviour.sleeps_min))
