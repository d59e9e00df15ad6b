"""Shapes of certification, for JSON and pages alike."""

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharecare.areas.rules import Level
from sharecare.certification.rules import CredentialKind, CredentialState
from sharecare.drafts import Day, Draft
from sharecare.mynumber import PlainText


class CredentialDraft(Draft):
    """Evidence to be confirmed by the area's staff, who see the document itself."""

    kind: CredentialKind
    unit: str | None = Field(default=None, max_length=40, description="Which part of the course.", examples=["safety"])
    evidence: PlainText = Field(
        default="", max_length=200, description="The kind of document, not its number.", examples=["運転免許証"]
    )
    issued_on: Day = Field(description="Issued, passed or attended on.", examples=["2026-04-12"])

    @model_validator(mode="after")
    def _of_its_kind(self) -> Self:
        if (self.unit is None) == (self.kind is CredentialKind.COURSE_UNIT):
            raise ValueError("a course unit, and nothing else, names its unit")
        if self.kind is CredentialKind.CRIMINAL_RECORD_CHECK and self.evidence:
            raise ValueError("a criminal-record check takes no text: only that it was confirmed is kept")
        return self


class Confirmation(Draft):
    """Until when the credential holds."""

    last_day: Day | None = Field(
        default=None,
        description="The last day it holds; null if it doesn't lapse. First aid lapses after five years at the latest.",
        examples=["2031-04-11"],
    )


class Decision(Draft):
    """Why it was refused or revoked; shown to the person. A criminal-record check takes no text."""

    reason: PlainText = Field(default="", max_length=500, examples=["写真が不鮮明で、お名前を確認できませんでした。"])


class IdentitySeen(Draft):
    """An identity document that the staff have seen themselves."""

    evidence: PlainText = Field(
        min_length=2, max_length=200, description="The kind of document, not its number.", examples=["運転免許証"]
    )
    seen_on: Day = Field(description="The day on which it was seen.", examples=["2026-04-12"])


class CredentialView(BaseModel):
    """One's own credential."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: CredentialKind
    unit: str | None
    evidence: str
    state: CredentialState
    issued_on: date
    expires_at: datetime | None = Field(description="The moment from which it counts no more.")
    submitted_at: datetime
    decided_at: datetime | None
    reason: str


class SubmittedView(BaseModel):
    """A credential that waits for the staff of the area."""

    id: int
    person_id: int = Field(examples=[42])
    name: str = Field(examples=["佐藤 健"])
    kind: CredentialKind
    unit: str | None
    evidence: str
    issued_on: date
    submitted_at: datetime


class RegistrationView(BaseModel):
    """A member whose identity nobody has confirmed, or whose confirmation has lapsed."""

    person_id: int = Field(examples=[42])
    name: str = Field(examples=["佐藤 健"])
    is_requester: bool
    is_supporter: bool
    created_at: datetime
    credential_id: int | None = Field(description="An identity document that waits to be checked.")


class NeededView(BaseModel):
    """What is still missing."""

    model_config = ConfigDict(from_attributes=True)

    kind: CredentialKind
    unit: str | None = Field(description="Which part of the course.", examples=["safety"])


class StepView(BaseModel):
    """One step of the ladder."""

    level: Level = Field(description="1 identified, 2 trained, 3 certified.")
    until: datetime | None = Field(
        description="Until when it holds or held; null if it was never reached or never lapses."
    )
    reached: bool


class LadderView(BaseModel):
    """Where one stands, what the next step lacks and what lapses when."""

    level: Level = Field(description="0 registered, 1 identified, 2 trained, 3 certified.")
    steps: list[StepView]
    missing: list[NeededView] = Field(description="For the next step; empty on the last.")
    notification_until: datetime | None = Field(description="Until when an accepted notification is on file.")
    credentials: list[CredentialView] = Field(description="Newest first.")
