"""What a policy covers, what a support asks of it, and how the ledger of covers is kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from sharecare.areas.rules import CareKind, Level, Means
from sharecare.insurance.words import explain
from sharecare.journal.rules import GENESIS, seal_of
from sharecare.malformed import wrong

MINUTE = timedelta(minutes=1)
MIDNIGHT, END_OF_DAY = "00:00", "24:00"
MOST_GRACE_MINUTES = 240


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # unknown, not a name at all, a folder of names
        raise ValueError(f"there is no time zone {name!r}") from error
    return name


# Text, because a policy may say 24:00 and Python's `time` can't; such texts also sort by the clock.
WallTime = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
Months = Annotated[int, Field(ge=0, le=18 * 12)]


class Terms(BaseModel):
    """What a policy covers. No default promises anything: cover must not come from an omission."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: dict[CareKind, Level] = Field(
        min_length=1,
        description="The kinds covered, each with the least level of its supporter.",
        examples=[{"pickup": 0, "own_home": 1}],
    )
    means: tuple[Means, ...] = Field(
        description="Means of travel covered on a pick-up.", examples=[["foot", "transit"]]
    )
    min_child_months: Months = Field(examples=[12])
    max_child_months: Months = Field(description="Inclusive: under 13 years is 155.", examples=[155])
    max_children: int = Field(ge=1, le=20, description="With one supporter at one time.", examples=[3])
    # Older policies don't say; what a policy doesn't say, it doesn't allow.
    several_families: bool = Field(default=False, description="Children of several families at one time are covered.")
    hours_from: WallTime = Field(examples=["06:00"])
    hours_until: WallTime = Field(examples=["20:00"])
    timezone: ZoneName = Field(examples=["Asia/Tokyo"])
    grace_minutes: int = Field(
        ge=0, le=MOST_GRACE_MINUTES, description="How long cover extends by itself after the agreed end.", examples=[30]
    )
    max_temperature_c: float = Field(
        ge=35, le=42, description="A child warmer than this is not taken into care.", examples=[37.5]
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.min_child_months > self.max_child_months:
            raise wrong("ages_reversed")
        if self.hours_from >= self.hours_until:
            raise wrong("clock_reversed")
        if CareKind.PICKUP in self.kinds and not self.means:
            raise wrong("means_unnamed")
        return self


@dataclass(frozen=True, slots=True)
class Support:
    """One support as an insurer sees it."""

    kind: CareKind
    means: Means | None
    start_at: datetime
    end_at: datetime
    child_ages_months: tuple[int, ...]
    level: Level

    def __post_init__(self) -> None:
        if self.end_at <= self.start_at:
            raise ValueError("a support ends after it starts")
        if not self.child_ages_months:
            raise ValueError("a support is for at least one child")
        if (self.kind is CareKind.PICKUP) != (self.means is not None):
            raise ValueError("a pick-up, and nothing else, has a means of travel")

    def as_facts(self) -> dict[str, Any]:
        """Return what the ledger keeps beside the window: codes and figures that name nobody."""
        return {
            "kind": self.kind.value,
            "means": self.means.value if self.means else None,
            "child_ages_months": sorted(self.child_ages_months),
            "level": self.level.value,
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], *, start_at: datetime, end_at: datetime) -> Self:
        """Return the support that a ledger line was written for, with a window of one's choice."""
        return cls(
            kind=CareKind(facts["kind"]),
            means=Means(facts["means"]) if facts["means"] else None,
            start_at=start_at,
            end_at=end_at,
            child_ages_months=tuple(facts["child_ages_months"]),
            level=Level(facts["level"]),
        )


class Term(StrEnum):
    """A term that a support can fail."""

    KIND = "kind"
    MEANS = "means"
    CHILDREN = "children"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    HOURS = "hours"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Objection:
    """A term that a support fails; value and limit are codes and figures (hours: wall times on the local day)."""

    term: Term
    value: Any
    limit: Any

    def text(self, language: str) -> str:
        """Return the objection in words, Japanese for `ja` and English for anything else."""
        return explain(self.term, self.value, self.limit, language)


def objections(terms: Terms, support: Support) -> tuple[Objection, ...]:
    """Return every term that a support fails; what can be mended least comes first."""
    ages, window = support.child_ages_months, _wall_window(terms, support)
    least = least_level(terms, support.kind)
    checks = (
        (support.kind in terms.kinds, Term.KIND, support.kind, tuple(terms.kinds)),
        (support.means is None or support.means in terms.means, Term.MEANS, support.means, terms.means),
        (len(ages) <= terms.max_children, Term.CHILDREN, len(ages), terms.max_children),
        (min(ages) >= terms.min_child_months, Term.TOO_YOUNG, min(ages), terms.min_child_months),
        (max(ages) <= terms.max_child_months, Term.TOO_OLD, max(ages), terms.max_child_months),
        (_inside_hours(terms, support), Term.HOURS, window, (terms.hours_from, terms.hours_until)),
        (support.level >= least, Term.LEVEL, support.level, least),
    )
    return tuple(Objection(term, value, limit) for holds, term, value, limit in checks if not holds)


def least_level(terms: Terms, kind: CareKind) -> Level:
    """Return the least level the policy asks of a supporter; none for a kind that it doesn't cover at any level."""
    return terms.kinds.get(kind, Level.REGISTERED)


