"""Tables of the care day: what the two families agree on before, what happens meanwhile, what is told afterwards."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharecare.columns import (
    BigId,
    Json,
    UtcDateTime,
    moment,
    optional_moment,
    optional_reference,
    primary_id,
    reference,
)


class EmergencyContact(SQLModel, table=True):
    """Whom to call when no guardian answers: the first or the second choice of a family."""

    __tablename__ = "emergency_contact"

    household_id: int = reference("household.id", primary_key=True)
    place: int = Field(primary_key=True, sa_type=BigId)
    name: str = Field(max_length=80)
    relation: str = Field(max_length=40)
    phone: str = Field(max_length=20)
    email: str | None = Field(default=None, max_length=254)
    set_at: datetime = moment()


class PreMeeting(SQLModel, table=True):
    """The pre-meeting sheet (事前打合せ票) of one family and one supporter, kept for the next time.

    What a child must not eat stands with the child; `agreed_version` is of both together.
    """

    __tablename__ = "pre_meeting"
    __table_args__: ClassVar[Any] = (UniqueConstraint("household_id", "supporter_id"),)

    id: int = primary_id()
    household_id: int = reference("household.id")
    supporter_id: int = reference("person.id", index=True)
    children: list[int] = Field(default_factory=list, sa_type=Json)
    refuge: str = Field(max_length=300)
    doctor: str = Field(max_length=300)
    hand_over: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    costs: str = Field(default="", max_length=500)
    rides: list[str] = Field(default_factory=list, sa_type=Json)
    notes: str = Field(default="", max_length=2000)
    written_by: int = reference("person.id")
    written_at: datetime = moment()
    agreed_version: str | None = Field(default=None, max_length=64)
    agreed_at: datetime | None = optional_moment()


class ConditionCheck(SQLModel, table=True):
    """How a child was when the care should begin."""

    __tablename__ = "condition_check"

    id: int = primary_id()
    booking_id: int = reference("booking.id", index=True)
    child_id: int = reference("child.id")
    temperature_c: float
    condition: str = Field(max_length=10)
    note: str = Field(default="", max_length=500)
    taken_in: bool
    checked_by: int = reference("person.id")
    checked_at: datetime = moment()


class CareNote(SQLModel, table=True):
    """A note during a care."""

    __tablename__ = "care_note"

    id: int = primary_id()
    booking_id: int = reference("booking.id", index=True)
    author_id: int = reference("person.id")
    text: str = Field(max_length=2000)
    written_at: datetime = moment()


class ActivityReport(SQLModel, table=True):
    """What the supporter tells of a care that is done (活動報告書)."""

    __tablename__ = "activity_report"

    booking_id: int = reference("booking.id", primary_key=True)
    text: str = Field(max_length=2000)
    written_at: datetime = moment()


class ThankYou(SQLModel, table=True):
    """A family's kind word for a care."""

    __tablename__ = "thank_you"

    booking_id: int = reference("booking.id", primary_key=True)
    author_id: int = reference("person.id")
    text: str = Field(max_length=1000)
    written_at: datetime = moment()


class HandoverOverride(SQLModel, table=True):
    """Staff let one handover pass without digits, and say why."""

    __tablename__ = "handover_override"

    booking_id: int = reference("booking.id", primary_key=True)
    end: str = Field(primary_key=True, max_length=10)
    staff_id: int = reference("person.id")
    reason: str = Field(max_length=500)
    at: datetime = moment()


class CareAlarm(SQLModel, table=True):
    """Something that a person must look into now; it climbs step by step until someone answers."""

    __tablename__ = "care_alarm"
    __table_args__: ClassVar[Any] = (Index(None, "next_step_at"),)

    id: int = primary_id()
    booking_id: int = reference("booking.id", index=True)
    kind: str = Field(max_length=16)
    raised_at: datetime = moment()
    step: int = 0
    next_step_at: datetime | None = optional_moment()
    answered_at: datetime | None = optional_moment()
    answered_by: int | None = optional_reference("person.id")


class CareAlarmStep(SQLModel, table=True):
    """One step of an alarm: whom it reached when."""

    __tablename__ = "care_alarm_step"

    alarm_id: int = reference("care_alarm.id", primary_key=True)
    step: int = Field(primary_key=True, sa_type=BigId)
    reached: str = Field(max_length=16)
    told: int
    at: datetime = moment()


class CoverGap(SQLModel, table=True):
    """Time of a care that no cover reached; it is explained, never taken away."""

    __tablename__ = "cover_gap"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("end_at > start_at", name="window"),
    )

    booking_id: int = reference("booking.id", primary_key=True)
    area_id: int = reference("area.id", index=True)
    start_at: datetime = moment()
    end_at: datetime = moment()
    minutes: int
    opened_at: datetime = moment()
    explanation: str = Field(default="", max_length=1000)
    explained_by: int | None = optional_reference("person.id")
    explained_at: datetime | None = optional_moment()


class NoShowContest(SQLModel, table=True):
    """What the side that is said not to have come says against one report, and what staff decided.

    The booking's `closed_at` is the moment of the report that stands; words against one that was taken back are kept.
    """

    __tablename__ = "no_show_contest"
    __table_args__: ClassVar[Any] = (CheckConstraint("(stands IS NULL) = (decided_at IS NULL)", name="decided"),)

    booking_id: int = reference("booking.id", primary_key=True)
    reported_at: datetime = Field(primary_key=True, sa_type=UtcDateTime)
    contested_by: int = reference("person.id")
    because: str = Field(max_length=500)
    contested_at: datetime = moment()
    stands: bool | None = None
    decided_by: int | None = optional_reference("person.id")
    decided_at: datetime | None = optional_moment()


class CareSeries(SQLModel, table=True):
    """The same need on many dates: every Wednesday until March."""

    __tablename__ = "care_series"
    __table_args__: ClassVar[Any] = (Index(None, "household_id", "id"),)

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    household_id: int = reference("household.id")
    requester_id: int = reference("person.id")
    first_day: date
    until: date
    every_weeks: int
    skip_holidays: bool
    opened_at: datetime = moment()
    closed_at: datetime | None = optional_moment()


class SeriesDate(SQLModel, table=True):
    """One date of a series: its request, or why there is none."""

    __tablename__ = "care_series_date"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("(request_id IS NULL) = (skipped IS NOT NULL)", name="request_or_reason"),
        UniqueConstraint("request_id"),
    )

    series_id: int = reference("care_series.id", primary_key=True)
    day: date = Field(primary_key=True)
    request_id: int | None = optional_reference("care_request.id")
    skipped: str | None = Field(default=None, max_length=40)
    reason_ja: str = Field(default="", max_length=200)
    reason_en: str = Field(default="", max_length=200)
