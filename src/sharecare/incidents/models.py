"""Tables of incidents and claims."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from sharecare.columns import Json, moment, optional_moment, optional_reference, primary_id, reference


class Incident(SQLModel, table=True):
    """What happened, or nearly happened, in a care, as whoever reports it tells it."""

    __tablename__ = "incident"
    __table_args__: ClassVar[Any] = (Index(None, "area_id", "id"),)

    id: int = primary_id()
    area_id: int = reference("area.id")
    booking_id: int = reference("booking.id", index=True)
    kind: str = Field(max_length=10)
    state: str = Field(max_length=10)
    reported_by: int = reference("person.id")
    reported_at: datetime = moment()
    occurred_at: datetime = moment()
    place: str = Field(max_length=200)
    what: str = Field(max_length=4000)
    injured: str = Field(max_length=10)
    child_id: int | None = optional_reference("child.id")
    injury: str = Field(default="", max_length=1000)
    treatment: str = Field(max_length=10)
    treatment_days: int | None = None
    unconscious: bool = False
    death: bool = False
    damage: str = Field(default="", max_length=1000)
    third_party: str = Field(default="", max_length=1000)
    witnesses: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    told: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    serious: bool = False
    closed_at: datetime | None = optional_moment()
    conclusion: str = Field(default="", max_length=2000)


class IncidentNote(SQLModel, table=True):
    """What was added or changed later, and by whom."""

    __tablename__ = "incident_note"

    id: int = primary_id()
    incident_id: int = reference("incident.id", index=True)
    written_by: int = reference("person.id")
    at: datetime = moment()
    text: str = Field(default="", max_length=2000)
    changes: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class IncidentPhoto(SQLModel, table=True):
    """A photo, encoded anew: nothing that the camera wrote beside the picture is left in it."""

    __tablename__ = "incident_photo"

    id: int = primary_id()
    incident_id: int = reference("incident.id", index=True)
    taken_by: int = reference("person.id")
    at: datetime = moment()
    width: int
    height: int
    jpeg: bytes = Field(sa_type=LargeBinary)


class ReportMark(SQLModel, table=True):
    """A moment by which a serious accident is reported to the authority."""

    __tablename__ = "incident_mark"
    __table_args__: ClassVar[Any] = (Index(None, "met_at", "near_at"),)

    incident_id: int = reference("incident.id", primary_key=True)
    step: str = Field(primary_key=True, max_length=10)
    near_at: datetime = moment()
    due_at: datetime = moment()
    warned_at: datetime | None = optional_moment()
    overdue_told_at: datetime | None = optional_moment()
    met_at: datetime | None = optional_moment()


class Claim(SQLModel, table=True):
    """What someone asks of the insurer because of an incident; its figures are those of its last ledger line."""

    __tablename__ = "claim"

    id: int = primary_id()
    incident_id: int = reference("incident.id", index=True)
    policy_id: int = reference("insurance_policy.id", index=True)
    number: str = Field(max_length=50, unique=True)
    peril: str = Field(max_length=10)
    claimant: str = Field(max_length=12)
    circumstances: list[str] = Field(default_factory=list, sa_type=Json)
    claimed_yen: int
    reserve_yen: int
    paid_yen: int
    state: str = Field(max_length=10)
    filed_by: int = reference("person.id")
    filed_at: datetime = moment()
    changed_at: datetime = moment()


class ClaimEntry(SQLModel, table=True):
    """One line of a policy's claims ledger, chained by hash to the line before. The database refuses to change it."""

    __tablename__ = "claim_ledger"
    __table_args__: ClassVar[Any] = (UniqueConstraint("policy_id", "seq"),)

    id: int = primary_id()
    policy_id: int = reference("insurance_policy.id")
    seq: int
    claim_id: int = reference("claim.id", index=True)
    at: datetime = moment()
    state: str = Field(max_length=10)
    claimed_yen: int = Field(sa_type=BigInteger)
    reserve_yen: int = Field(sa_type=BigInteger)
    paid_yen: int = Field(sa_type=BigInteger)
    before: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class ClaimLetter(SQLModel, table=True):
    """What was exchanged about a claim."""

    __tablename__ = "claim_letter"

    id: int = primary_id()
    claim_id: int = reference("claim.id", index=True)
    correspondent: str = Field(max_length=12)
    outgoing: bool
    at: datetime = moment()
    subject: str = Field(max_length=200)
    body: str = Field(default="", max_length=4000)
    written_by: int = reference("person.id")
    written_at: datetime = moment()


class ClaimAttachment(SQLModel, table=True):
    """A paper that came or went with a letter: a PDF file, or a picture encoded anew."""

    __tablename__ = "claim_attachment"

    id: int = primary_id()
    letter_id: int = reference("claim_letter.id", index=True)
    added_by: int = reference("person.id")
    added_at: datetime = moment()
    media_type: str = Field(max_length=20)
    size_bytes: int
    content: bytes = Field(sa_type=LargeBinary)
