"""The certification ladder: what each step rests on, and until when it holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sharecare.areas.rules import AreaSettings, Level

STEPS = (Level.IDENTIFIED, Level.TRAINED, Level.CERTIFIED)
FIRST_AID_YEARS = 5  # as the national Family Support Centers (ファミリー・サポート・センター) ask for
OPEN = datetime(9999, 12, 31, tzinfo=UTC)  # later than any lapse, and still a date in every zone


class CredentialKind(StrEnum):
    """What can be shown and confirmed."""

    IDENTITY = "identity"
    COURSE_UNIT = "course_unit"
    FIRST_AID = "first_aid"
    TRAINING_SESSION = "training_session"
    INTERVIEW = "interview"
    NOTIFICATION = "notification"  # 認可外保育施設の届出, accepted
    CRIMINAL_RECORD_CHECK = "criminal_record_check"  # that it was confirmed, never its result


class CredentialState(StrEnum):
    """Where a credential stands; a confirmed one counts until it lapses."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    REVOKED = "revoked"


MOVES: dict[CredentialState, frozenset[CredentialState]] = {
    CredentialState.SUBMITTED: frozenset({CredentialState.CONFIRMED, CredentialState.REFUSED}),
    CredentialState.CONFIRMED: frozenset({CredentialState.REVOKED}),
    CredentialState.REFUSED: frozenset(),
    CredentialState.REVOKED: frozenset(),
}


class Held(NamedTuple):
    """A confirmed credential; without `expires_at` it never lapses."""

    kind: CredentialKind
    unit: str | None
    expires_at: datetime | None


class Needed(NamedTuple):
    """One thing that a step of the ladder rests on; `unit` names the part of the course."""

    kind: CredentialKind
    unit: str | None = None


_NOTIFICATION = Needed(CredentialKind.NOTIFICATION)


class StepExpiries(NamedTuple):
    """Until when each step holds, itself and all below it; None if never reached, `OPEN` if it doesn't lapse."""

    identified: datetime | None
    trained: datetime | None
    certified: datetime | None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps as one area sets them: the parts of its course, and whether a criminal-record check is asked for."""

    units: tuple[str, ...]
    record_check: bool = False

    @classmethod
    def of(cls, settings: AreaSettings) -> "Ladder":
        """Return the ladder of an area."""
        return cls(settings.course_units, record_check=settings.criminal_record_check_required)

    def needed_for(self, step: Level) -> tuple[Needed, ...]:
        """Return what a step asks for beyond the one below."""
        if step is Level.IDENTIFIED:
            return (Needed(CredentialKind.IDENTITY),)
        if step is Level.TRAINED:
            return tuple(Needed(CredentialKind.COURSE_UNIT, unit) for unit in self.units)
        if step is Level.CERTIFIED:
            checks = (CredentialKind.CRIMINAL_RECORD_CHECK,) if self.record_check else ()
            certified = (CredentialKind.TRAINING_SESSION, CredentialKind.FIRST_AID, CredentialKind.INTERVIEW)
            return tuple(Needed(kind) for kind in (*certified, *checks))
        return ()

    def standing(self, held: Iterable[Held]) -> tuple[StepExpiries, datetime | None]:
        """Return until when each step holds, and the accepted notification; None if there is none."""
        until = _until(held)
        ends: list[datetime | None] = []
        reached: datetime | None = OPEN
        for needed_here in _steps(self):
            for needed in needed_here:
                reached = _earlier(reached, until.get(needed))
            ends.append(reached)
        return StepExpiries(*ends), until.get(_NOTIFICATION)

    def step_expiries(self, held: Iterable[Held]) -> StepExpiries:
        """Return until when each step holds."""
        expiries, _ = self.standing(held)
        return expiries

    def level_at(self, held: Iterable[Held], at: datetime) -> Level:
        """Return the level held at a moment; a lapse counts from its very moment."""
        return Level(sum(end is not None and at < end for end in self.step_expiries(held)))

    def level_through(self, held: Iterable[Held], until: datetime) -> Level:
        """Return the level held all the way to a moment, such as the end of a care."""
        return Level(sum(end is not None and until <= end for end in self.step_expiries(held)))

    def missing_for(self, step: Level, held: Iterable[Held], at: datetime) -> list[Needed]:
        """Return what a step, and those below it, still lack at a moment."""
        until = _until(held)
        needed = (one for below in STEPS if below <= step for one in self.needed_for(below))
        return [one for one in needed if (end := until.get(one)) is None or end <= at]


@lru_cache(maxsize=256)
def _steps(ladder: Ladder) -> tuple[tuple[Needed, ...], ...]:
    return tuple(ladder.needed_for(step) for step in STEPS)


def notification_until(held: Iterable[Held]) -> datetime | None:
    """Return until when an accepted notification is on file; None if there is none."""
    return _until(held).get(_NOTIFICATION)


def lapses_at(kind: CredentialKind, issued_on: date, last_day: date | None, zone: ZoneInfo) -> datetime | None:
    """Return the moment from which a credential counts no more; None if it doesn't lapse.

    `last_day` is the last day it holds. First aid lapses five years after its issue at the latest.
    """
    ends = [] if last_day is None or last_day >= OPEN.date() else [last_day + timedelta(days=1)]
    if kind is CredentialKind.FIRST_AID:
        ends.append(_years_after(issued_on, FIRST_AID_YEARS))
    return datetime.combine(min(ends), time(), zone).astimezone(UTC) if ends else None


def _until(held: Iterable[Held]) -> dict[Needed, datetime]:
    """Return the latest lapse of each thing held; renewals overlap, so only the last matters."""
    until: dict[Needed, datetime] = {}
    for kind, unit, expires_at in held:
        needed, end = Needed(kind, unit), expires_at or OPEN
        known = until.get(needed)
        if known is None or known < end:
            until[needed] = end
    return until


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else min(one, other)


def _years_after(day: date, years: int) -> date:
    """Return the same day some years on; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
