"""The words of matching: levels, kinds of care, means of travel, circles."""

from enum import IntEnum, IntFlag

from sharecare.areas.rules import Level

ALWAYS = -(2**31)
NEVER = 2**31 - 1
"""Days and UTC minutes that no request reaches (the year 6053): since ever, and never ending."""


class Kind(IntFlag):
    PICKUP = 1
    OWN_HOME = 2
    CHILD_HOME = 4
    EVENT = 8


class Means(IntFlag):
    FOOT = 1
    BICYCLE = 2
    TRANSIT = 4
    CAR = 8


class Circle(IntEnum):
    """How far a request has reached; each circle holds the ones before it."""

    FRIENDS = 0
    FRIENDS_OF_FRIENDS = 1
    OPEN = 2
    ANYONE = 3
    """No tie needed at all: for a named person, and for simulations of other policies."""


__all__ = ["ALL_KINDS", "ALL_MEANS", "ALWAYS", "NEVER", "Circle", "Kind", "Level", "Means"]

ALL_KINDS = Kind.PICKUP | Kind.OWN_HOME | Kind.CHILD_HOME | Kind.EVENT
ALL_MEANS = Means.FOOT | Means.BICYCLE | Means.TRANSIT | Means.CAR
