"""Shapes of the care day, for JSON and pages alike."""

from datetime import datetime
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from sharecare.accounts.schemas import LookReason, Name, Phone
from sharecare.areas.rules import Means
from sharecare.care.booking_schemas import Contact, Handing
from sharecare.care.day_rules import AlarmKind, Condition, Reached, pin_in
from sharecare.care.rules import CareEnd
from sharecare.care.schemas import Text500
from sharecare.columns import LARGEST_ID
from sharecare.drafts import Draft, Moment
from sharecare.mynumber import PlainText, Text2000

LinkText = Annotated[str, Field(max_length=300)]
ChildId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class EmergencyContactDraft(Draft):
    """Someone to call when no guardian answers; members with this e-mail address are told in the app as well."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    name: Name = Field(examples=["鈴木 和子"])
    relation: PlainText = Field(min_length=1, max_length=40, examples=["祖母"])
    phone: Phone = Field(examples=["048-123-4567"])
    email: EmailStr | None = Field(default=None, max_length=254)


class EmergencyContacts(Draft):
    """Both emergency contacts of a family, the one to call first in front."""

    contacts: list[EmergencyContactDraft] = Field(
        min_length=2,
        max_length=2,
        examples=[
            [
                {"name": "鈴木 和子", "relation": "祖母", "phone": "048-123-4567"},
                {"name": "鈴木 一郎", "relation": "叔父", "phone": "090-1234-5678"},
            ]
        ],
    )


class HandOverPerson(Draft):
    """Someone who may hand the child over and collect it."""

    name: Name = Field(examples=["鈴木 花子"])
    relation: PlainText = Field(min_length=1, max_length=40, examples=["母"])


class PreMeetingDraft(Draft):
    """What a family agrees on with one supporter before the first care; allergies stand with each child."""

    children: list[ChildId] = Field(min_length=1, max_length=5, examples=[[1]])
    refuge: PlainText = Field(min_length=1, max_length=300, description="避難場所", examples=["美園小学校 校庭"])
    doctor: PlainText = Field(min_length=1, max_length=300, examples=["みその小児科 048-000-0000"])
    hand_over: list[HandOverPerson] = Field(
        min_length=1, max_length=6, examples=[[{"name": "鈴木 花子", "relation": "母"}]]
    )
    costs: Text500 = Field(default="", examples=["おやつは持参します。電車代は当日払います。"])
    rides: list[Means] = Field(default_factory=list, max_length=4, description="Agreed means of travel.")
    notes: Text2000 = ""

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len(set(self.children)) != len(self.children) or len(set(self.rides)) != len(self.rides):
            raise ValueError("each child and each means once")
        return self


class ChildOnSheet(BaseModel):
    """A child as the sheet tells of it."""

    id: int
    name: str
    allergies: str
    notes: str


class PreMeetingView(BaseModel):
    """A pre-meeting sheet as its two sides see it."""

    supporter_id: int
    supporter: str
    children: list[ChildOnSheet]
    refuge: str
    doctor: str
    hand_over: list[HandOverPerson]
    costs: str
    rides: list[Means]
    notes: str
    written_at: datetime
    version: str = Field(description="Of the content as it is now; whoever agrees, agrees to this.")
    agreed: bool = Field(description="The supporter agreed to this version.")


class Agreement(Draft):
    """Agreeing to a sheet as one has read it."""

    version: str = Field(pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])


class ConditionDraft(Draft):
    """How a child is at the start."""

    child_id: ChildId = Field(examples=[1])
    temperature_c: float = Field(ge=34, le=43, examples=[36.6])
    condition: Condition = Condition.WELL
    note: Text500 = ""


class ConditionView(BaseModel):
    """How a child was when the care should begin."""

    model_config = ConfigDict(from_attributes=True)

    child_id: int
    temperature_c: float
    condition: Condition
    note: str
    taken_in: bool
    checked_at: datetime


class Scanned(Handing):
    """A handover by digits, or by the code that was scanned from the parent's screen."""

    scanned: LinkText | None = Field(default=None, description="The text of the QR code.")

    def digits(self, booking_id: int, end: CareEnd) -> str | None:
        """Return the digits given, typed or scanned; a code of another booking has none."""
        return self.pin if self.scanned is None else pin_in(self.scanned, booking_id, end)


