"""Shapes of incidents and claims, for JSON and pages alike."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from sharecare.accounts.schemas import Draft
from sharecare.columns import LARGEST_ID
from sharecare.incidents.rules import (
    Claimant,
    ClaimState,
    Correspondent,
    IncidentKind,
    IncidentState,
    Injured,
    Report,
    Step,
    Treatment,
    Whom,
)
from sharecare.insurance.schedule import MOST_YEN, Exclusion, Peril, Point
from sharecare.insurance.sent import BordereauKind
from sharecare.mynumber import PlainText, Text2000

Text200 = Annotated[PlainText, Field(max_length=200)]
Text1000 = Annotated[PlainText, Field(max_length=1000)]
Text4000 = Annotated[PlainText, Field(max_length=4000)]
Days = Annotated[int, Field(ge=0, le=3650)]
Amount = Annotated[int, Field(ge=0, le=MOST_YEN)]


class Witness(Draft):
    """Someone who saw it."""

    name: Text200
    contact: Text200 = ""


class Told(Draft):
    """Who was told, and when."""

    whom: Whom
    at: AwareDatetime
    note: Text200 = ""


class IncidentDraft(Draft):
    """Everything an insurer asks, and nothing that is known already from the booking."""

    kind: IncidentKind
    occurred_at: AwareDatetime = Field(examples=["2026-06-02T17:20:00+09:00"])
    place: Text200 = Field(min_length=1, examples=["園の玄関前"])
    what: Text4000 = Field(min_length=1, examples=["段差でつまずき、ひざをすりむいた。"])
    injured: Injured = Injured.NOBODY
    child_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Where a child was hurt: which.")
    injury: Text1000 = ""
    treatment: Treatment = Treatment.NONE
    treatment_days: Days | None = Field(default=None, description="How long treatment takes, as far as it is known.")
    unconscious: bool = False
    death: bool = False
    damage: Text1000 = Field(default="", description="What was broken or lost.")
    third_party: Text1000 = Field(default="", description="Who else is concerned.")
    witnesses: list[Witness] = Field(default=[], max_length=10)
    told: list[Told] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        hurt = self.injured is not Injured.NOBODY
        harm = self.unconscious or self.death or self.treatment is not Treatment.NONE or bool(self.injury)
        if self.kind is IncidentKind.NEAR_MISS and (hurt or harm or self.damage):
            raise ValueError("a near miss hurts nobody and breaks nothing: report an incident")
        if harm and not hurt:
            raise ValueError("say who was hurt")
        if (self.child_id is not None) and self.injured is not Injured.CHILD:
            raise ValueError("a child is named where a child was hurt")
        return self


class IncidentChange(Draft):
    """What came to be known later; what is left out stays as it was."""

    note: Text2000 = ""
    injury: Text1000 | None = None
    treatment: Treatment | None = None
    treatment_days: Days | None = None
    unconscious: bool | None = None
    death: bool | None = None
    damage: Text1000 | None = None
    third_party: Text1000 | None = None


class ReportDraft(Draft):
    """A report that was sent to the authority."""

    report: Report
    note: Text2000 = Field(default="", description="To whom, by which way, under which number.")


class Conclusion(Draft):
    """What was learned."""

    conclusion: Text2000 = Field(min_length=1, examples=["玄関の段差に目印を付けた。"])


class Notice(BaseModel):
    """What everyone who reads of a claim is told: nothing is promised."""

    ja: str
    en: str


class MarkView(BaseModel):
    """A moment by which a report is due."""

    model_config = ConfigDict(from_attributes=True)

    step: Step
    due_at: datetime
    met_at: datetime | None


class NoteView(BaseModel):
    """What was added later."""

    written_by: str
    at: datetime
    text: str
    changes: dict[str, object]


class ClaimGlimpse(BaseModel):
    """A claim as the two families see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    number: str
    state: ClaimState


class IncidentGlimpse(BaseModel):
    """An incident in the staff's list: codes and moments, no names and no texts."""

    id: int
    booking_id: int
    kind: IncidentKind
    state: IncidentState
    serious: bool
    injured: Injured
    treatment: Treatment
    occurred_at: datetime
    reported_at: datetime
    marks: list[MarkView]
    claims: list[ClaimGlimpse]


class IncidentView(IncidentGlimpse):
    """An incident in full."""

    reported_by: str
    place: str
    what: str
    child_id: int | None
    injury: str
    treatment_days: int | None
    unconscious: bool
    death: bool
    damage: str
    third_party: str
    witnesses: list[Witness]
    told: list[Told]
    conclusion: str
    notes: list[NoteView]
    photos: list[int]
    notice: Notice


class PhotoView(BaseModel):
    """A photo that was taken in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    width: int
    height: int


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
    at: AwareDatetime = Field(examples=["2026-06-01T09:00:00+09:00"])
    subject: Text200 = Field(min_length=1)
    body: Text4000 = ""


class LetterView(BaseModel):
    """What was exchanged about a claim."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    correspondent: Correspondent
    outgoing: bool
    at: datetime
    subject: str
    body: str


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
    photos: int
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


class ClaimBordereauRow(BaseModel):
    """One claim as the insurer needs it each month; who is in it stays out."""

    number: str
    policy_number: str
    insurer: str
    cover_number: str
    peril: Peril
    claimant: Claimant
    occurred_at: datetime
    filed_at: datetime
    moved_at: datetime = Field(description="The last change before the month's end.")
    state: ClaimState
    claimed_yen: int
    reserve_yen: int
    paid_yen: int
    paid_in_month_yen: int


class BordereauOrder(Draft):
    """Which month to send."""

    kind: BordereauKind
    month: str = Field(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$", examples=["2026-05"])


class DraftBordereau(BaseModel):
    """A month as it would be sent now."""

    kind: BordereauKind
    month: str
    number: int = Field(description="0 is the month itself; a later one holds only what has changed.")
    is_over: bool
    is_new: bool = Field(description="Whether the insurer would learn anything from it.")
    rows: list[dict[str, object]] = Field(description="The first of them.")
    count: int = Field(description="Of all rows.")
    totals: dict[str, int]
    difference: dict[str, int] = {}


class SentRow(BaseModel):
    """A bordereau in the list of those sent."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    policy_id: int
    kind: BordereauKind
    month: str
    number: int = Field(description="0 is the month itself; adjustments follow from 1.")
    ledger_seq: int = Field(description="The last line of the ledger that it tells of.")
    content_hash: str
    sent_at: datetime


class SentBordereauView(SentRow):
    """A bordereau exactly as it was sent; an adjustment holds the rows that differ, and how."""

    policy_number: str
    insurer: str
    rows: list[dict[str, object]]
    totals: dict[str, int] = Field(description="Of the whole month, as corrected.")
    difference: dict[str, int] = Field(default={}, description="What an adjustment changes in the totals.")


class MonthStanding(BaseModel):
    """A month of a policy that is over, and what the insurer was told of it."""

    policy_id: int
    policy_number: str
    insurer: str
    month: str
    sent: dict[BordereauKind, list[SentRow]] = Field(description="By kind, in the order they were sent.")

    @property
    def is_told(self) -> bool:
        """Whether every kind was sent at least once."""
        return all(self.sent[kind] for kind in BordereauKind)
