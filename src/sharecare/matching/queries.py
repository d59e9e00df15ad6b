"""From the database to what the index holds of people."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Home, Person, SupporterProfile
from sharecare.accounts.rules import PersonState
from sharecare.availability.queries import DatedRow, WeeklyRow, dated_of, weekly_of
from sharecare.certification.queries import standings_of
from sharecare.clock import to_minutes
from sharecare.geo import cell_from_code
from sharecare.matching.model import DatedHours, Link, Period, Supporter, WeeklyHours
from sharecare.matching.words import ALWAYS, NEVER, Kind, Level, Means
from sharecare.trust.queries import TieRow, blocks_of, memberships_of, ties_of
from sharecare.trust.rules import base_strength, community_weight, strength

EPOCH = date(1970, 1, 1)
TWO_DAYS = timedelta(days=2)  # yesterday's hours may cross midnight, in a zone that is still on yesterday
LAST_MINUTE = datetime(5900, 1, 1, tzinfo=UTC)
Busy = Callable[[AsyncSession, Collection[int]], Awaitable[Sequence[tuple[int, datetime, datetime]]]]
"""Reads the bookings of some supporters, `(supporter_id, start_at, end_at)`: all to come, and the last 28 days'."""


Ends = dict[int, tuple[datetime | None, ...]]
"""By person: until when each step of the ladder holds, and the notification."""


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


async def read_known(session: AsyncSession, person_ids: Collection[int], busy: Busy, *, now: datetime) -> list[Known]:
    """Return what the index should hold of some people as the database stands."""
    ties = _by_person(await ties_of(session, person_ids), keys=(0, 1))
    others = {other for rows in ties.values() for low, high, *_ in rows for other in (low, high)}
    standings: Ends = {row[0]: row[1:] for row in await standings_of(session, {*person_ids, *others})}
    blocks = _by_person(await blocks_of(session, person_ids))
    memberships = _by_person(await memberships_of(session, person_ids))
    supporters = await _supporters(session, person_ids, standings, busy, now)
    people = await session.exec(select(Person.id, Person.state).where(col(Person.id).in_(person_ids)))
    identified = {person_id: ends[0] for person_id, ends in standings.items()}
    return [
        Known(
            person_id=person_id,
            suspended=state != PersonState.ACTIVE,
            supporter=supporters.get(person_id),
            links=[_link(person_id, tie, identified, now) for tie in ties[person_id]],
            communities=[(community, community_weight(size)) for _, community, size in memberships[person_id]],
            blocked_ids=[blocked for blocker, blocked in blocks[person_id]],
            next_lapse_at=_next_lapse(ties[person_id], identified, now),
        )
        for person_id, state in people
    ]


async def read_busy(session: AsyncSession, person_ids: Collection[int], busy: Busy) -> dict[int, list[Period]]:
    """Return the time that bookings take of each of some supporters; one that ended as it began takes none."""
    periods: dict[int, list[Period]] = {person_id: [] for person_id in person_ids}
    for person_id, start_at, end_at in await busy(session, person_ids):
        start, end = to_minutes(start_at), to_minutes(end_at)
        if start < end:
            periods[person_id].append((start, end))
    return periods


async def _supporters(
    session: AsyncSession,
    person_ids: Collection[int],
    standings: Ends,
    busy: Busy,
    now: datetime,
) -> dict[int, Supporter]:
    rows = (
        await session.exec(
            select(Person, SupporterProfile, Home.cell)
            .join(SupporterProfile, col(SupporterProfile.person_id) == col(Person.id))
            .join(Home, col(Home.household_id) == col(Person.household_id))
            .where(col(Person.id).in_(person_ids), Person.is_supporter, col(SupporterProfile.paused_at).is_(None))
        )
    ).all()
    ids = [person.id for person, *_ in rows]
    weekly = _by_person(await weekly_of(session, ids))
    dated = _by_person(await dated_of(session, ids, since=now.date() - TWO_DAYS))
    booked = await read_busy(session, ids, busy)
    nothing = (None,) * 4
    return {
        person.id: _supporter(
            person,
            profile,
            cell,
            standings.get(person.id, nothing),
            weekly=[_weekly(row) for row in weekly[person.id]],
            dated=[_dated(row) for row in dated[person.id]],
            busy=booked[person.id],
        )
        for person, profile, cell in rows
    }


def _supporter(
    person: Person,
    profile: SupporterProfile,
    cell: int,
    ends: tuple[datetime | None, ...],
    *,
    weekly: Sequence[WeeklyHours],
    dated: Sequence[DatedHours],
    busy: Sequence[Period],
) -> Supporter:
    identified, trained, certified, notified = map(_minutes, ends)
    return Supporter(
        person_id=person.id,
        household_id=person.household_id,
        cell=cell_from_code(str(cell)),
        travel_radius_m=profile.travel_radius_m,
        capacity=profile.capacity,
        min_age_months=profile.min_age_months,
        max_age_months=profile.max_age_months,
        timezone=profile.timezone,
        kinds=Kind(sum(Kind[kind.upper()] for kind in profile.kinds)),
        means=Means(sum(Means[means.upper()] for means in profile.means)),
        level=Level(sum(end is not None for end in ends[:3])),
        level_valid_until=(identified, trained, certified),
        notified_until=notified,
        birth_day=(person.birth_date - EPOCH).days if person.birth_date else NEVER,
        weekly=weekly,
        dated=dated,
        busy=busy,
    )


def _link(person_id: int, tie: TieRow, identified: dict[int, datetime | None], now: datetime) -> Link:
    low, high, friends, low_vouches, high_vouches, supports = tie
    first = person_id == low
    other = high if first else low
    mine, theirs = (low_vouches, high_vouches) if first else (high_vouches, low_vouches)
    return Link(
        other_id=other,
        strength_to=_strength(friends, mine, identified.get(person_id), supports, now),
        strength_from=_strength(friends, theirs, identified.get(other), supports, now),
        friend=friends,
    )


def _strength(friends: bool, vouched: bool, identified: datetime | None, supports: int, now: datetime) -> float:  # noqa: FBT001
    level = Level.IDENTIFIED if identified is not None and now < identified else Level.REGISTERED
    return strength(base_strength(friends=friends, vouched=vouched, voucher_level=level), supports)


def _next_lapse(ties: Sequence[TieRow], identified: dict[int, datetime | None], now: datetime) -> datetime | None:
    vouchers = {voucher for low, high, _, by_low, by_high, _ in ties for voucher in (low * by_low, high * by_high)}
    ends = [end for voucher in vouchers if (end := identified.get(voucher)) is not None and now < end <= LAST_MINUTE]
    return min(ends, default=None)


def _by_person(rows: Sequence[Any], keys: tuple[int, ...] = (0,)) -> defaultdict[int, list[Any]]:
    """Group rows by the person ids in some of their places."""
    grouped: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        for key in keys:
            grouped[row[key]].append(row)
    return grouped


def _weekly(row: WeeklyRow) -> WeeklyHours:
    _, weekday, start, end, first, last = row
    return WeeklyHours(weekday, start, end, _day(first, ALWAYS), _day(last, NEVER))


def _dated(row: DatedRow) -> DatedHours:
    _, day, start, end, adds = row
    return DatedHours(_day(day, NEVER), start, end, adds=adds)


def _day(day: date | None, otherwise: int) -> int:
    return (day - EPOCH).days if day else otherwise


def _minutes(moment: datetime | None) -> int:
    if moment is None:
        return ALWAYS
    return NEVER if moment > LAST_MINUTE else to_minutes(moment)
