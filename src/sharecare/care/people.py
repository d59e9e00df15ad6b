"""Who may take a care, asked of the database: at acceptance and again at the start, since a lapse counts at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Person
from sharecare.accounts.queries import children_of, person_by_id
from sharecare.accounts.rules import PersonState, age_in_months, age_in_years
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import AreaSettings, Circle, Level
from sharecare.batches import SOME_IDS
from sharecare.care.models import Ask, Booking, BookingChild, CareRequest, RequestChild
from sharecare.care.rules import BookingState
from sharecare.certification.queries import ladder_and_held, standings_of
from sharecare.certification.rules import notification_until
from sharecare.errors import NotFound, Refusal
from sharecare.messages.words import Tongue
from sharecare.trust.models import Block
from sharecare.trust.queries import ties_of


class SupporterNotEligible(Refusal):
    """The supporter's account, level or notification does not allow this care now."""

    ja = "このサポーターは、いまこの支援を受けられる条件を満たしていません。"
    en = "This supporter doesn't meet the conditions for this care at the moment."


class DayFull(Refusal):
    """The area limits how many bookings a supporter takes in a day."""

    ja = "このサポーターの予約は、その日の上限({limit}件)に達しています。"
    en = "This supporter's bookings for that day have reached the limit of {limit}."


class ChildElsewhere(Refusal):
    """The child is in another booking at that time."""

    constraints = ("ex_booking_child_overlap",)
    ja = "{when_ja}は、お子さんにすでに別の予約があります。"
    en = "Your child already has another booking {when_en}."

    def __init__(self, *, when_ja: str = "その時間", when_en: str = "at that time") -> None:
        # The database, which refuses too, doesn't tell when it was.
        super().__init__(when_ja=when_ja, when_en=when_en)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a care asks of whoever takes it."""

    level: Level
    notification: bool


async def own_children(session: AsyncSession, household_id: int, child_ids: Sequence[int]) -> list[Child]:
    """Return children of a family in the order asked for.

    Raises:
        NotFound: one of them is not the family's.

    """
    known = {child.id: child for child in await children_of(session, household_id)}
    if not known.keys() >= set(child_ids):
        raise NotFound
    return [known[child_id] for child_id in child_ids]


async def require_children_free(
    session: AsyncSession, child_ids: Collection[int], *, start_at: datetime, end_at: datetime, zone: ZoneInfo
) -> None:
    """Ask nobody in vain: the database would refuse the booking.

    Raises:
        ChildElsewhere: one of the children is in another booking at that time.

    """
    elsewhere = select(BookingChild.booking_id).where(
        col(BookingChild.child_id).in_(child_ids),
        BookingChild.live,
        col(BookingChild.start_at) < end_at,
        col(BookingChild.end_at) > start_at,
    )
    if (await session.exec(elsewhere)).first() is not None:
        ja, en = (Tongue(one, zone).window(start_at.isoformat(), end_at.isoformat()) for one in ("ja", "en"))
        raise ChildElsewhere(when_ja=ja, when_en=f"on {en}")


async def children_in(session: AsyncSession, request_id: int, *, hold: bool = False) -> Sequence[Child]:
    """Return the children a request is for, by id; with `hold`, as they stand while nobody else books them."""
    params = {"request_id": request_id}
    if not hold:
        return (await session.exec(_CHILDREN, params=params)).all()
    return (await session.exec(_CHILDREN_HELD, params=params, execution_options={"populate_existing": True})).all()


_CHILDREN = (
    select(Child)
    .join(RequestChild, col(RequestChild.child_id) == col(Child.id))
    .where(RequestChild.request_id == bindparam("request_id"))
    .order_by(col(Child.id))
)
_CHILDREN_HELD = _CHILDREN.with_for_update(key_share=True, of=Child)


def ages_at(children: Sequence[Child], at: datetime, zone: ZoneInfo) -> tuple[int, ...]:
    """Return ages in whole months."""
    return tuple(age_in_months(child.birth_month, at, zone) for child in children)


async def circle_of(session: AsyncSession, request: CareRequest, supporter_id: int) -> Circle:
    """Return the circle in which a supporter takes a request: a friend as of now, others as they were asked.

    Who was asked as a friend and is none any more is held to what strangers are.
    """
    ties = await ties_of(session, [request.requester_id])
    if any(friends and supporter_id in (low, high) for low, high, friends, *_ in ties):
        return Circle.FRIENDS
    asked = select(Ask.circle).where(Ask.request_id == request.id, Ask.supporter_id == supporter_id)
    circle = Circle((await session.exec(asked)).first() or Circle.OPEN)
    return Circle.OPEN if circle is Circle.FRIENDS else circle


async def levels_of(session: AsyncSession, person_ids: Collection[int], *, at: datetime) -> dict[int, Level]:
    """Return the level that each of some people holds at a moment."""
    levels = dict.fromkeys(person_ids, Level.REGISTERED)
    for person_id, *ends, _notified in await standings_of(session, person_ids):
        levels[person_id] = Level(sum(end is not None and at < end for end in ends))
    return levels


def requirement(
    request: CareRequest, circle: Circle, ages_months: Sequence[int], settings: AreaSettings
) -> Requirement:
    """Return what the area and the family ask of a supporter in a circle."""
    preschool = min(ages_months) < settings.preschool_below_months
    return Requirement(
        level=max(Level(request.min_level), settings.level_for(circle)),
        notification=settings.open_preschool_needs_notification and preschool and circle is not Circle.FRIENDS,
    )


async def require_fit(
    session: AsyncSession,
    *,
    supporter: Person,
    household_id: int,
    needs: Requirement,
    area: Area,
    at: datetime,
    until: datetime,
) -> Level:
    """Hold a supporter to what a care asks, in date through its end; return the level they hold until then.

    Raises:
        SupporterNotEligible: whatever the reason; a block must look like any other.

    """
    settings = settings_of(area)
    ladder, held = await ladder_and_held(session, person_id=supporter.id)
    level, notified_until = ladder.level_through(held, until), notification_until(held)
    zone = ZoneInfo(area.timezone)
    fit = (
        supporter.state == PersonState.ACTIVE
        and supporter.is_supporter
        and supporter.household_id != household_id
        and supporter.birth_date is not None
        and age_in_years(supporter.birth_date, at.astimezone(zone).date()) >= settings.supporter_min_years
        and level >= needs.level
        and (not needs.notification or (notified_until is not None and until <= notified_until))
        and supporter.id not in await away_from(session, household_id)
    )
    if not fit:
        raise SupporterNotEligible
    return level


async def require_fit_for_booking(session: AsyncSession, booking: Booking, *, at: datetime, until: datetime) -> Level:
    """Hold a booking's supporter, from now on, to what it was accepted on; return the level they hold until then.

    Raises:
        SupporterNotEligible: whatever the reason.

    """
    return await require_fit(
        session,
        supporter=await person_by_id(session, booking.supporter_id),
        household_id=booking.household_id,
        needs=Requirement(Level(booking.required_level), booking.needs_notification),
        area=await area_by_id(session, booking.area_id),
        at=at,
        until=until,
    )


async def may_last(session: AsyncSession, booking: Booking, until: datetime, *, now: datetime) -> bool:
    """Say whether a booking's supporter may care until then; no longer than agreed, they may in any case."""
    if until <= booking.end_at:
        return True
    try:
        await require_fit_for_booking(session, booking, at=max(now, booking.start_at), until=until)
    except SupporterNotEligible:
        return False
    return True


