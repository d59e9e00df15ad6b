"""Shapes of bookings: what is shown of them, and what both sides put down."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharecare.areas.rules import CareKind
from sharecare.care.rules import CostKind, HandoverBy
from sharecare.drafts import Draft, Moment
from sharecare.mynumber import PlainText

Text500 = Annotated[PlainText, Field(max_length=500)]
MAX_COST_YEN = 100_000


class ChildOnTheDay(BaseModel):
    """What a supporter needs to know of a child in care."""

    id: int
    name: str
    age_months: int
    allergies: str
    notes: str


class Contact(BaseModel):
    """How to reach the other family."""

    name: str
    phone: str | None


class OpenDetails(BaseModel):
    """What opens with a booking and closes 24 hours after the care, or at once on cancellation."""

    place: str | None = Field(description="Where the care begins; null is the family's home.")
    lat: float
    lon: float
    to_place: str | None
    to_lat: float | None
    to_lon: float | None
    address: str | None = Field(description="The address of whoever's home the care is at.")
    requester: Contact
    supporter: Contact
    children: list[ChildOnTheDay]
    notes: str


class ChangeView(BaseModel):
    """A proposed start or end."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    proposed_by: int
    new_start_at: datetime | None = Field(description="A later start; null leaves it.")
    new_end_at: datetime
    state: str
    proposed_at: datetime


class ContestView(BaseModel):
    """What one side says against a no-show."""

    because: str
    by_supporter: bool
    reported_at: datetime
    contested_at: datetime
    stands: bool | None = Field(description="Whether staff let the no-show stand; null until they have decided.")


class NoShowDecision(Draft):
    """What staff decide of a no-show; nobody having contested it, they can only strike it off."""

    stands: bool
    reason: Text500 = Field(min_length=1, examples=["双方に電話で確認。住所の行き違いがあったとのこと"])


class CostLineView(BaseModel):
    """Thanks or an actual cost."""

    model_config = ConfigDict(from_attributes=True)

    kind: CostKind
    yen: int = Field(ge=0, le=MAX_COST_YEN)
    note: str = Field(default="", max_length=200)


class BookingView(BaseModel):
    """A booking as either side sees it."""

    id: int
    request_id: int
    state: str
    kind: CareKind
    start_at: datetime
    end_at: datetime
    requester_id: int
    supporter_id: int
    cover_number: str
    handover_start: HandoverBy
    handover_finish: HandoverBy
    confirmed_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    end_said_at: datetime | None = Field(description="When the end was put down, where that was later than it was.")
    cancelled_by: str | None
    no_show: bool
    close_reason: str
    with_others: bool = Field(description="Other families' children may be there too.")
    other_children: int = Field(description="Children of other families who are there for some of the time.")
    uncovered_minutes: int = Field(description="Time of this care that no cover reached.")
    changes: list[ChangeView]
    costs: list[CostLineView]
    contest: ContestView | None = Field(description="What was said against a no-show.")
    suggested_thanks_yen: int
    details: OpenDetails | None


class HandoverPins(BaseModel):
    """The digits a parent shows; only for ends at which a parent is there."""

    start: str | None
    finish: str | None


class Handing(Draft):
    """A handover at one end of a care."""

    pin: str | None = Field(default=None, pattern=r"^\d{6}$", description="Where a parent hands over or receives.")


class ChangeDraft(Draft):
    """A later start before the care begins, or a new end, later or earlier."""

    new_start_at: Moment | None = None
    new_end_at: Moment | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.new_start_at is None) == (self.new_end_at is None):
            raise ValueError("give a new start or a new end")
        return self

    def end(self) -> datetime:
        """Return the new end, where no new start was given."""
        if self.new_end_at is None:
            raise ValueError("this proposes a start")
        return self.new_end_at


class CostLineDraft(Draft, CostLineView):
    """Thanks or an actual cost, to be recorded."""

    note: Annotated[PlainText, Field(max_length=200)] = ""


class Settlement(Draft):
    """What was paid between the two families."""

    lines: list[CostLineDraft] = Field(
        max_length=20, examples=[[{"kind": "thanks", "yen": 750, "note": ""}, {"kind": "food", "yen": 200, "note": ""}]]
    )
