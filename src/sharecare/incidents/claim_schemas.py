"""Shapes of claims, for JSON and pages alike."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sharecare.drafts import Draft, Moment
from sharecare.incidents.rules import Claimant, ClaimState, Correspondent, Injured, MediaType, Treatment
from sharecare.incidents.schemas import Notice, Text200, Text4000, Told
from sharecare.insurance.schedule import MOST_YEN, Exclusion, Peril, Point

Amount = Annotated[int, Field(ge=0, le=MOST_YEN)]


class ClaimDraft(Draft):
    """A claim because of an incident, as the staff put it to the insurer."""

    peril: Peril
    claimant: Claimant
    circumstances: list[Exclusion] = Field(default=[], max_length=len(Exclusion), description="What may be excluded.")
    claimed_yen: Amount = Field(examples=[12_000])
    reserve_yen: Amount = Field(default=0, description="What is set aside until it is decided.")


class ClaimChange(Draft):
    """How a claim moves; what is left out stays."""

    state: ClaimState | None = None
    claimed_yen: Amount | None = None
    reserve_yen: Amount | None = None
    paid_yen: Amount | None = None


class LetterDraft(Draft):
    """What was exchanged about a claim."""

    correspondent: Correspondent
    outgoing: bool
    at: Moment = Field(examples=["2026-06-01T09:00:00+09:00"])
    subject: Text200 = Field(min_length=1)
    body: Text4000 = ""


class AttachmentView(BaseModel):
    """A paper that is with a letter; its content is read by itself."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    media_type: MediaType
    size_bytes: int


class LetterView(BaseModel):
    """What was exchanged about a claim."""

    id: int
    correspondent: Correspondent
    outgoing: bool
    at: datetime
    subject: str
    body: str
    attachments: list[AttachmentView] = Field(description="To be read one by one; each look is logged.")


class ClaimLine(BaseModel):
    """One line of a claim's history."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    state: ClaimState
    claimed_yen: int
    reserve_yen: int
    paid_yen: int


class ClaimFacts(BaseModel):
    """The incident as an insurer needs it; the people in it have no names."""

    occurred_at: datetime
    place: str
    what: str
    injured: Injured
    child_age_months: int | None
    injury: str
    treatment: Treatment
    treatment_days: int | None
    unconscious: bool
    death: bool
    damage: str
    third_party: str
    told: list[Told]
    witnesses: int
    photos: list[int] = Field(description="To be read one by one; each look is logged.")
    agreed_start_at: datetime
    agreed_end_at: datetime


class ClaimRow(BaseModel):
    """A claim in a list."""

    id: int
    policy_id: int
    number: str
    policy_number: str
    cover_number: str
    peril: Peril
    claimant: Claimant
    state: ClaimState
    claimed_yen: int
    reserve_yen: int
    paid_yen: int
    filed_at: datetime
    changed_at: datetime


class ClaimView(ClaimRow):
    """A claim with its facts, its history and what was written about it."""

    circumstances: list[Exclusion]
    points: list[Point] = Field(description="What the insurer will ask about; it decides nothing.")
    facts: ClaimFacts
    history: list[ClaimLine]
    letters: list[LetterView]
    notice: Notice