class Starting(Scanned):
    """The start of a care: the handover, and how each child is."""

    children: list[ConditionDraft] = Field(
        default_factory=list, max_length=20, examples=[[{"child_id": 1, "temperature_c": 36.6}]]
    )


class Finishing(Scanned):
    """The end of a care: the handover, and when it was."""

    ended_at: Moment | None = Field(default=None, description="Where it is recorded after cover ran out.")


class CareToRecord(Draft):
    """A care that really was, as staff found out."""

    started_at: Moment | None = Field(default=None, description="Where no start was recorded.")
    ended_at: Moment
    reason: Text500 = Field(min_length=1, examples=["電波がなく、記録できなかったとのこと。双方に確認済み"])


class NoteDraft(Draft):
    """A note during care."""

    text: Text2000 = Field(min_length=1, examples=["16時におやつを食べて、公園へ行きました。"])


class NoteView(BaseModel):
    """A note during care."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    author_id: int
    text: str
    written_at: datetime


class Written(BaseModel):
    """What was written down, by its number; the text itself is read with the booking's record."""

    id: int


class ThanksDraft(Draft):
    """A kind word."""

    text: PlainText = Field(min_length=1, max_length=1000, examples=["本当に助かりました。ありがとうございました。"])


class AlarmStepView(BaseModel):
    """One step of an alarm."""

    model_config = ConfigDict(from_attributes=True)

    step: int
    reached: Reached
    told: int = Field(description="How many people were told.")
    at: datetime


class HowLong(BaseModel):
    """What somebody said whom a late handover awaits."""

    by_supporter: bool
    said_at: datetime
    expected_at: datetime


class HowLongDraft(Draft):
    """How long one still needs to a handover that is late."""

    minutes: int = Field(ge=1, le=60, examples=[10])


class AlarmView(BaseModel):
    """An alarm as those it concerns see it."""

    id: int
    booking_id: int
    kind: AlarmKind
    raised_at: datetime
    answered_at: datetime | None
    how_long: HowLong | None = Field(description="Said last of a late handover; it climbs on all the same.")
    steps: list[AlarmStepView]


class OwnAlarm(AlarmView):
    """An alarm as one of a booking's two sides sees it."""

    awaits_you: bool = Field(description="It is about oneself: one can't answer it.")


class DeskAlarm(AlarmView):
    """An alarm as it lies on the staff's desk, with the window it is about."""

    start_at: datetime
    end_at: datetime
    quiet_until: datetime | None = Field(description="Somebody answered; if nothing changes it climbs on from then.")
    digits_at: CareEnd | None = Field(description="The overdue handover that still asks for a parent's digits.")


class CareRecord(BaseModel):
    """Everything told of one care; a supporter sees it as long as they see the address."""

    pre_meeting: PreMeetingView | None
    ready: bool = Field(description="The sheet is agreed on and covers this care, or the area asks for none.")
    contacts: list[EmergencyContactDraft]
    conditions: list[ConditionView]
    notes: list[NoteView]
    report: str | None
    thank_you: str | None
    alarms: list[OwnAlarm]


class PassingHandover(LookReason):
    """Staff let one end pass without digits."""

    end: CareEnd


class GapView(BaseModel):
    """Uncovered time of a care."""

    model_config = ConfigDict(from_attributes=True)

    booking_id: int
    start_at: datetime
    end_at: datetime
    minutes: int
    explanation: str
    explained_at: datetime | None


class LockedHandover(BaseModel):
    """A handover at which the digits were wrong too often."""

    booking_id: int
    end: CareEnd
    start_at: datetime
    end_at: datetime


class Desk(BaseModel):
    """What the area's staff must look into; nobody is named."""

    alarms: list[DeskAlarm]
    locked: list[LockedHandover]
    gaps: list[GapView]


class DeskCount(NamedTuple):
    """How much waits on the desk."""

    alarms: int
    locked: int
    gaps: int


class People(BaseModel):
    """The two sides of a care, and the family's emergency contacts."""

    requester: Contact
    other_guardians: list[Contact]
    supporter: Contact
    contacts: list[EmergencyContactDraft]


class PeopleToCall(BaseModel):
    """Whom staff can call about a care; each look is logged."""

    details: People | None = Field(description="Null where a repeated command gets its first answer again.")
