"""Tables of insurance."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharecare.columns import Json, moment, primary_id, reference


class Policy(SQLModel, table=True):
    """One version of an area's contract with an insurer; its terms are data that `rules` and `schedule` check."""

    __tablename__ = "insurance_policy"
    __table_args__: ClassVar[Any] = (UniqueConstraint("area_id", "version"), Index(None, "insurer"))

    id: int = primary_id()
    area_id: int = reference("area.id", index=True)
    version: int  # of the area's policies, counted from 1
    insurer: str = Field(max_length=80)
    number: str = Field(max_length=40, unique=True)  # covers are numbered after it
    valid_from: datetime = moment()
    valid_until: datetime = moment()
    liability_yen: int
    property_yen: int
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    schedule: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = moment()


class PolicyUsage(SQLModel, table=True):
    """How much of a policy's aggregates is used; whoever holds the policy's row may change it."""

    __tablename__ = "insurance_usage"

    policy_id: int = reference("insurance_policy.id", primary_key=True)
    supports: int = 0
    premium_yen: int = Field(default=0, sa_type=BigInteger)
    claims_yen: int = Field(default=0, sa_type=BigInteger)


class Cover(SQLModel, table=True):
    """Insurance of one support: the agreed window, and the terms as they were when it was bound."""

    __tablename__ = "insurance_cover"

    id: int = primary_id()
    policy_id: int = reference("insurance_policy.id", index=True)
    number: str = Field(max_length=60, unique=True)
    code: str = Field(max_length=30, unique=True)  # opens the public page that says whether it is valid
    state: str = Field(max_length=10)
    supporter_id: int = reference("person.id", index=True)
    start_at: datetime = moment()
    end_at: datetime = moment()
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    bound_at: datetime = moment()


class CoverEntry(SQLModel, table=True):
    """One line of a policy's ledger, chained by hash to the line before. The database refuses to change it."""

    __tablename__ = "insurance_ledger"
    __table_args__: ClassVar[Any] = (UniqueConstraint("policy_id", "seq"),)

    id: int = primary_id()
    policy_id: int = reference("insurance_policy.id")
    seq: int
    cover_id: int = reference("insurance_cover.id", index=True)
    kind: str = Field(max_length=10)
    at: datetime = moment()
    start_at: datetime = moment()
    end_at: datetime = moment()
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    before: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class SentBordereau(SQLModel, table=True):
    """A month as it was told to the insurer, or what a later one corrected in it. The database refuses to change it."""

    __tablename__ = "insurance_bordereau"
    __table_args__: ClassVar[Any] = (UniqueConstraint("policy_id", "kind", "month", "number"),)

    id: int = primary_id()
    policy_id: int = reference("insurance_policy.id")
    kind: str = Field(max_length=10)
    month: str = Field(max_length=7)
    number: int  # 0 is the month itself, the adjustments follow
    ledger_seq: int  # the last line of the ledger that it tells of
    content: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    content_hash: str = Field(max_length=64)
    sent_by: int = reference("person.id")
    sent_at: datetime = moment()