def _inside_hours(terms: Terms, support: Support) -> bool:
    if (terms.hours_from, terms.hours_until) == (MIDNIGHT, END_OF_DAY):
        return True
    start, end = _local(terms, support.start_at), _local(terms, support.end_at)
    midnight = datetime.combine(start, time())
    return midnight + _since_midnight(terms.hours_from) <= start and end <= midnight + _since_midnight(
        terms.hours_until
    )


def _local(terms: Terms, moment: datetime) -> datetime:
    # Without its zone: hours are compared as the clock on the wall shows them, also on the days it is changed.
    return moment.astimezone(ZoneInfo(terms.timezone)).replace(tzinfo=None)


def _since_midnight(wall: str) -> timedelta:
    hours, minutes = wall.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


def _wall_window(terms: Terms, support: Support) -> tuple[str, str]:
    start, end = _local(terms, support.start_at), _local(terms, support.end_at)
    later = "+" if end.date() > start.date() else ""
    return f"{start:%H:%M}", f"{later}{end:%H:%M}"


class CoverState(StrEnum):
    """Where a cover stands. A quotation is bound in the transaction that makes it, or leaves nothing."""

    QUOTED = "quoted"
    BOUND = "bound"
    IN_FORCE = "in_force"
    ENDED = "ended"
    VOIDED = "voided"


class LedgerKind(StrEnum):
    """What one line of the ledger says happened to a cover."""

    QUOTED = "quoted"
    BOUND = "bound"
    IN_FORCE = "in_force"
    AMENDED = "amended"
    ENDED = "ended"
    VOIDED = "voided"
    REINSTATED = "reinstated"


class VoidReason(StrEnum):
    """Why a cover was voided before its support began."""

    REQUESTER_CANCELLED = "requester_cancelled"
    SUPPORTER_CANCELLED = "supporter_cancelled"
    STAFF_CANCELLED = "staff_cancelled"
    NEVER_STARTED = "never_started"
    POLICY_ENDED = "policy_ended"


# A cover whose support has begun can't be voided: the risk was run.
MOVES: Mapping[tuple[CoverState | None, LedgerKind], CoverState] = {
    (None, LedgerKind.BOUND): CoverState.BOUND,  # covers from before quotations had a line
    (None, LedgerKind.QUOTED): CoverState.QUOTED,
    (CoverState.QUOTED, LedgerKind.BOUND): CoverState.BOUND,
    (CoverState.BOUND, LedgerKind.IN_FORCE): CoverState.IN_FORCE,
    (CoverState.BOUND, LedgerKind.AMENDED): CoverState.BOUND,
    (CoverState.BOUND, LedgerKind.VOIDED): CoverState.VOIDED,
    (CoverState.VOIDED, LedgerKind.REINSTATED): CoverState.BOUND,
    (CoverState.IN_FORCE, LedgerKind.AMENDED): CoverState.IN_FORCE,
    (CoverState.IN_FORCE, LedgerKind.ENDED): CoverState.ENDED,
}


def state_after(state: CoverState | None, kind: LedgerKind) -> CoverState | None:
    """Return the state a line moves a cover to, or None where the move is illegal."""
    return MOVES.get((state, kind))


def cover_number(policy_number: str, seq: int) -> str:
    """Return the number of the cover that a policy's line opened."""
    return f"{policy_number}-{seq:06d}"


def terms_hash(terms: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) by which the ledger knows the terms of a cover."""
    return seal_of(GENESIS, terms)


def entry_hash(before: str, entry: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) that chains a ledger line to the line before.

    `entry` holds every column but the hashes themselves and the id, which the database chooses: a line is known by
    its policy and `seq`. Moments are hashed in UTC, whatever zone they came in.
    """
    return seal_of(before, {k: v.astimezone(UTC) if isinstance(v, datetime) else v for k, v in entry.items()})


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far a cover covered what really happened."""

    covered_until: datetime  # grace included
    grace_used_minutes: int  # rounded up
    open_gap_minutes: int  # of the actual window outside cover, early and late together, rounded up
    is_whole: bool

    def as_facts(self) -> dict[str, Any]:
        """Return what the ledger keeps."""
        return {
            "covered_until": self.covered_until.astimezone(UTC).isoformat(),
            "grace_used_minutes": self.grace_used_minutes,
            "open_gap_minutes": self.open_gap_minutes,
        }


def covered_until(terms: Terms, end_at: datetime, policy_until: datetime) -> datetime:
    """Return when a cover runs out: grace after the agreed end, but never beyond the policy itself."""
    return min(end_at + terms.grace_minutes * MINUTE, policy_until)


def coverage(
    agreed: tuple[datetime, datetime], actual: tuple[datetime, datetime], *, runs_out_at: datetime
) -> Coverage:
    """Hold the actual window against the agreed one and its grace; the actual end is never clamped."""
    gap = actual[1] - actual[0] - _overlap(actual, (agreed[0], runs_out_at))
    return Coverage(
        covered_until=runs_out_at,
        grace_used_minutes=minutes_up(_overlap(actual, (agreed[1], runs_out_at))),
        open_gap_minutes=minutes_up(gap),
        is_whole=not gap,
    )


def _overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> timedelta:
    return max(min(one[1], other[1]) - max(one[0], other[0]), timedelta())


def minutes_up(length: timedelta) -> int:
    """Return a length in minutes, a begun one counted as whole."""
    return -(-length // MINUTE)