async def require_day_left(session: AsyncSession, *, supporter_id: int, area: Area, start_at: datetime) -> None:
    """Hold a supporter to the area's bookings a day; hold the supporter's row before, or several count at once.

    Raises:
        DayFull: the day's bookings are used up.

    """
    if await with_full_day(session, [supporter_id], area=area, start_at=start_at):
        raise DayFull(limit=settings_of(area).bookings_a_day)


async def with_full_day(
    session: AsyncSession, supporter_ids: Collection[int], *, area: Area, start_at: datetime
) -> frozenset[int]:
    """Return which of some supporters have as many bookings as the area allows on the day of an instant."""
    zone = ZoneInfo(area.timezone)
    midnight = datetime.combine(start_at.astimezone(zone), time(), zone)
    day_after = datetime.combine(midnight.date() + timedelta(days=1), time(), zone)
    day = {"midnight": midnight, "day_after": day_after, "limit": settings_of(area).bookings_a_day}
    return frozenset(await session.exec(_FULL, params={"ids": list(supporter_ids), **day}))


_FULL = (
    select(Booking.supporter_id)
    .where(
        col(Booking.supporter_id).in_(SOME_IDS),
        Booking.state != BookingState.CANCELLED,
        col(Booking.start_at) >= bindparam("midnight"),
        col(Booking.start_at) < bindparam("day_after"),
    )
    .group_by(col(Booking.supporter_id))
    .having(func.count() >= bindparam("limit"))
)


def away(household_id: ColumnElement[int] | Mapped[int]) -> Select[int]:
    """Select everyone kept at a distance from a family: a block by or of one guardian holds for both families."""
    guardian, other, kin = aliased(Person), aliased(Person), aliased(Person)
    return (
        select_columns(col(kin.id))
        .join(other, col(other.household_id) == col(kin.household_id))
        .join(Block, or_(col(Block.blocker_id) == col(other.id), col(Block.blocked_id) == col(other.id)))
        .join(
            guardian,
            or_(col(Block.blocker_id) == col(guardian.id), col(Block.blocked_id) == col(guardian.id)),
        )
        .where(col(guardian.household_id) == household_id, col(other.household_id) != household_id)
    )


def apart(one_household: Mapped[int], other_household: Mapped[int]) -> ColumnElement[bool]:
    """Say whether somebody of one family keeps somebody of the other at a distance, row by row of many."""
    return or_(_blocks(one_household, other_household), _blocks(other_household, one_household))


def _blocks(one_household: Mapped[int], other_household: Mapped[int]) -> ColumnElement[bool]:
    one, other = aliased(Person), aliased(Person)
    found = (
        select_columns(col(one.id))
        .join(Block, col(Block.blocker_id) == col(one.id))
        .join(other, col(other.id) == col(Block.blocked_id))
        .where(col(one.household_id) == one_household, col(other.household_id) == other_household)
    )
    return found.exists()


_AWAY = away(bindparam("household_id", type_=BigInteger()))


async def away_from(session: AsyncSession, household_id: int) -> frozenset[int]:
    """Return everyone kept at a distance from a family."""
    rows = await (await session.connection()).execute(_AWAY, {"household_id": household_id})
    return frozenset(rows.scalars())


_AWAY_SINCE = _AWAY.add_columns(func.min(col(Block.blocked_at))).group_by(*_AWAY.selected_columns)


async def away_since(session: AsyncSession, household_id: int) -> Mapping[int, datetime]:
    """Return everyone kept at a distance from a family, with the moment from which on they are."""
    return dict((await (await session.connection()).execute(_AWAY_SINCE, {"household_id": household_id})).all())
