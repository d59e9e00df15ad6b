"""Shapes of availability, for JSON and pages alike."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from sharecare.availability.rules import (
    DAY_MINUTES,
    MOST_BUSY,
    MOST_ROWS,
    BusyRow,
    ExceptionKind,
    Weekly,
    clock_of,
    span_of,
)
from sharecare.drafts import Day, Draft
from sharecare.malformed import wrong

StartClock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
EndClock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]

_END = "Not after the start means the next day; `24:00` is the midnight that ends the date."


class Span(Draft):
    """Hours on the clock of the supporter's own zone."""

    start: StartClock = Field(examples=["17:00"])
    end: EndClock = Field(description=_END, examples=["20:00"])

    def minutes(self) -> tuple[int, int]:
        """Return start and end in minutes since the midnight that begins the date."""
        return span_of(self.start, self.end)


class WeeklyDraft(Span):
    """Hours offered every week; the dates, both inclusive, mean the date the hours start on."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday.", examples=[2])
    from_date: date | None = Field(default=None, examples=["2026-09-01"])
    until_date: date | None = Field(default=None, examples=["2027-03-31"])

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_date and self.until_date and self.until_date < self.from_date:
            raise wrong("hours_reversed")
        return self

    def row(self) -> Weekly:
        """Return the hours as they are kept."""
        return Weekly(self.weekday, *self.minutes(), self.from_date, self.until_date)


class WeekDraft(Draft):
    """All weekly hours; what stood before is replaced."""

    weekly: list[WeeklyDraft] = Field(max_length=MOST_ROWS)


class ExceptionDraft(Span):
    """Hours added to one date, or removed from it; what is removed wins."""

    on_date: Day = Field(examples=["2026-09-22"])
    kind: ExceptionKind


class BusyDraft(Draft):
    """Time of one date that is taken."""

    on_date: Day
    start_minute: int = Field(ge=0, lt=DAY_MINUTES)
    end_minute: int = Field(ge=1, le=DAY_MINUTES)

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.end_minute <= self.start_minute:
            raise wrong("hours_reversed")
        return self


class BusyCalendar(Draft):
    """All times that one's own calendar takes; what was imported before is replaced."""

    busy: list[BusyDraft] = Field(max_length=MOST_BUSY)

    def rows(self) -> list[BusyRow]:
        """Return the times as they are kept."""
        return [(one.on_date, one.start_minute, one.end_minute) for one in self.busy]


class ExceptionView(BaseModel):
    """One exception of one's own."""

    id: int
    on_date: date
    start: str = Field(examples=["17:00"])
    end: str = Field(description=_END, examples=["20:00"])
    kind: ExceptionKind
    imported: bool = Field(description="From a calendar file; the next import takes its place.")


class HoursView(BaseModel):
    """When one offers care."""

    timezone: str = Field(examples=["Asia/Tokyo"])
    weekly: list[WeeklyDraft] = Field(description="By weekday and start.")
    exceptions: list[ExceptionView] = Field(description="From yesterday on, by date and start.")


def clocks(start_minute: int, end_minute: int) -> dict[str, str]:
    """Return `start` and `end` as people write them."""
    return {"start": clock_of(start_minute), "end": clock_of(end_minute)}
