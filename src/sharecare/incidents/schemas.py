"""Shapes of incidents, for JSON and pages alike."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharecare.columns import LARGEST_ID
from sharecare.drafts import Draft, Moment
from sharecare.incidents.rules import (
    ClaimState,
    IncidentKind,
    IncidentState,
    Injured,
    Report,
    Step,
    Treatment,
    Whom,
)
from sharecare.malformed import wrong
from sharecare.mynumber import PlainText, Text2000

Text200 = Annotated[PlainText, Field(max_length=200)]
Text1000 = Annotated[PlainText, Field(max_length=1000)]
Text4000 = Annotated[PlainText, Field(max_length=4000)]
Days = Annotated[int, Field(ge=0, le=3650)]


class Witness(Draft):
    """Someone who saw it."""

    name: Text200 = Field(min_length=1)
    contact: Text200 = ""


class Told(Draft):
    """Who was told, and when."""

    whom: Whom
    at: Moment
    note: Text200 = ""


class IncidentDraft(Draft):
    """Everything an insurer asks, and nothing that is known already from the booking."""

    kind: IncidentKind
    occurred_at: Moment = Field(examples=["2026-06-02T17:20:00+09:00"])
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
        treated = self.treatment is not Treatment.NONE or bool(self.treatment_days)
        harm = self.unconscious or self.death or treated or bool(self.injury)
        if self.kind is IncidentKind.NEAR_MISS and (hurt or harm or self.damage):
            raise wrong("near_miss_harm")
        if harm and not hurt:
            raise wrong("who_was_hurt")
        if (self.child_id is not None) and self.injured is not Injured.CHILD:
            raise wrong("child_not_hurt")
        if any(one.at < self.occurred_at for one in self.told):
            raise wrong("told_before")
        return self


class IncidentChange(Draft):
    """What came to be known later, or was not so; what is left out stays as it was.

    `treatment_days` and `child_id` are taken back by a null. Lists stand for the whole: whoever adds a witness sends
    those known before, too.
    """

    note: Text2000 = ""
    place: Text200 | None = Field(default=None, min_length=1)
    what: Text4000 | None = Field(default=None, min_length=1)
    injured: Injured | None = None
    child_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    injury: Text1000 | None = None
    treatment: Treatment | None = None
    treatment_days: Days | None = None
    unconscious: bool | None = None
    death: bool | None = None
    damage: Text1000 | None = None
    third_party: Text1000 | None = None
    witnesses: list[Witness] | None = Field(default=None, max_length=10)
    told: list[Told] | None = Field(default=None, max_length=20)

    def said(self) -> dict[str, Any]:
        """Return what it says anew, by field, as plain JSON values."""
        told = self.model_dump(mode="json", exclude_unset=True, exclude={"note"})
        return {name: value for name, value in told.items() if value is not None or name in _TAKEN_BACK}


_TAKEN_BACK = frozenset({"treatment_days", "child_id"})


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
    changes: dict[str, Any] = Field(
        description="What stood there before, by field; `marks` are reports no longer due, `report` one that went."
    )


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
