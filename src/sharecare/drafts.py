"""What every body that people send holds to, and the days, moments and times that it may name."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sharecare.malformed import wrong

# A zero byte is what PostgreSQL refuses; half a surrogate pair has no UTF-8.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
"""How a calendar month is written."""
_WALL_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"
# Days of birth lie before any moment. What ends far from the calendar's ends can be moved between zones.
_FIRST_DAY, _FIRST_MOMENT = date(1900, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_END, _MOMENTS_END = date(2200, 1, 1), datetime(2200, 1, 1, tzinfo=UTC)


def _storable(sent: object) -> object:
    left = [sent]
    while left:
        one = left.pop()
        if isinstance(one, str) and _UNSTORABLE.search(one):
            raise PydanticCustomError("unstorable", "this holds a character that can't be stored")
        if isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            left += one
    return sent


def is_of_our_time(moment: datetime) -> bool:
    """Say whether a moment is far enough from the calendar's ends for any zone."""
    return _FIRST_MOMENT <= moment < _MOMENTS_END


def _of_our_time(moment: datetime) -> datetime:
    if not is_of_our_time(moment):
        raise wrong("far_moment")
    return moment


def _day_of_our_time(day: date) -> date:
    if not _FIRST_DAY <= day < _DAYS_END:
        raise wrong("far_day")
    return day


def _on_the_wall(clock: time) -> time:
    if clock.tzinfo is not None:
        raise wrong("not_on_the_wall")
    return clock


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
Day = Annotated[date, AfterValidator(_day_of_our_time)]
# JSON Schema's own format `time` takes an offset.
WallTime = Annotated[time, AfterValidator(_on_the_wall), WithJsonSchema({"type": "string", "pattern": _WALL_CLOCK})]


class Draft(BaseModel):
    """What people send: an unknown field is a mistake, not something to ignore."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    _clean = model_validator(mode="before")(_storable)
