"""Which area-days a fact changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.metrics.days import day_of
from sharecare.metrics.flow import actors_of
from sharecare.metrics.gather import Place, home_areas, openings
from sharecare.metrics.rules import ACTIVITY, FRIENDS, MEMBERSHIP, REQUEST_LIFE, SAFETY


@dataclass(slots=True)
class Touched:
    """Days on which something else happened, and the first day from which each area's members may differ."""

    days: dict[int, set[date]] = field(default_factory=dict)
    since: dict[int, date] = field(default_factory=dict)

    def add(self, place: Place, at: datetime) -> None:
        """Note that a day's happenings changed."""
        self.days.setdefault(place.area_id, set()).add(day_of(at, place.zone))

    def add_members(self, place: Place, at: datetime) -> None:
        """Note that an area's members changed from a day on."""
        day = day_of(at, place.zone)
        self.since[place.area_id] = min(day, self.since.get(place.area_id, day))

    def of(self, area_id: int) -> set[date]:
        """Return the days of an area that need a row."""
        first = self.since.get(area_id)
        return self.days.get(area_id, set()) | (set() if first is None else {first})

    def covers(self, area_id: int, day: date) -> bool:
        """Say whether a day's figures may have changed."""
        return day in self.days.get(area_id, ()) or (area_id in self.since and day >= self.since[area_id])


async def touched_by(session: AsyncSession, facts: Iterable[Fact], places: Mapping[int, Place]) -> Touched:
    """Return the area-days whose figures some facts may change.

    A request's later facts change the day it was opened; an activity also its own day, where it happened and where
    those who act live; a change of membership every day from its own on.
    """
    known = list(facts)
    opened = await openings(session, {fact.request_id for fact in known if fact.request_id and _is_life(fact)})
    homes = await home_areas(session, {who for fact in known for who in _people_of(fact)})
    touched = Touched()
    for fact in known:
        areas = {fact.area_id, *(homes.get(who) for who in _people_of(fact))}
        there = [places[area_id] for area_id in areas if area_id is not None and area_id in places]
        for place in there:
            if fact.kind in MEMBERSHIP | FRIENDS:
                touched.add_members(place, fact.at)
            elif fact.kind in ACTIVITY | SAFETY:
                touched.add(place, fact.at)
            elif fact.kind == FactKind.DAY_CLOSED and fact.start_at is not None:
                touched.add(place, fact.start_at)
        if _is_life(fact) and fact.request_id in opened:
            area_id, at = opened[fact.request_id]
            touched.add(places[area_id], at)
    return touched


def _is_life(fact: Fact) -> bool:
    return fact.kind in REQUEST_LIFE


def _people_of(fact: Fact) -> set[int]:
    if fact.kind in ACTIVITY:
        return actors_of(fact)
    return {who for who in (fact.person_id, fact.other_id) if who is not None} if fact.kind in FRIENDS else set()
