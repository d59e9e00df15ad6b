"""Tables of availability; minutes count from the midnight that begins the date and pass 1440 after the next."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from sharecare.columns import primary_id, reference


class WeeklyHours(SQLModel, table=True):
    """Hours offered every week on one weekday (0 = Monday); the dates, both inclusive, mean the day they start on."""

    __tablename__ = "weekly_hours"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("start_minute >= 0 AND start_minute < 1440", name="start"),
        CheckConstraint("end_minute > start_minute AND end_minute <= start_minute + 1440", name="end"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    id: int = primary_id()
    person_id: int = reference("person.id", index=True)
    weekday: int
    start_minute: int
    end_minute: int
    from_date: date | None = None
    until_date: date | None = None


class HoursException(SQLModel, table=True):
    """Hours added to or removed from one date; what is removed wins."""

    __tablename__ = "hours_exception"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("start_minute >= 0 AND start_minute < 1440", name="start"),
        CheckConstraint("end_minute > start_minute AND end_minute <= start_minute + 1440", name="end"),
    )

    id: int = primary_id()
    person_id: int = reference("person.id", index=True)
    on_date: date
    start_minute: int
    end_minute: int
    kind: str = Field(max_length=6)
    imported: bool = False  # from a calendar file; the next import takes its place
