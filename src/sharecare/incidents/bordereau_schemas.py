"""Shapes of what an insurer is told each month, for JSON and pages alike."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from sharecare.drafts import MONTH, Draft
from sharecare.incidents.rules import Claimant, ClaimState
from sharecare.insurance.schedule import Peril
from sharecare.insurance.sent import BordereauKind


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
    month: str = Field(pattern=MONTH, examples=["2026-05"])


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
    sent: dict[BordereauKind, list[SentRow]] = Field(description="By kind that is due, in the order they were sent.")
    to_adjust: list[BordereauKind] = Field(description="Kinds that were sent, and of which an adjustment must follow.")

    @property
    def is_told(self) -> bool:
        """Whether every kind that is due was sent at least once."""
        return all(self.sent.values())
