"""How people answer: willing or not, soon, late or never. Assumptions, each with its reason; none was fitted.

They are listed for readers in `docs/simulate.md`; change one by `dataclasses.replace`.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sharecare.matching.zones import DAY, pieces

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A, _MIX_B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class Answer(IntEnum):
    SILENCE = 0
    YES = 1
    NO = 2


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The assumptions about people."""

    # Of neighbours who are free, able and unknown to the family, one in four says yes: the demo town's three in ten
    # for anyone but a friend, less what its friends of friends add.
    willing_stranger: float = 0.25
    # At full trust; a friend met once (0.6) then says yes to 0.46, near the demo town's one in two for friends.
    willing_friend: float = 0.60
    # Willingness falls as exp(-d / this): half as steeply as the engine's own scale (1 km), for supporters have
    # already drawn their radius. 2 km are 25 minutes on foot with nobody by the hand.
    reach_m: float = 2000.0
    # Messages in the last week that halve willingness. Of app users asked, 47% would switch messages off by 5 a week
    # and 80% by 10 (Localytics, 2017); a neighbour's need weighs more than an advertisement: twice as many.
    tiring_messages: float = 10.0
    tired_for_days: int = 7
    # Of those unwilling, four in ten say so and the rest say nothing.
    declines: float = 0.4
    # Lognormal; the demo town's median, a tail in which one answer in ten takes more than an hour and a half.
    delay_median_min: float = 25.0
    delay_sigma: float = 1.0
    # Nobody answers at night, and no clock of asking runs then.
    wakes_min: int = 7 * 60
    sleeps_min: int = 22 * 60
    # How long a family with a first offer waits for others, where it may choose.
    choosing_min: int = 15


AS_ASSUMED = Behaviour()


class Answers(NamedTuple):
    """Parallel arrays: an `Answer` each, and after how many waking minutes it comes."""

    answer: Ints
    after_min: Ints


def willingness(behaviour: Behaviour, distance_m: Floats, trust: Floats, lately: Ints) -> Floats:
    """Give the chance of a yes from someone free and able who got `lately` messages in the last days."""
    known = behaviour.willing_stranger + (behaviour.willing_friend - behaviour.willing_stranger) * trust
    return known * np.exp(distance_m / -behaviour.reach_m) / (1 + lately / behaviour.tiring_messages)


def answers(behaviour: Behaviour, key: tuple[int, int], person_ids: Ints, willing: Floats) -> Answers:
    """Let people answer a request, `key` being the seed and the request's number.

    A person's dice for a request are theirs whoever asks them and when, so that policies differ by nothing else.
    """
    mood, manner, radius, angle = (dice(*key, person_ids, throw) for throw in range(4))
    says_no = manner < behaviour.declines
    answer = np.where(mood < willing, Answer.YES, np.where(says_no, Answer.NO, Answer.SILENCE))
    normal = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
    delay = behaviour.delay_median_min * np.exp(behaviour.delay_sigma * normal)
    return Answers(answer.astype(np.int64), np.rint(delay).astype(np.int64))


def dice(seed: int, number: int, person_ids: Ints, throw: int) -> Floats:
    """Throw a number in [0, 1) that depends on nothing but what is given (SplitMix64, chained)."""
    mixed = np.zeros(len(person_ids), np.uint64)
    for part in (seed, number, throw, person_ids):
        mixed = _mixed(mixed + np.asarray(part).astype(np.uint64))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def later(behaviour: Behaviour, zone: str, at: int, minutes: int) -> int:
    """Add waking minutes to a UTC minute; whatever ends at night ends in the morning."""
    minute = (at + pieces(zone, at, at + 1)[0].offset) % DAY
    waking = behaviour.sleeps_min - behaviour.wakes_min
    since = min(max(minute - behaviour.wakes_min, 0), waking)
    days, rest = divmod(since + minutes, waking)
    return at - minute + days * DAY + behaviour.wakes_min + rest


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    words = words + _GOLDEN
    words = (words ^ (words >> np.uint64(30))) * _MIX_A
    words = (words ^ (words >> np.uint64(27))) * _MIX_B
    return words ^ (words >> np.uint64(31))
