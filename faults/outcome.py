"""What a row of the table says of itself."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a row ended."""

    PASSED = "passed"
    MISSED = "MISSED"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done to the system, and what was found."""

    done: str
    found: str
    verdict: Verdict


def judged(done: str, found: str, *, passed: bool) -> Outcome:
    """Say whether a row passed."""
    return Outcome(done, found, Verdict.PASSED if passed else Verdict.MISSED)


def skipped(why: str) -> Outcome:
    """Say why a row could not be run here."""
    return Outcome("nothing", why, Verdict.SKIPPED)
