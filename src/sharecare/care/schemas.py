"""Shapes of requests, asks, plans and offers, for JSON and pages alike."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sharecare.areas.rules import CareKind, Circle, Level, Means
from sharecare.care.rules import HandoverBy
from sharecare.columns import LARGEST_ID
from sharecare.drafts import Draft, Moment
from sharecare.malformed import wrong
from sharecare.mynumber import PlainText, Text2000

Text500 = Annotated[PlainText, Field(max_length=500)]
Agreed = Literal[HandoverBy.PARENT, HandoverBy.INSTITUTION]


class PlaceDraft(Draft):
    """A place: what the two families call it, and where it is."""

    name: str = Field(min_length=1, max_length=200, examples=["美園こども園"])
    lat: float = Field(ge=20, le=46, examples=[35.8916])
    lon: float = Field(ge=122, le=154, examples=[139.7301])


class Need(Draft):
    """Who, when, where: a request before it is opened.

    `place` is where the care begins; left out, it is the family's home. A 送迎 also says where it ends (left out: the
    home) and by which means.
    """

    kind: CareKind
    children: list[int] = Field(min_length=1, max_length=5, description="Ids of the family's children.")
    start_at: Moment = Field(examples=["2026-11-24T17:30:00+09:00"])
    end_at: Moment = Field(examples=["2026-11-24T19:00:00+09:00"])
    means: Means | None = None
    place: PlaceDraft | None = None
    to_place: PlaceDraft | None = None
    reach: Circle = Circle.OPEN
    max_distance_m: int = Field(default=3000, ge=100, le=20_000)
    min_level: Level = Level.REGISTERED
    named_supporter_id: int | None = Field(default=None, ge=1, le=LARGEST_ID, description="Ask this person alone.")
    urgent: bool | None = Field(default=None, description="Ask all circles at once; null lets the time left decide.")
    first_acceptance_decides: bool = False
    handover_start: Agreed = HandoverBy.PARENT
    handover_finish: Agreed = HandoverBy.PARENT
    with_others: bool = Field(default=False, description="Other families' children may be there too.")
    notes: Text2000 = ""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind is CareKind.PICKUP and self.means is None:
            raise wrong("means_missing")
        if self.kind is not CareKind.PICKUP and (self.means is not None or self.to_place is not None):
            raise wrong("means_needless")
        if self.kind is CareKind.EVENT and self.place is None:
            raise wrong("place_missing")
        if len(set(self.children)) != len(self.children):
            raise wrong("child_twice")
        return self


class Candidate(BaseModel):
    """Someone who could help: order and words, never scores."""

    supporter_id: int
    name: str
    introduction: str
    level: Level
    distance_m: int = Field(description="Rounded to 100 m between mesh cells.", examples=[700])
    reasons: list[str] = Field(
        examples=[["約700m", "お友だちの2人とつながりがあります", "はじめから終わりまでできます"]]
    )
    free_minutes: int
    whole: bool = Field(description="Free for the whole time; others can cover a part and are not asked.")
    circle: Circle = Field(description="In which one they would be asked.")
    mutual_friends: int = Field(description="How many friends the two share.")
    community_ids: tuple[int, ...] = Field(description="The communities that both belong to.", examples=[[3]])
    free: list[tuple[int, int]] = Field(
        description="When in the window they are free: from and until, in minutes since its start.",
        examples=[[[0, 90]]],
    )


class AskProgress(BaseModel):
    """Who was asked when, as the family sees it."""

    supporter_id: int
    name: str
    circle: Circle | None = Field(description="Null where one person was asked by name.")
    asked_at: datetime
    answer: str = Field(description="`open`, `offered`, `declined` or `closed`.")
    cannot_come_at: datetime | None = Field(description="When they said so, having been booked; null otherwise.")


class RequestView(BaseModel):
    """A request as its own family sees it."""

    id: int
    state: str
    kind: CareKind
    means: Means | None
    start_at: datetime
    end_at: datetime
    place: str | None = Field(description="Where the care begins; null is the family's home.")
    to_place: str | None
    children: list[int]
    reach: Circle
    circle: Circle = Field(description="The circle reached so far.")
    next_wave_at: datetime | None
    urgent: bool
    first_acceptance_decides: bool
    named_supporter_id: int | None
    with_others: bool = Field(description="Other families' children may be there too.")
    notes: str
    series_id: int | None
    opened_at: datetime
    close_reason: str
    asked: list[AskProgress]
    booking_id: int | None


class RequestGlimpse(BaseModel):
    """A request as an asked supporter sees it before a booking: nothing that names child or address."""

    id: int
    state: str
    kind: CareKind
    means: Means | None
    start_at: datetime
    end_at: datetime
    cell: int = Field(description="Mesh code of the place where the care begins.")
    ages: list[int] = Field(description="Whole years.")
    requester: str = Field(description="The requester's name.")
    with_others: bool = Field(description="The family is content with other families' children there.")


class AskView(BaseModel):
    """A request that a supporter was asked for."""

    ask_id: int
    state: str
    asked_at: datetime
    circle: Circle
    distance_m: int
    direct: bool
    request: RequestGlimpse
    offer_id: int | None
    suggested_thanks_yen: int


class PlannedAsk(Draft):
    """One ask of a plan."""

    request_id: int
    supporter_id: int


class AreaPlan(BaseModel):
    """A plan for many open requests: the most filled, and among those plans the best matched."""

    requests: int
    filled: int
    at_most: int = Field(description="No plan can fill more than this.")
    proven_optimal: bool
    asks: list[PlannedAsk]
    already_asked: list[int] = Field(description="Requests whose person in `asks` was asked before and hasn't said no.")
    unfilled: list[int] = Field(description="Requests nobody can take.")
    named: int = Field(description="How many requests to one person alone are left out.")
    later: int = Field(description="How many requests are left out because the first 500 are planned.")


class PlanToSend(Draft):
    """The asks of a plan that staff have seen."""

    asks: list[PlannedAsk] = Field(min_length=1, max_length=500)


class PlanSent(BaseModel):
    """How many of a plan's asks went out now, and how many had gone out before."""

    asked: int
    already_asked: int


class OfferDraft(Draft):
    """Readiness to take a request."""

    note: Text500 = Field(default="", examples=["17時半からなら大丈夫です。"])


class OfferView(BaseModel):
    """An offer."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    request_id: int
    supporter_id: int
    supporter: str
    note: str
    state: str
    made_at: datetime
    booking_id: int | None = None


class Why(Draft):
    """A reason, told to the other side."""

    reason: Text500 = Field(min_length=1, examples=["子どもが熱を出したため"])


class MaybeWhy(Draft):
    """A reason, if one wants to give it."""

    reason: Text500 = ""
