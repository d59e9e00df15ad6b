"""Shapes of insurance, for JSON and pages alike."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from sharecare.areas.rules import CareKind, Level
from sharecare.drafts import Draft, Moment
from sharecare.insurance.rules import CoverState, Terms
from sharecare.insurance.schedule import Aggregate, Exclusion, Peril, Schedule
from sharecare.malformed import wrong


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


InUtc = Annotated[Moment, AfterValidator(_in_utc)]
Yen = Annotated[int, Field(gt=0, le=2_000_000_000)]


class PolicyDraft(Draft):
    """An area's contract with an insurer, as its certificate states it."""

    insurer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] = Field(
        examples=["さくら損害保険"]
    )
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = Field(
        examples=["SK-2026-0417"]
    )
    valid_from: InUtc = Field(examples=["2026-04-01T00:00:00+09:00"])
    valid_until: InUtc = Field(description="Exclusive.", examples=["2027-04-01T00:00:00+09:00"])
    liability_yen: Yen = Field(description="施設賠償, per accident.", examples=[50_000_000])
    property_yen: Yen = Field(description="受託者賠償.", examples=[50_000_000])
    terms: Terms
    schedule: Schedule = Schedule()

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.valid_until <= self.valid_from:
            raise wrong("policy_reversed")
        return self


class PolicyEnd(Draft):
    """When a policy ends that would have gone on."""

    ends_at: InUtc = Field(
        description="Exclusive. From now on, and before it ends anyway.", examples=["2026-10-01T00:00:00+09:00"]
    )


class PolicyView(BaseModel):
    """A policy as the area's staff see it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    version: int = Field(description="Of the area's policies, counted from 1.")
    insurer: str
    number: str
    valid_from: datetime
    valid_until: datetime
    liability_yen: int
    property_yen: int
    terms: Terms
    schedule: Schedule


class AggregateView(BaseModel):
    """How far one of a policy's aggregates is used up."""

    aggregate: Aggregate
    used: int
    limit: int | None
    is_near: bool = Field(description="80% or more is used.")
    is_reached: bool = Field(description="Nothing is left: bookings are refused.")


class PolicyStanding(PolicyView):
    """A policy with what has been used of it."""

    area: str
    aggregates: list[AggregateView]
    insurer_is_told: bool = Field(
        description="Somebody has an account under exactly the insurer's name. Without one nobody there is told of "
        "bordereaux, claims or letters."
    )


class PerilView(BaseModel):
    """What a policy may pay for, and up to what."""

    peril: Peril
    limit_yen: int
    deductible_yen: int


class CoverView(BaseModel):
    """The insurance of one support, as its two families see it."""

    number: str = Field(examples=["SK-2026-0417-000012"])
    code: str = Field(description="Opens the public page that says whether the cover is valid.")
    state: CoverState
    insurer: str
    policy_number: str
    start_at: datetime
    end_at: datetime
    covered_until: datetime = Field(description="Grace after the agreed end included.")
    liability_yen: int
    property_yen: int
    perils: list[PerilView]
    exclusions: list[Exclusion]
    terms: Terms = Field(description="As they were when the cover was bound.")


class Validity(BaseModel):
    """What whoever holds a certificate may know: whether it is valid, and nothing about anyone."""

    number: str
    insurer: str
    state: CoverState
    is_valid: bool = Field(description="Covered at this moment.")
    valid_from: datetime
    valid_until: datetime = Field(description="Grace included.")
    checked_at: datetime


class BordereauRow(BaseModel):
    """One cover as the insurer needs it: who and where stay out."""

    number: str
    policy_number: str
    insurer: str
    kind: CareKind
    state: CoverState
    agreed_start_at: datetime
    agreed_end_at: datetime
    agreed_minutes: int
    actual_start_at: datetime | None = Field(description="Known once the support has ended, like all below it.")
    actual_end_at: datetime | None
    actual_minutes: int | None
    grace_used_minutes: int | None
    open_gap_minutes: int | None
    children: int
    child_ages_months: list[int]
    level: Level
    premium_yen: int = Field(description="Paid by the operator.")


class BordereauTotals(BaseModel):
    """Sums over the rows."""

    covers: int
    ended: int
    children: int
    agreed_minutes: int
    actual_minutes: int
    grace_used_minutes: int
    open_gap_minutes: int
    premium_yen: int


class Bordereau(BaseModel):
    """Every cover whose agreed start lies in one month of the area's time zone; voided ones bore no risk."""

    month: str = Field(examples=["2026-11"])
    timezone: str = Field(examples=["Asia/Tokyo"])
    rows: list[BordereauRow]
    totals: BordereauTotals
