"""What can happen in a care, when an accident is serious and by when that is reported, and a claim's life. Pure."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SERIOUS_FROM_DAYS = 30  # municipal guidance on accidents in childcare: treatment of 30 days and more
DECEMBER = 12
_DAY = timedelta(days=1)


class IncidentKind(StrEnum):
    """Whether something happened, or only nearly."""

    NEAR_MISS = "near_miss"
    INCIDENT = "incident"


class IncidentState(StrEnum):
    """Whether the staff still work on it."""

    OPEN = "open"
    CLOSED = "closed"


class Injured(StrEnum):
    """Who was hurt."""

    NOBODY = "nobody"
    CHILD = "child"
    SUPPORTER = "supporter"
    OTHER = "other"


class Treatment(StrEnum):
    """What was done about an injury."""

    NONE = "none"
    FIRST_AID = "first_aid"
    DOCTOR = "doctor"
    HOSPITAL = "hospital"


class Whom(StrEnum):
    """Who was told."""

    FAMILY = "family"
    AMBULANCE = "ambulance"
    POLICE = "police"
    DOCTOR = "doctor"
    SCHOOL = "school"
    STAFF = "staff"
    MUNICIPALITY = "municipality"
    INSURER = "insurer"
    OTHER = "other"


class Report(StrEnum):
    """What a town owes the authority after a serious accident."""

    FIRST = "first"
    SECOND = "second"


class Step(StrEnum):
    """A moment by which a report is due: the first the same day, the next at the latest; the second in a month."""

    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"
    ONE_MONTH = "one_month"


REPORT_OF: Mapping[Step, Report] = {
    Step.SAME_DAY: Report.FIRST,
    Step.NEXT_DAY: Report.FIRST,
    Step.ONE_MONTH: Report.SECOND,
}
# How long before it is due the staff are reminded.
LEAD: Mapping[Step, timedelta] = {
    Step.SAME_DAY: timedelta(hours=3),
    Step.NEXT_DAY: timedelta(hours=6),
    Step.ONE_MONTH: timedelta(days=7),
}


class ClaimState(StrEnum):
    """Where a claim stands."""

    FILED = "filed"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


CLOSED = frozenset({ClaimState.SETTLED, ClaimState.DECLINED, ClaimState.WITHDRAWN})
# Which of its steps an insurer hears from others: what it decided itself, it knows.
FOR_INSURER = frozenset({ClaimState.FILED, ClaimState.SUBMITTED, ClaimState.WITHDRAWN})
CLAIM_MOVES: Mapping[ClaimState, frozenset[ClaimState]] = {
    ClaimState.FILED: frozenset({ClaimState.SUBMITTED, ClaimState.WITHDRAWN}),
    ClaimState.SUBMITTED: CLOSED,
    ClaimState.SETTLED: frozenset({ClaimState.SUBMITTED}),
    ClaimState.DECLINED: frozenset({ClaimState.SUBMITTED}),
    ClaimState.WITHDRAWN: frozenset({ClaimState.SUBMITTED}),
}


class Claimant(StrEnum):
    """Who suffered the loss."""

    FAMILY = "family"
    SUPPORTER = "supporter"
    THIRD_PARTY = "third_party"


class Correspondent(StrEnum):
    """With whom something was exchanged about a claim."""

    INSURER = "insurer"
    FAMILY = "family"
    SUPPORTER = "supporter"
    THIRD_PARTY = "third_party"


class MediaType(StrEnum):
    """What is attached to a letter (RFC 6838)."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"


def is_serious(*, death: bool, unconscious: bool, treatment_days: int | None) -> bool:
    """Say whether an accident must be reported to the authority."""
    return death or unconscious or (treatment_days or 0) >= SERIOUS_FROM_DAYS


def due_dates(known_at: datetime, zone: ZoneInfo) -> dict[Step, datetime]:
    """Return by when each report is due: the ends of local days, counted from when it was known to be serious."""
    day = known_at.astimezone(zone).date()
    return {
        Step.SAME_DAY: _end_of(day, zone),
        Step.NEXT_DAY: _end_of(day + _DAY, zone),
        Step.ONE_MONTH: _end_of(_month_after(day), zone),
    }


def claim_may_become(state: ClaimState, after: ClaimState) -> bool:
    """Say whether a claim may stay or move so."""
    return after == state or after in CLAIM_MOVES[state]


def claim_number(policy_number: str, count: int) -> str:
    """Return the number of a policy's claim."""
    return f"{policy_number}-C{count:04d}"


def _month_after(day: date) -> date:
    year, month = day.year + day.month // DECEMBER, day.month % DECEMBER + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
