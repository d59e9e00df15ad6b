"""Shapes of a series of supports, for JSON and pages alike."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field, model_validator

from sharecare.care.schemas import Need, RequestGlimpse, Text500
from sharecare.columns import LARGEST_ID
from sharecare.drafts import Day, Draft


class SeriesDraft(Draft):
    """The same need on many dates: `need` is the first one, by the clock on the area's walls."""

    need: Need
    until: Day = Field(description="The last day on which there may be one.", examples=["2027-03-31"])
    every_weeks: int = Field(default=1, ge=1, le=4)
    skip_holidays: bool = Field(default=True, description="Leave out Japanese public holidays.")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.until < self.need.start_at.date():
            raise ValueError("a series ends on or after its first day")
        return self


class SeriesDateView(BaseModel):
    """One date of a series; what can't be, says why."""

    day: date
    request_id: int | None
    state: str = Field(description="Of the request, or `skipped`.")
    booking_id: int | None
    named: str | None = Field(description="Who alone is asked, while the date is open.")
    declined: bool = Field(description="Whether the one person named has said no.")
    reason: str | None = Field(description="Why there is no request on this date, or the last choice did not book it.")


class SeriesOffers(BaseModel):
    """On how many dates a supporter is ready."""

    supporter_id: int
    name: str
    dates: list[date]


class SeriesView(BaseModel):
    """A series as its own family sees it."""

    id: int
    first_day: date
    until: date
    every_weeks: int
    skip_holidays: bool
    opened_at: datetime
    closed_at: datetime | None
    dates: list[SeriesDateView]
    offers: list[SeriesOffers]


class SeriesGlimpse(BaseModel):
    """A series as a supporter sees it who was asked: the dates they were asked for, and nothing that names a child."""

    id: int
    requests: list[RequestGlimpse]


class SeriesOutcome(BaseModel):
    """What became of one date when a supporter offered, or the family chose one."""

    day: date
    request_id: int | None
    done: bool
    booking_id: int | None = None
    cover_number: str | None = None
    code: str | None = Field(default=None, description="Why not: a refusal's code.", examples=["slot-taken"])
    reason: str | None = Field(default=None, description="Why not, in words.")


class SeriesChoice(Draft):
    """The supporter chosen for a series."""

    supporter_id: int = Field(ge=1, le=LARGEST_ID)


class SeriesOfferDraft(Draft):
    """Readiness to take the dates of a series that one can."""

    note: Text500 = ""
