"""What an area may decide, and the defaults (sources: see each setting's comment)."""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import time
from enum import IntEnum, StrEnum
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from sharecare.drafts import Draft, WallTime
from sharecare.geo import MeshLevel
from sharecare.malformed import wrong

YEARS = 12
MOST_THANKS_YEN = 100_000
MAX_WEIGHT_ERROR = 1e-9
_DIGITS = "〇一二三四五六七八九"
_NUMBERED = re.compile("(?P<name>.*?)(?P<number>(?:[一二三四五六七八九]?十)?[一二三四五六七八九]?)丁目(?P<rest>.*)")


class CareKind(StrEnum):
    """What is asked for: 送迎, or care at one of three places."""

    PICKUP = "pickup"
    OWN_HOME = "own_home"
    CHILD_HOME = "child_home"
    EVENT = "event"


class Means(StrEnum):
    """How a 送迎 travels."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    TRANSIT = "transit"
    CAR = "car"


class Circle(StrEnum):
    """How far a request reaches; each contains the one before."""

    FRIENDS = "friends"
    FRIENDS_OF_FRIENDS = "friends_of_friends"
    OPEN = "open"


CIRCLES = tuple(Circle)


class Level(IntEnum):
    """The certification ladder."""

    REGISTERED = 0
    IDENTIFIED = 1
    TRAINED = 2
    CERTIFIED = 3


class GoalMetric(StrEnum):
    """What a goal can count."""

    USES = "uses"
    MEMBERS = "members"
    CERTIFIED_SUPPORTERS = "certified_supporters"


class ThanksRates(BaseModel):
    """Suggested thanks per hour (AsMama, press 2017 and pilot note 2022); the families agree on the real one."""

    base_yen: int = Field(default=500, ge=0, le=MOST_THANKS_YEN)
    certified_yen: int = Field(default=100, ge=0, le=MOST_THANKS_YEN)  # on top, for a certified supporter


Share = Annotated[float, Field(ge=0, le=1)]
Months = Annotated[int, Field(ge=0, le=18 * YEARS)]
# Two weeks: nobody waits longer, and a moment so much later is still one.
MOST_MINUTES = 14 * 24 * 60
Minutes = Annotated[int, Field(ge=0, le=MOST_MINUTES)]
SomeMinutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
ADay = Annotated[int, Field(ge=1, le=10_000_000)]  # so many are no limit, as a load test needs it
DeskPhone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^([0-9+][0-9 -]{5,18})?$")]
DeskEmail = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254, pattern=r"^([^\s@]+@[^\s@]+)?$")]
DeskHours = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]


class AreaSettings(Draft):
    """One area's settings; every default can be changed by its staff."""

    # Not on the staff's page: homes keep the cell they were given, and figures are published in fixed cells.
    cell_level: MeshLevel = MeshLevel.HALF
    weights: tuple[Share, Share, Share] = (0.35, 0.40, 0.25)
    buffer_minutes: int = Field(default=15, ge=0, le=120)
    supporter_min_years: int = Field(default=20, ge=18, le=99)  # AsMama terms; family support centres' practice
    child_min_months: Months = 12  # AsMama terms, older edition: not confirmed
    child_max_months: Months = 13 * YEARS - 1  # under 13; as above
    care_from: WallTime = time(6)  # family support centre of 吉川市
    care_until: WallTime = time(20)
    level_among_friends: Level = Level.REGISTERED
    level_among_friends_of_friends: Level = Level.IDENTIFIED
    level_open: Level = Level.CERTIFIED
    # Minding infants for the public needs an accepted notification; among close acquaintances it does not.
    open_preschool_needs_notification: bool = True
    preschool_below_months: Months = 6 * YEARS
    # こども性暴力防止法, in force 2026-12-25: off until the area says it applies.
    criminal_record_check_required: bool = False
    course_units: tuple[str, ...] = ("care", "health", "safety", "food", "play", "first_response")
    friends_of_friends_after_minutes: Minutes = 30
    open_after_minutes: Minutes = 60
    withdrawn_early_minutes: Minutes = 10
    handover_overdue_minutes: SomeMinutes = 15
    escalation_minutes: SomeMinutes = 10  # between the steps of an alarm that nobody answers
    # First care between strangers takes a meeting (面談): 子育てシェア, Kidsna.
    pre_meeting_required: bool = True
    previews_a_day: ADay = 20
    requests_a_day: ADay = 20  # of one family
    bookings_a_day: ADay = 3
    thanks: ThanksRates = ThanksRates()
    # Whom people call or write to when something is wrong; shown to everyone.
    desk_phone: DeskPhone = ""
    desk_email: DeskEmail = ""
    desk_hours: DeskHours = ""
    k_public: int = Field(default=10, ge=10, le=10_000)
    k_staff: int = Field(default=5, ge=5, le=10_000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if abs(sum(self.weights) - 1) > MAX_WEIGHT_ERROR:
            raise wrong("weights_sum")
        if self.child_min_months > self.child_max_months:
            raise wrong("ages_reversed")
        return self

    def level_for(self, circle: Circle) -> Level:
        """Return the least level a supporter needs to be asked in this circle."""
        return {
            Circle.FRIENDS: self.level_among_friends,
            Circle.FRIENDS_OF_FRIENDS: self.level_among_friends_of_friends,
            Circle.OPEN: self.level_open,
        }[circle]


class KeptSettings(NamedTuple):
    """Settings as they count, and what was kept before there were bounds, by its dotted path."""

    settings: AreaSettings
    beyond: Mapping[str, Any]


def kept_settings(kept: Mapping[str, Any]) -> KeptSettings:
    """Return kept settings, defaults filled in; what lies beyond a bound counts as the bound.

    Bounds came later than areas, and a journal keeps what it was told: a migration would reach the areas alone.
    """
    try:
        return KeptSettings(AreaSettings.model_validate(kept), {})
    except ValidationError as error:
        nearest, beyond = deepcopy(dict(kept)), {}
        for item in error.errors():
            if item["type"] not in _NEAREST:
                raise
            *way, name = item["loc"]
            holder: Any = nearest
            for step in way:
                holder = holder[step]
            holder[name] = _NEAREST[item["type"]](item)
            beyond[".".join(map(str, item["loc"]))] = item["input"]
    return KeptSettings(AreaSettings.model_validate(nearest), beyond)


def _clock_alone(item: ErrorDetails) -> str:
    return time.fromisoformat(item["input"]).replace(tzinfo=None).isoformat()


_NEAREST: Mapping[str, Callable[[ErrorDetails], object]] = {
    "less_than_equal": lambda item: item["ctx"]["le"],
    "greater_than_equal": lambda item: item["ctx"]["ge"],
    "not_on_the_wall": _clock_alone,
}


def as_counted(town: str) -> tuple[str, int, str]:
    """Return a key that puts 美園二丁目 before 美園三丁目; as characters 三 comes before 二."""
    found = _NUMBERED.fullmatch(town)
    if found is None:
        return town, 0, ""
    tens, ten, ones = found["number"].rpartition("十")
    number = (10 * _DIGITS.index(tens or "一") if ten else 0) + _DIGITS.index(ones or "〇")
    return found["name"], number, found["rest"]
