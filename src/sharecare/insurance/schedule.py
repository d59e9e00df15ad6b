"""What a policy pays for and up to what: perils, limits, deductibles, exclusions, premium and aggregates. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_YEN = 2_000_000_000
MINUTES_AN_HOUR = 60
WARNING = Fraction(8, 10)
Amount = Annotated[int, Field(ge=0, le=MOST_YEN)]


class Peril(StrEnum):
    """What a policy may pay for."""

    LIABILITY = "liability"  # 施設賠償
    PROPERTY = "property"  # 受託者賠償
    INJURY = "injury"  # 傷害


class Exclusion(StrEnum):
    """What a policy does not pay for, whatever the peril."""

    INTENT = "intent"
    DRIVING = "driving"
    ILLNESS = "illness"
    DISASTER = "disaster"
    OWN_FAMILY = "own_family"
    NORMAL_WEAR = "normal_wear"


class Aggregate(StrEnum):
    """What is added up over a policy's whole life and may run out."""

    SUPPORTS = "supports"
    PREMIUM = "premium"
    CLAIMS = "claims"


class Tariff(BaseModel):
    """What the operator pays for one support; families pay nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_support_yen: Amount = 0
    per_hour_yen: Amount = Field(default=0, description="Of the agreed window, to the minute, rounded up to the yen.")

    def premium_yen(self, minutes: int) -> int:
        """Return the premium of an agreed window."""
        return self.per_support_yen - (-self.per_hour_yen * minutes // MINUTES_AN_HOUR)


class Schedule(BaseModel):
    """The part of a policy that is counted in money. What is left out is not insured, and not limited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    injury_yen: Amount = Field(default=0, description="傷害, per person; 0 where the policy has none.")
    deductibles_yen: dict[Peril, Amount] = Field(default={}, description="免責金額, per accident.")
    exclusions: tuple[Exclusion, ...] = ()
    tariff: Tariff = Tariff()
    supports_limit: int | None = Field(default=None, ge=1, le=10_000_000, description="Supports in all.")
    premium_limit_yen: int | None = Field(default=None, ge=1, le=MOST_YEN, description="Premium that is deposited.")
    claims_limit_yen: int | None = Field(default=None, ge=1, le=MOST_YEN, description="期間中支払限度額.")

    def limit_of(self, aggregate: Aggregate) -> int | None:
        """Return how far an aggregate reaches; None where it has no end."""
        return {
            Aggregate.SUPPORTS: self.supports_limit,
            Aggregate.PREMIUM: self.premium_limit_yen,
            Aggregate.CLAIMS: self.claims_limit_yen,
        }[aggregate]


def limits(schedule: Schedule, *, liability_yen: int, property_yen: int) -> dict[Peril, int]:
    """Return what a policy pays for each peril at most; 0 where it doesn't insure it."""
    return {Peril.LIABILITY: liability_yen, Peril.PROPERTY: property_yen, Peril.INJURY: schedule.injury_yen}


Used = Mapping[Aggregate, int]


def exhausted(schedule: Schedule, used: Used, *, premium_yen: int, supports: int = 1) -> Aggregate | None:
    """Return the first aggregate that leaves no room for one more support of this premium, or for more of one (0)."""
    after = {**used, Aggregate.SUPPORTS: used[Aggregate.SUPPORTS] + supports}
    after[Aggregate.PREMIUM] += premium_yen
    after[Aggregate.CLAIMS] += 1  # claims that reach their limit leave nothing for the next accident
    for aggregate in Aggregate:
        limit = schedule.limit_of(aggregate)
        if limit is not None and after[aggregate] > limit:
            return aggregate
    return None


@dataclass(frozen=True, slots=True)
class Crossing:
    """An aggregate that has just come to its warning, or to its end."""

    aggregate: Aggregate
    used: int
    limit: int

    @property
    def is_reached(self) -> bool:
        """Whether nothing is left."""
        return self.used >= self.limit


def crossings(schedule: Schedule, before: Used, after: Used) -> list[Crossing]:
    """Return the aggregates that passed 80% or 100% of their limit on the way from one state to another."""
    found = []
    for aggregate in Aggregate:
        limit = schedule.limit_of(aggregate)
        if limit is None:
            continue
        marks = (limit * WARNING, limit)
        if any(before[aggregate] < mark <= after[aggregate] for mark in marks):
            found.append(Crossing(aggregate, after[aggregate], limit))
    return found


class Point(StrEnum):
    """What an insurer will look at in a claim; it decides nothing."""

    NOT_INSURED = "not_insured"
    OUTSIDE_WINDOW = "outside_window"
    NEVER_IN_FORCE = "never_in_force"
    EXCLUDED = "excluded"
    BELOW_DEDUCTIBLE = "below_deductible"
    ABOVE_LIMIT = "above_limit"


@dataclass(frozen=True, slots=True)
class Loss:
    """A claim as the policy's terms meet it."""

    peril: Peril
    inside_window: bool
    in_force: bool
    circumstances: frozenset[Exclusion]
    amount_yen: int


def points_of(limit_yen: int, schedule: Schedule, loss: Loss) -> list[Point]:
    """Return what the insurer will ask about; nothing here accepts or declines a claim."""
    deductible = schedule.deductibles_yen.get(loss.peril, 0)
    raised = {
        Point.NOT_INSURED: limit_yen == 0,
        Point.OUTSIDE_WINDOW: not loss.inside_window,
        Point.NEVER_IN_FORCE: not loss.in_force,
        Point.EXCLUDED: bool(loss.circumstances & set(schedule.exclusions)),
        Point.BELOW_DEDUCTIBLE: 0 < loss.amount_yen <= deductible,
        Point.ABOVE_LIMIT: loss.amount_yen > limit_yen > 0,
    }
    return [point for point, holds in raised.items() if holds]
