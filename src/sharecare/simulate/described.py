"""A town of one's own in a TOML file: its people and places, its hours of need, how its neighbours answer.

What the file leaves out is as in the pilot district (`spec.TownSpec`, `shape`, `people.Behaviour`).
"""

import tomllib
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sharecare.clock import to_days
from sharecare.geo import MAX_LATITUDE, MAX_LONGITUDE
from sharecare.malformed import wrong
from sharecare.matching import Kind
from sharecare.simulate.model import Place
from sharecare.simulate.people import Behaviour
from sharecare.simulate.shape import DayShape, Part
from sharecare.simulate.spec import Closure, TownSpec, supporters_of

_SUMS_WITHIN = 1e-6
_DAY_MIN = 1440
_WEEK_MIN = 7 * _DAY_MIN
_LEAST_AWAKE_MIN = 60
_MOST_WARM_UP_DAYS = 366

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Some = Annotated[int, Field(ge=1)]
Minutes = Annotated[int, Field(ge=0, le=_DAY_MIN)]


class _Described(BaseModel):
    """Refuses what it doesn't know: a mistyped name would change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def given(self) -> dict[str, Any]:
        """Return what the file says, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class DescribedPlace(_Described):
    """A place and its name; degrees."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    lat: Annotated[float, Field(ge=-MAX_LATITUDE, le=MAX_LATITUDE)]
    lon: Annotated[float, Field(ge=-MAX_LONGITUDE, le=MAX_LONGITUDE)]

    def read(self) -> Place:
        """Return it as the simulation takes it."""
        return Place(self.name, self.lat, self.lon)


class DescribedClosure(_Described):
    """A day without school, announced the evening before."""

    day: date
    needs: Count


class DescribedPart(_Described):
    """A part of a day: how much of the day's need it holds, of which kinds, when it starts and how long it lasts."""

    share: Share
    kinds: Annotated[list[Literal["pickup", "own_home", "child_home", "event"]], Field(min_length=1)]
    starts: tuple[time, time]
    lengths_min: Annotated[list[Annotated[int, Field(ge=15, le=_DAY_MIN)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> "DescribedPart":
        if self.starts[1] < self.starts[0]:
            raise wrong("starts_reversed")
        return self

    def read(self) -> Part:
        """Return it as the simulation takes it."""
        kinds = tuple(Kind[name.upper()] for name in self.kinds)
        first, last = (at.hour * 60 + at.minute for at in self.starts)
        return Part(self.share, kinds, (first, last), tuple(self.lengths_min))


class DescribedDay(_Described):
    """A kind of day: how much is needed beside an average weekday of the pilot, and when."""

    amount: Annotated[float, Field(ge=0, le=100)]
    parts: Annotated[list[DescribedPart], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> "DescribedDay":
        if abs(sum(part.share for part in self.parts) - 1) > _SUMS_WITHIN:
            raise wrong("shares_sum")
        return self

    def read(self) -> DayShape:
        """Return it as the simulation takes it."""
        whole = sum(part.share for part in self.parts)
        return DayShape(self.amount, tuple(part.read()._replace(share=part.share / whole) for part in self.parts))


class DescribedHours(_Described):
    """The kinds of days."""

    weekday: DescribedDay | None = None
    saturday: DescribedDay | None = None
    sunday: DescribedDay | None = None
    holiday: DescribedDay | None = None


class DescribedPeople(_Described):
    """Who lives in the town, where, and who knows whom: the fields of `TownSpec`, days as dates."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    members: Annotated[int, Field(ge=10)] | None = None
    supporter_share: Annotated[float, Field(ge=0.01, le=1)] | None = None
    both_share: Share | None = None
    level_shares: tuple[Share, Share, Share] | None = None
    needs_a_day_per_member: Annotated[float, Field(ge=0, le=10)] | None = None
    urgent_share: Share | None = None
    only_tied_share: Share | None = None
    holidays: list[tuple[date, date]] | None = None
    closures: list[DescribedClosure] | None = None
    first_day: Annotated[date, Field(ge=date(1970, 1, 1), le=date(2999, 12, 31))] | None = None
    warm_up_days: Annotated[int, Field(ge=0, le=_MOST_WARM_UP_DAYS)] | None = None
    people_seed: Count | None = None
    members_per_community: Some | None = None
    community_size: Some | None = None
    met_in_community: Share | None = None
    members_per_meetup: Some | None = None
    meetup_size: Some | None = None
    met_at_meetup: Share | None = None
    blocks: Annotated[list[DescribedPlace], Field(min_length=1)] | None = None
    pickups: list[DescribedPlace] | None = None
    hall: DescribedPlace | None = None

    @model_validator(mode="after")
    def _levels(self) -> "DescribedPeople":
        if sum(self.level_shares or ()) > 1 + _SUMS_WITHIN:
            raise wrong("levels_sum")
        return self

    @field_validator("holidays")
    @classmethod
    def _forwards(cls, holidays: list[tuple[date, date]] | None) -> list[tuple[date, date]] | None:
        if any(last < first for first, last in holidays or ()):
            raise wrong("holidays_reversed")
        return holidays

    @model_validator(mode="after")
    def _somebody_supports(self) -> "DescribedPeople":
        pilot = TownSpec()
        if not supporters_of(self.members or pilot.members, self.supporter_share or pilot.supporter_share):
            raise wrong("no_supporters")
        return self


class DescribedAnswers(_Described):
    """How neighbours answer: the fields of `Behaviour`."""

    willing_stranger: Share | None = None
    willing_friend: Share | None = None
    reach_m: Annotated[float, Field(gt=0)] | None = None
    tiring_messages: Annotated[float, Field(gt=0)] | None = None
    tired_for_days: Some | None = None
    declines: Share | None = None
    delay_median_min: Annotated[float, Field(ge=0, le=_WEEK_MIN)] | None = None
    delay_sigma: Annotated[float, Field(ge=0, le=3)] | None = None
    wakes_min: Minutes | None = None
    sleeps_min: Minutes | None = None
    choosing_min: Count | None = None

    @model_validator(mode="after")
    def _awake(self) -> "DescribedAnswers":
        people = self.read()
        if people.sleeps_min - people.wakes_min < _LEAST_AWAKE_MIN:
            raise wrong("awake_too_short")
        return self

    def read(self) -> Behaviour:
        """Return it as the simulation takes it."""
        return replace(Behaviour(), **self.given())


class DescribedTown(_Described):
    """A whole file."""

    town: DescribedPeople = DescribedPeople()
    hours: DescribedHours = DescribedHours()
    behaviour: DescribedAnswers = DescribedAnswers()

    def spec(self) -> TownSpec:
        """Return the town to make up."""
        given, pilot = self.town.given(), TownSpec()
        for name in ("blocks", "pickups"):
            if name in given:
                given[name] = tuple(place.read() for place in given[name])
        if "hall" in given:
            given["hall"] = given["hall"].read()
        if "first_day" in given:
            given["first_day"] = to_days(given["first_day"])
        if "holidays" in given:
            given["holidays"] = tuple((to_days(first), to_days(last)) for first, last in given["holidays"])
        if "closures" in given:
            given["closures"] = tuple(Closure(to_days(one.day), one.needs) for one in given["closures"])
        hours = {name: day.read() for name, day in self.hours.given().items()}
        return replace(pilot, **given, hours=pilot.hours._replace(**hours))

    def people(self) -> Behaviour:
        """Return how they answer."""
        return self.behaviour.read()


def read_town(path: Path | None = None, **said: float) -> DescribedTown:
    """Read a description, with some of its `[town]` said otherwise; the pilot's without a path.

    Raises:
        OSError: it can't be read.
        tomllib.TOMLDecodeError, UnicodeDecodeError: it isn't TOML.
        pydantic.ValidationError: it says what a town can't be.

    """
    described = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    if said and isinstance(town := described.setdefault("town", {}), dict):
        town.update(said)
    return DescribedTown.model_validate(described)
