"""Who a person is to the system, and what an account must satisfy."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

MIN_PASSWORD = 12
MAX_PASSWORD = 128
MAX_CHILD_YEARS = 18
# The shortest list that matters at twelve characters and more: what people type when a site insists on length.
_COMMON = frozenset(
    {
        "123456789012", "1234567890123", "12345678901234", "1234567890ab", "1q2w3e4r5t6y", "1qaz2wsx3edc",
        "password1234", "password12345", "password123456", "passwordpassword", "qwertyuiop12", "qwertyuiop123",
        "qwertyuiopasdf", "qazwsxedcrfv", "abcdefghijkl", "abcd1234abcd", "iloveyou1234", "administrator",
        "letmeinletmein", "welcome12345", "sharecare1234", "sharecaresharecare", "changemechangeme",
    }
)  # fmt: skip


class PersonState(StrEnum):
    """Where an account stands; only an active one can sign in or be matched."""

    UNCONFIRMED = "unconfirmed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


class TokenPurpose(StrEnum):
    """What a one-time token is for."""

    CONFIRM = "confirm"
    RESET = "reset"
    GUARDIAN = "guardian"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person, as verbs and policies need them."""

    person_id: int
    household_id: int
    area_id: int
    sign_in_id: int
    language: str
    is_requester: bool
    is_supporter: bool
    staff_of: frozenset[int]
    insurer: str | None = None  # whom the person works for, if they work for an insurer


def is_common(password: str) -> bool:
    """Say whether a password is one of those tried first, or one character repeated."""
    folded = password.casefold()
    return folded in _COMMON or len(set(folded)) <= 2  # noqa: PLR2004  -- "aaaaaaaaaaaa", "abababababab"


def age_in_months(birth_month: date, at: datetime, zone: ZoneInfo) -> int:
    """Return a child's age in whole months at a moment; a month of birth counts from its first day."""
    today = at.astimezone(zone).date()
    return (today.year - birth_month.year) * 12 + today.month - birth_month.month


def age_in_years(birth_date: date, on: date) -> int:
    """Return whole years of age on a day."""
    return on.year - birth_date.year - ((on.month, on.day) < (birth_date.month, birth_date.day))
