"""Tables of trust."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from sharecare.columns import moment, optional_moment, primary_id, reference


class Tie(SQLModel, table=True):
    """All that two people share, once for each pair: `low_id` is the smaller of the two ids."""

    __tablename__ = "tie"
    __table_args__: ClassVar[Any] = (CheckConstraint("low_id < high_id", name="ordered"), Index(None, "high_id"))

    low_id: int = reference("person.id", primary_key=True)
    high_id: int = reference("person.id", primary_key=True)
    met_at: datetime | None = optional_moment()
    low_approved_at: datetime | None = optional_moment()
    high_approved_at: datetime | None = optional_moment()
    low_vouched_at: datetime | None = optional_moment()
    high_vouched_at: datetime | None = optional_moment()
    supports: int = 0
    changed_at: datetime = moment()


class MeetingCode(SQLModel, table=True):
    """A short-lived code that two people use while they stand face to face."""

    __tablename__ = "meeting_code"

    code_hash: str = Field(primary_key=True, max_length=64)
    person_id: int = reference("person.id", index=True)
    expires_at: datetime = moment()


class FriendInvitation(SQLModel, table=True):
    """A link that invites; friendship waits until the two have met."""

    __tablename__ = "friend_invitation"

    secret_hash: str = Field(primary_key=True, max_length=64)
    person_id: int = reference("person.id", index=True)
    expires_at: datetime = moment()
    used_at: datetime | None = optional_moment()


class Block(SQLModel, table=True):
    """One person's wish for distance; nobody else ever learns of it."""

    __tablename__ = "block"
    __table_args__: ClassVar[Any] = (Index(None, "blocked_id"),)

    blocker_id: int = reference("person.id", primary_key=True)
    blocked_id: int = reference("person.id", primary_key=True)
    blocked_at: datetime = moment()


class Community(SQLModel, table=True):
    """A nursery class, a school, a circle: its steward says who belongs."""

    __tablename__ = "community"

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    name: str = Field(max_length=80)
    kind: str = Field(max_length=20)
    steward_id: int = reference("person.id", index=True)
    created_at: datetime = moment()


class Membership(SQLModel, table=True):
    """A person's place in a community; it counts once approved."""

    __tablename__ = "community_membership"
    __table_args__: ClassVar[Any] = (Index(None, "person_id"),)

    community_id: int = reference("community.id", primary_key=True)
    person_id: int = reference("person.id", primary_key=True)
    asked_at: datetime = moment()
    approved_at: datetime | None = optional_moment()
