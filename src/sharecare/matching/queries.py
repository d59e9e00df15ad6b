"""From the database to what the index holds of people."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Home, Person, SupporterProfile
from sharecare.accounts.rules import PersonState
from sharecare.availability.queries import ADDED, hours_of
from sharecare.batches import SOME_IDS
from sharecare.certification.queries import standings_of
from sharecare.certification.rules import Ladder
from sharecare.clock import to_days, to_minutes
from sharecare.geo import cell_from_code
from sharecare.matching.model import DatedHours, Link, Period, Supporter, WeeklyHours
from sharecare.matching.words import ALWAYS, NEVER, Kind, Level, Means
from sharecare.trust.queries import TieRow, blocks_of, memberships_of, ties_of
from sharecare.trust.rules import base_strength, community_weight, strength

TWO_DAYS = timedelta(days=2)  # yesterday's hours may cross midnight, in a zone that is still on yesterday
LAST_MINUTE = datetime(5900, 1, 1, tzinfo=UTC)
Busy = Callable[[AsyncSession, Collection[int]], Awaitable[Sequence[tuple[int, datetime, datetime]]]]
"""Reads the bookings of some supporters, `(supporter_id, start_at, end_at)`: all to come, and the last 28 days'."""


Ladders = Mapping[int, Ladder]
"""By area id."""
Offered = tuple[list[WeeklyHours], list[DatedHours]]
_NOTHING_HELD = (None,) * 4
_OFFERS = and_(
    col(Person.is_supporter),
    col(SupporterProfile.person_id).is_not(None),
    col(SupporterProfile.paused_at).is_(None),
    col(Home.cell).is_not(None),
)
_PROFILES = (
    select_columns(
        col(Person.id),
        col(Person.state),
        col(Person.household_id),
        col(Person.birth_date),
        _OFFERS.label("offers"),
        col(SupporterProfile.kinds),
        col(SupporterProfile.means),
        col(SupporterProfile.capacity),
        col(SupporterProfile.min_age_months),
        col(SupporterProfile.max_age_months),
        col(SupporterProfile.travel_radius_m),
        col(SupporterProfile.timezone),
        col(Home.cell),
    )
    .join(SupporterProfile, col(SupporterProfile.person_id) == col(Person.id), isouter=True)
    .join(Home, col(Home.household_id) == col(Person.household_id), isouter=True)
    .where(col(Person.id).in_(SOME_IDS))
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Of one person what they offer and hold, without their hours; a supporter only while they can be found."""

    person_id: int
    suspended: bool
    supporter: Supporter | None


@dataclass(frozen=True, slots=True)
class Known:
    """All that matching knows of one person; a supporter only while they can be found."""

    person_id: int
    suspended: bool
    supporter: Supporter | None
    links: Sequence[Link]
    communities: Sequence[tuple[int, float]]
    blocked_ids: Sequence[int]
    next_lapse_at: datetime | None  # of a level that a vouch rests on


async def people_of_households(session: AsyncSession, household_ids: Collection[int]) -> Sequence[int]:
    """Return the people of some families."""
    return (await session.exec(select(Person.id).where(col(Person.household_id).in_(household_ids)))).all()


async def read_known(
    session: AsyncSession, person_ids: Collection[int], busy: Busy, *, ladders: Ladders, now: datetime
) -> list[Known]:
    """Return what the index should hold of some people as the database stands."""
    ties = _by_person(await ties_of(session, person_ids), keys=(0, 1))
    vouchers = {voucher for rows in ties.values() for voucher in _vouchers(rows)}
    standings = await standings_of(session, vouchers, ladders=ladders) if vouchers else []
    identified = {person_id: ends[0] for person_id, *ends in standings}
    blocks = _by_person(await blocks_of(session, person_ids))
    memberships = _by_person(await memberships_of(session, person_ids))
    profiles = await read_profiles(session, person_ids, ladders=ladders)
    ids = [profile.person_id for profile in profiles if profile.supporter is not None]
    hours = await read_hours(session, ids, now=now)
    booked = await read_busy(session, ids, busy)
    return [
        Known(
            person_id=profile.person_id,
            suspended=profile.suspended,
            supporter=profile.supporter and _filled(profile.supporter, hours, booked),
            links=[_link(profile.person_id, tie, identified, now) for tie in ties[profile.person_id]],
            communities=[(community, community_weight(size)) for _, community, size in memberships[profile.person_id]],
            blocked_ids=[blocked for blocker, blocked in blocks[profile.person_id] if blocker == profile.person_id],
            next_lapse_at=_next_lapse(ties[profile.person_id], identified, now),
        )
        for profile in profiles
    ]


async def read_profiles(session: AsyncSession, person_ids: Collection[int], *, ladders: Ladders) -> list[Profile]:
    """Return what some people offer and hold; whoever does not exist is left out."""
    connection = await session.connection()
    rows = (await connection.execute(_PROFILES, {"ids": sorted(person_ids)})).all()
    found = [row.id for row in rows if row.offers]
    standings = {row[0]: row[1:] for row in await standings_of(session, found, ladders=ladders)} if found else {}
    return [
        Profile(
            row.id,
            row.state != PersonState.ACTIVE,
            _supporter(row, standings.get(row.id, _NOTHING_HELD)) if row.offers else None,
        )
        for row in rows
    ]


async def read_hours(session: AsyncSession, person_ids: Collection[int], *, now: datetime) -> dict[int, Offered]:
    """Return the hours that each of some supporters offers."""
    offered: dict[int, Offered] = {person_id: ([], []) for person_id in person_ids}
    for person_id, weekday, start, end, first, last in await hours_of(session, person_ids, since=now.date() - TWO_DAYS):
        weekly, dated = offered[person_id]
        if weekday >= 0:
            weekly.append(WeeklyHours(weekday, start, end, _day(first, ALWAYS), _day(last, NEVER)))
        else:
            dated.append(DatedHours(_day(first, NEVER), start, end, adds=weekday == ADDED))
    return offered


async def read_busy(session: AsyncSession, person_ids: Collection[int], busy: Busy) -> dict[int, list[Period]]:
    """Return the time that bookings take of each of some supporters; one that ended as it began takes none."""
    periods: dict[int, list[Period]] = {person_id: [] for person_id in person_ids}
    for person_id, start_at, end_at in await busy(session, person_ids):
        start, end = to_minutes(start_at), to_minutes(end_at)
        if start < end:
            periods[person_id].append((start, end))
    return periods


def _supporter(row: Row[*tuple[Any, ...]], ends: Sequence[datetime | None]) -> Supporter:
    identified, trained, certified, notified = map(_minutes, ends)
    return Supporter(
        person_id=row.id,
        household_id=row.household_id,
        cell=cell_from_code(str(row.cell)),
        travel_radius_m=row.travel_radius_m,
        capacity=row.capacity,
        min_age_months=row.min_age_months,
        max_age_months=row.max_age_months,
        timezone=row.timezone,
        kinds=Kind(sum(Kind[kind.upper()] for kind in row.kinds)),
        means=Means(sum(Means[means.upper()] for means in row.means)),
        level=Level(sum(end is not None for end in ends[:3])),
        level_valid_until=(identified, trained, certified),
        notified_until=notified,
        birth_day=to_days(row.birth_date) if row.birth_date else NEVER,
    )


def _filled(supporter: Supporter, hours: Mapping[int, Offered], booked: Mapping[int, Sequence[Period]]) -> Supporter:
    weekly, dated = hours[supporter.person_id]
    return replace(supporter, weekly=weekly, dated=dated, busy=booked[supporter.person_id])


def _link(person_id: int, tie: TieRow, identified: dict[int, datetime | None], now: datetime) -> Link:
    low, high, friends, low_vouches, high_vouches, supports = tie
    first = person_id == low
    other = high if first else low
    mine, theirs = (low_vouches, high_vouches) if first else (high_vouches, low_vouches)
    return Link(
        other_id=other,
        strength_to=_strength(identified.get(person_id), supports, now, friends=friends, vouched=mine),
        strength_from=_strength(identified.get(other), supports, now, friends=friends, vouched=theirs),
        friend=friends,
    )


def _strength(identified: datetime | None, supports: int, now: datetime, *, friends: bool, vouched: bool) -> float:
    level = Level.IDENTIFIED if identified is not None and now < identified else Level.REGISTERED
    return strength(base_strength(friends=friends, vouched=vouched, voucher_level=level), supports)


def _next_lapse(ties: Sequence[TieRow], identified: dict[int, datetime | None], now: datetime) -> datetime | None:
    ends = [
        end for voucher in _vouchers(ties) if (end := identified.get(voucher)) is not None and now < end <= LAST_MINUTE
    ]
    return min(ends, default=None)


def _vouchers(ties: Iterable[TieRow]) -> set[int]:
    sides = ((low, by_low, high, by_high) for low, high, _, by_low, by_high, _ in ties)
    return {who for low, by_low, high, by_high in sides for who, vouches in ((low, by_low), (high, by_high)) if vouches}


def _by_person(rows: Sequence[Any], keys: tuple[int, ...] = (0,)) -> defaultdict[int, list[Any]]:
    """Group rows by the person ids in some of their places."""
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        for key in keys:
            grouped[row[key]].append(row)
    return grouped


def _day(day: date | None, otherwise: int) -> int:
    return to_days(day) if day else otherwise


def _minutes(moment: datetime | None) -> int:
    if moment is None:
        return ALWAYS
    return NEVER if moment > LAST_MINUTE else to_minutes(moment)
