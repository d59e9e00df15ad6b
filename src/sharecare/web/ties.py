"""The people one can turn to, drawn around oneself."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from sharecare.trust.rules import TIES_THAT_SUFFICE

MOST_DRAWN = 8
SIDE = 200
REACH = 72


@dataclass(frozen=True, slots=True)
class Seat:
    """A place beside oneself: somebody's, or still free."""

    x: float
    y: float
    name: str


def circle_of(names: Sequence[str]) -> list[Seat]:
    """Return at least as many places as suffice, the first of them taken."""
    count = min(max(len(names), TIES_THAT_SUFFICE), MOST_DRAWN)
    seated = [*names[:count], *[""] * (count - len(names))]
    return [
        Seat(
            round(SIDE / 2 + REACH * sin(2 * pi * place / count), 1),
            round(SIDE / 2 - REACH * cos(2 * pi * place / count), 1),
            name,
        )
        for place, name in enumerate(seated)
    ]
