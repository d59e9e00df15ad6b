"""Shapes of an area's report."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, Field

from sharecare.areas.rules import GoalMetric


class Audience(StrEnum):
    """Who reads a report; each is shown as much as privacy lets them see."""

    OPERATOR = "operator"
    STAFF = "staff"
    PUBLIC = "public"


class Unit(StrEnum):
    """What a figure counts."""

    COUNT = "count"
    SHARE = "share"
    MINUTES = "minutes"
    HOURS = "hours"
    MEAN = "mean"
    RATE = "rate"


class Words(BaseModel):
    """What a figure means."""

    ja: str
    en: str


class Figure(BaseModel):
    """One figure: exact, as a range where only that protects families, or withheld.

    Without a value, a range or a reason to withhold it is undefined, as a share of nothing is.
    """

    name: str = Field(examples=["fill_rate"])
    unit: Unit
    value: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    withheld: bool = False
    definition: Words


class Portion(BaseModel):
    """One group of a breakdown."""

    label: str = Field(examples=["533945771"])
    value: float


class Breakdown(BaseModel):
    """A total by groups that add up to it; none where even the total concerns too few families."""

    name: str = Field(examples=["unmet_hours_by_cell"])
    unit: Unit
    groups: list[Portion]
    withheld: bool = False
    definition: Words


class GoalProgress(BaseModel):
    """How far a goal has come, and what is needed each week to reach it by its day."""

    metric: GoalMetric
    target: int
    result: int
    from_date: date
    until_date: date
    pace_per_week: float | None = Field(description="0 once reached; null when the day has passed.")


class AreaReport(BaseModel):
    """An area's figures of a period."""

    area: str = Field(examples=["misono"])
    first_day: date
    last_day: date
    as_of: date | None = Field(description="The last day that the figures know of.")
    audience: Audience
    k: int = Field(description="The least number of families behind any figure; 0 for the operator's own accounts.")
    figures: list[Figure]
    breakdowns: list[Breakdown]
    goals: list[GoalProgress]
