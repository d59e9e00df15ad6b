"""Tables of certification."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from sharecare.columns import moment, optional_moment, optional_reference, primary_id, reference


class Credential(SQLModel, table=True):
    """One piece of evidence; for a criminal-record check only that it was confirmed, never its result."""

    __tablename__ = "credential"
    __table_args__: ClassVar[Any] = (Index(None, "person_id", "kind"), Index(None, "state", "expires_at"))

    id: int = primary_id()
    person_id: int = reference("person.id")
    kind: str = Field(max_length=30)
    unit: str | None = Field(default=None, max_length=40)  # of the course, for a course unit
    evidence: str = Field(default="", max_length=200)  # kind of document or certificate, no number of it
    state: str = Field(max_length=12)
    issued_on: date
    expires_at: datetime | None = optional_moment()
    submitted_at: datetime = moment()
    decided_at: datetime | None = optional_moment()
    decided_by: int | None = optional_reference("person.id")
    reason: str = Field(default="", max_length=500)
