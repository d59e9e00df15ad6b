"""Shapes of areas."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharecare.areas.rules import AreaSettings, GoalMetric
from sharecare.drafts import Day, Draft
from sharecare.malformed import wrong


class AreaView(BaseModel):
    """An area as anyone may see it."""

    model_config = ConfigDict(from_attributes=True)

    slug: str = Field(examples=["misono"])
    name_ja: str = Field(examples=["美園"])
    name_en: str = Field(examples=["Misono"])
    timezone: str = Field(examples=["Asia/Tokyo"])


class AreaSettingsView(AreaView):
    """An area with the rules it has set; rules one can't see can't be kept."""

    settings: AreaSettings


class TownBlockView(BaseModel):
    """A town block to choose as home."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    city: str = Field(examples=["さいたま市緑区"])
    town: str = Field(examples=["美園四丁目"])


class GoalDraft(Draft):
    """What the area wants to have reached by a day."""

    metric: GoalMetric
    target: int = Field(gt=0, le=1_000_000_000, examples=[100])
    from_date: Day
    until_date: Day

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.until_date < self.from_date:
            raise wrong("goal_reversed")
        return self
