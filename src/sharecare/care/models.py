"""Tables of care."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from sharecare.columns import BigId, moment, optional_moment, optional_reference, primary_id, reference

_LIVE = text("state IN ('confirmed', 'in_care')")
_STANDING = text("state IN ('open', 'accepted')")


class CareRequest(SQLModel, table=True):
    """A family's wish for help at one time."""

    __tablename__ = "care_request"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("end_at > start_at", name="window"),
        Index(None, "state", "next_wave_at"),
        Index(None, "state", "start_at"),
        Index(None, "household_id", "id"),
    )

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    household_id: int = reference("household.id")
    requester_id: int = reference("person.id", index=True)
    kind: str = Field(max_length=12)
    means: str | None = Field(default=None, max_length=10)
    start_at: datetime = moment()
    end_at: datetime = moment()
    # Where the care begins, null for the family's home; matching sees the cell alone.
    place: str | None = Field(default=None, max_length=200)
    lat: float
    lon: float
    cell: int = Field(sa_type=BigId)
    # Where a 送迎 ends, null for the family's home.
    to_place: str | None = Field(default=None, max_length=200)
    to_lat: float | None = None
    to_lon: float | None = None
    notes: str = Field(default="", max_length=2000)
    max_distance_m: int
    min_level: int
    reach: str = Field(max_length=20)
    circle: str = Field(max_length=20)
    next_wave_at: datetime | None = optional_moment()
    urgent: bool = False
    first_acceptance_decides: bool = False
    named_supporter_id: int | None = optional_reference("person.id")
    handover_start: str = Field(max_length=12)
    handover_finish: str = Field(max_length=12)
    state: str = Field(max_length=10)
    series_id: int | None = optional_reference("care_series.id", index=True)
    # The family is content that other families' children are there too, if the policy allows it.
    with_others: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    opened_at: datetime = moment()
    closed_at: datetime | None = optional_moment()
    close_reason: str = Field(default="", max_length=500)


class RequestChild(SQLModel, table=True):
    """A child the request is for."""

    __tablename__ = "care_request_child"

    request_id: int = reference("care_request.id", primary_key=True)
    child_id: int = reference("child.id", primary_key=True)


class Ask(SQLModel, table=True):
    """A supporter who was asked; an ask across a block is kept but never delivered."""

    __tablename__ = "ask"
    __table_args__: ClassVar[Any] = (UniqueConstraint("request_id", "supporter_id"),)

    id: int = primary_id()
    request_id: int = reference("care_request.id")
    supporter_id: int = reference("person.id", index=True)
    circle: str = Field(max_length=20)
    distance_m: int  # rounded to 100 m
    delivered: bool = True
    state: str = Field(max_length=10)
    asked_at: datetime = moment()
    answered_at: datetime | None = optional_moment()


class Offer(SQLModel, table=True):
    """A supporter's readiness to take a request."""

    __tablename__ = "offer"
    __table_args__: ClassVar[Any] = (
        Index(
            "uq_offer_standing",
            "request_id",
            "supporter_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(None, "supporter_id"),
    )

    id: int = primary_id()
    request_id: int = reference("care_request.id", index=True)
    supporter_id: int = reference("person.id")
    note: str = Field(default="", max_length=500)
    state: str = Field(max_length=10)
    made_at: datetime = moment()
    decided_at: datetime | None = optional_moment()


class Booking(SQLModel, table=True):
    """An agreed and insured support.

    The migrations hold what this class can't say on both databases: no two live bookings of one supporter overlap
    (`ex_booking_supporter_overlap`) unless they are one group care (`ex_booking_group_overlap`) and its children fit
    (`ex_booking_group_capacity`), nor of one child (`ex_booking_child_overlap`).
    """

    __tablename__ = "booking"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("end_at > start_at", name="window"),
        Index("uq_booking_live", "request_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index(None, "supporter_id", "start_at"),
        Index(None, "household_id", "id"),
        Index(None, "state", "end_at"),
    )

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    request_id: int = reference("care_request.id", index=True)
    offer_id: int = reference("offer.id")
    household_id: int = reference("household.id")
    requester_id: int = reference("person.id")
    supporter_id: int = reference("person.id")
    cover_id: int = Field(foreign_key="insurance_cover.id", sa_type=BigId, unique=True)
    kind: str = Field(max_length=12)
    start_at: datetime = moment()
    end_at: datetime = moment()
    state: str = Field(max_length=10)
    required_level: int
    needs_notification: bool = False
    confirmed_at: datetime = moment()
    started_at: datetime | None = optional_moment()
    finished_at: datetime | None = optional_moment()
    end_prompted_at: datetime | None = optional_moment()
    overdue_told_at: datetime | None = optional_moment()
    pin_failures: int = 0
    closed_at: datetime | None = optional_moment()
    cancelled_by: str | None = Field(default=None, max_length=10)
    close_reason: str = Field(default="", max_length=500)
    settled_at: datetime | None = optional_moment()
    sheet_told_at: datetime | None = optional_moment()
    late_told_at: datetime | None = optional_moment()
    no_show: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    # A group care: bookings of one supporter that may overlap, and how many children they may be together.
    group_id: int | None = Field(default=None, sa_type=BigId, nullable=True, index=True)
    group_capacity: int | None = None


class BookingChild(SQLModel, table=True):
    """A child in a booking, with the booking's window so that the database can refuse an overlap."""

    __tablename__ = "booking_child"
    __table_args__: ClassVar[Any] = (Index(None, "child_id", "start_at"),)

    booking_id: int = reference("booking.id", primary_key=True)
    child_id: int = reference("child.id", primary_key=True)
    age_months: int
    start_at: datetime = moment()
    end_at: datetime = moment()
    live: bool = True


class BookingChange(SQLModel, table=True):
    """A late start, extension or early end that one side proposed and the other decides."""

    __tablename__ = "booking_change"

    id: int = primary_id()
    booking_id: int = reference("booking.id", index=True)
    proposed_by: int = reference("person.id")
    new_start_at: datetime | None = optional_moment()  # a late start; null leaves it
    new_end_at: datetime = moment()
    state: str = Field(max_length=10)
    proposed_at: datetime = moment()
    decided_at: datetime | None = optional_moment()


class Handover(SQLModel, table=True):
    """How a child was handed over at one end of a care."""

    __tablename__ = "handover"

    booking_id: int = reference("booking.id", primary_key=True)
    end: str = Field(primary_key=True, max_length=10)
    by: str = Field(max_length=12)
    recorded_by: int = reference("person.id")
    at: datetime = moment()


class CostLine(SQLModel, table=True):
    """Thanks or an actual cost, paid between the two families; care is thanked, a ride never priced."""

    __tablename__ = "cost_line"
    __table_args__: ClassVar[Any] = (CheckConstraint("yen >= 0", name="yen"),)

    id: int = primary_id()
    booking_id: int = reference("booking.id", index=True)
    kind: str = Field(max_length=10)
    yen: int
    note: str = Field(default="", max_length=200)
    recorded_by: int = reference("person.id")
    recorded_at: datetime = moment()


class CalendarLink(SQLModel, table=True):
    """A secret address at which a person's calendar app reads when they are booked; a new salt ends the old one."""

    __tablename__ = "calendar_link"

    person_id: int = reference("person.id", primary_key=True)
    salt: str = Field(max_length=32)
    secret_hash: str = Field(max_length=64, unique=True)
    made_at: datetime = moment()
