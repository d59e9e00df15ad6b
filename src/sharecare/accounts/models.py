"""Tables of accounts."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from sharecare.columns import BigId, Json, moment, optional_moment, optional_reference, primary_id, reference


class Household(SQLModel, table=True):
    """A family: its guardians share children, home and requests."""

    __tablename__ = "household"

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    created_at: datetime = moment()


class Home(SQLModel, table=True):
    """Where a family lives: exact for the day of care, a cell for everything else."""

    __tablename__ = "home"

    household_id: int = reference("household.id", primary_key=True)
    postal_code: str | None = Field(default=None, max_length=8)
    address: str | None = Field(default=None, max_length=200)
    town_block_id: int | None = optional_reference("town_block.id")
    lat: float
    lon: float
    cell: int = Field(sa_type=BigId, index=True)  # at the area's level
    set_at: datetime = moment()


class Person(SQLModel, table=True):
    """An account."""

    __tablename__ = "person"

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    household_id: int = reference("household.id", index=True)
    email: str = Field(max_length=254, unique=True)
    password_hash: str = Field(max_length=200)
    name: str = Field(max_length=80)
    phone: str | None = Field(default=None, max_length=20)
    birth_date: date | None = None
    language: str = Field(default="ja", max_length=2)
    is_requester: bool = True
    is_supporter: bool = False
    state: str = Field(max_length=12)
    state_reason: str | None = Field(default=None, max_length=500)
    created_at: datetime = moment()
    confirmed_at: datetime | None = optional_moment()


class StaffRole(SQLModel, table=True):
    """A person's right to work for an area."""

    __tablename__ = "staff_role"

    person_id: int = reference("person.id", primary_key=True)
    area_id: int = reference("area.id", primary_key=True)
    granted_at: datetime = moment()


class InsurerRole(SQLModel, table=True):
    """A person's right to see what concerns one insurer; it leaves them no other."""

    __tablename__ = "insurer_role"

    person_id: int = reference("person.id", primary_key=True)
    insurer: str = Field(max_length=80)  # as its policies name it
    granted_at: datetime = moment()


class Child(SQLModel, table=True):
    """A child; its age counts in whole months from the birth month."""

    __tablename__ = "child"

    id: int = primary_id()
    household_id: int = reference("household.id", index=True)
    name: str = Field(max_length=80)
    birth_month: date
    allergies: str = Field(default="", max_length=1000)
    notes: str = Field(default="", max_length=2000)
    created_at: datetime = moment()
    removed_at: datetime | None = optional_moment()


class SupporterProfile(SQLModel, table=True):
    """What a supporter offers."""

    __tablename__ = "supporter_profile"

    person_id: int = reference("person.id", primary_key=True)
    kinds: list[str] = Field(default_factory=list, sa_type=Json)
    means: list[str] = Field(default_factory=list, sa_type=Json)
    capacity: int
    min_age_months: int
    max_age_months: int
    travel_radius_m: int
    timezone: str = Field(max_length=64)
    introduction: str = Field(default="", max_length=1000)
    paused_at: datetime | None = optional_moment()
    changed_at: datetime = moment()


class SignIn(SQLModel, table=True):
    """A revocable sign-in on one device; access tokens name it and die with it."""

    __tablename__ = "sign_in"

    id: int = primary_id()
    person_id: int = reference("person.id", index=True)
    secret_hash: str = Field(max_length=64, unique=True)
    before_hash: str | None = Field(default=None, max_length=64, index=True)
    device: str = Field(default="", max_length=120)
    created_at: datetime = moment()
    seen_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = optional_moment()


class OneTimeToken(SQLModel, table=True):
    """A secret that may be used once: confirming an address, resetting a password, joining a family."""

    __tablename__ = "one_time_token"

    id: int = primary_id()
    person_id: int = reference("person.id", index=True)
    purpose: str = Field(max_length=20)
    secret_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class RecordAccess(SQLModel, table=True):
    """One look of area staff, or of an insurer, at one person's record, and why; the person can see it."""

    __tablename__ = "record_access"

    id: int = primary_id()
    person_id: int = reference("person.id", index=True)
    reader_id: int = reference("person.id")
    reason: str = Field(max_length=200)
    at: datetime = moment()
