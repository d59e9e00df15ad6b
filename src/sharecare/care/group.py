"""Group care: children of several families with one supporter at one time.

Only where every family is content with it, every policy concerned covers it, and all the children fit. The database
holds that a supporter's live bookings overlap within one group alone, and that no group outgrows its capacity.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import SupporterProfile
from sharecare.areas.rules import CareKind
from sharecare.care.models import Booking, BookingChild, CareRequest
from sharecare.care.rules import LIVE, BookingState
from sharecare.errors import Refusal
from sharecare.insurance.models import Cover
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import Terms
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

TOGETHER = frozenset({CareKind.OWN_HOME, CareKind.EVENT})  # where children of several families can be at one place


class SlotTaken(Refusal):
    """The supporter has another booking in that time."""

    constraints = ("ex_booking_supporter_overlap",)
    ja = "その時間、サポーターにはすでに別の予約があります。"
    en = "The supporter already has another booking at that time."


class GroupFull(Refusal):
    """The supporter, or the policy, takes no more children at one time."""

    constraints = ("ex_booking_group_capacity",)
    ja = "一度に預かれるお子さんの人数を超えます。"
    en = "That would be more children than can be looked after at one time."


class GroupNotCovered(Refusal):
    """A policy doesn't allow several families' children together."""

    ja = "保険の条件では、複数のご家庭のお子さんを同時に預かることができません。"
    en = "The insurance doesn't allow children of several families together."


Stay = tuple[datetime, datetime, int]
"""From when to when how many children of a booking are there."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A booking of another family that shares some of one's time with the same supporter, and its children."""

    booking: Booking
    children: int


@dataclass(frozen=True, slots=True)
class Group:
    """The group that a booking joins, and the bookings that become part of it."""

    group_id: int
    capacity: int
    bookings: tuple[int, ...]


async def group_for(session: AsyncSession, request: CareRequest, supporter_id: int, *, children: int) -> Group | None:
    """Return the group a request would join, or None where the supporter has nothing else at that time.

    Hold the supporter's row before, or two could join at once.

    Raises:
        SlotTaken: someone is not content with others, or the places differ.
        GroupNotCovered, GroupFull: the policies or the room don't allow it.

    """
    window = {"supporter_id": supporter_id, "start_at": request.start_at, "end_at": request.end_at}
    if (await session.exec(_BUSY, params=window)).first() is None:  # as nearly always
        return None
    held = (await session.exec(_OVERLAPPING, params=window)).all()
    groups = {booking.group_id for booking, *_ in held if booking.group_id is not None}
    alike = all(
        booking.kind == request.kind and other.with_others and _same_place(other, request) for booking, other, _ in held
    )
    if not (request.with_others and alike and request.kind in TOGETHER and len(groups) <= 1):
        raise SlotTaken
    all_terms = [Terms.model_validate(terms) for *_, terms in held] + await _terms_of(session, request)
    if not all(terms.several_families for terms in all_terms):
        raise GroupNotCovered
    room = select(SupporterProfile.capacity).where(SupporterProfile.person_id == supporter_id)
    capacity = min((await session.exec(room)).one(), *(terms.max_children for terms in all_terms))
    ids = tuple(booking.id for booking, *_ in held)
    group = Group(group_id=min(groups, default=min(ids)), capacity=capacity, bookings=ids)
    stays = await _stays(session, group)
    meanwhile = [(max(start, request.start_at), min(end, request.end_at), number) for start, end, number in stays]
    # More may have been agreed on when there was more room.
    if _most_at_once(meanwhile) + children > capacity or _most_at_once(stays) > capacity:
        raise GroupFull
    return group


async def gather_group(session: AsyncSession, group: Group) -> None:
    """Make the bookings that a new one joins one group with it."""
    await session.exec(
        update(Booking).where(*_members(group)).values(group_id=group.group_id, group_capacity=group.capacity)
    )


async def require_covered_together(session: AsyncSession, group: Group, terms: Terms) -> None:
    """Hold a group to the terms that its newest cover was bound on, and to its members' covers as they stand now.

    The policy is held by then: while that was waited for, members may have moved to another.

    Raises:
        GroupNotCovered: one of the covers is for one family, or for fewer children.

    """
    covers = select(Cover.terms).join(Booking, col(Booking.cover_id) == col(Cover.id)).where(*_members(group))
    for one in [terms, *map(Terms.model_validate, await session.exec(covers))]:
        if not one.several_families or one.max_children < group.capacity:
            raise GroupNotCovered


async def keep_group_within(session: AsyncSession, booking: Booking, terms: Terms) -> None:
    """Let a booking's group, as it stands, go by other terms; nobody joins beyond them.

    Raises:
        GroupNotCovered: they don't cover several families, or fewer children than come.

    """
    beside = await bookings_beside(session, booking)
    if booking.group_id is None or not any(one.booking.state in LIVE for one in beside):
        return
    group = Group(booking.group_id, terms.max_children, ())
    if not terms.several_families or _most_at_once(await _stays(session, group)) > terms.max_children:
        raise GroupNotCovered
    roomier = col(Booking.group_capacity) > group.capacity
    await session.exec(update(Booking).where(*_members(group), roomier).values(group_capacity=group.capacity))


async def group_now(session: AsyncSession, booking: Booking) -> Group | None:
    """Return the group that a booking which will stand again was in, as that is now; None where nobody is left."""
    if booking.group_id is None:
        return None
    room = select(func.min(Booking.group_capacity)).where(*_members(Group(booking.group_id, 0, ())))
    capacity = (await session.exec(room)).one()
    return None if capacity is None else Group(booking.group_id, min(capacity, booking.group_capacity or capacity), ())


async def bookings_beside(session: AsyncSession, booking: Booking) -> list[Beside]:
    """Return the bookings of other families in one's group that overlap it, those that were cancelled left out."""
    if booking.group_id is None:
        return []
    children = select(func.count()).where(BookingChild.booking_id == Booking.id).scalar_subquery()
    beside = (
        select(Booking, children)
        .where(Booking.group_id == booking.group_id, Booking.household_id != booking.household_id)
        .where(col(Booking.state) != BookingState.CANCELLED)
        .where(col(Booking.start_at) < booking.end_at, col(Booking.end_at) > booking.start_at)
        .order_by(col(Booking.start_at), col(Booking.id))
    )
    return [Beside(one, number) for one, number in await session.exec(beside)]


async def tell_those_beside(session: AsyncSession, booking: Booking, *, children: int, now: datetime) -> None:
    """Tell the families that were there first that another's children come: how many, and nothing that names them."""
    to: dict[int, dict[str, object]] = {
        one.booking.requester_id: {
            "booking_id": one.booking.id,
            "kind": one.booking.kind,
            "start_at": one.booking.start_at.isoformat(),
            "end_at": one.booking.end_at.isoformat(),
            "guests": children,
        }
        for one in await bookings_beside(session, booking)
        if one.booking.state in LIVE
    }
    await tell_all(session, to=to, kind=MessageKind.OTHERS_JOINED, now=now)


async def may_join(session: AsyncSession, request: CareRequest, supporter_id: int, *, children: int) -> bool:
    """Say whether a request could join what a supporter has at that time."""
    try:
        return await group_for(session, request, supporter_id, children=children) is not None
    except (SlotTaken, GroupFull, GroupNotCovered):
        return False


_OVERLAPS = (
    col(Booking.supporter_id) == bindparam("supporter_id"),
    col(Booking.state).in_(LIVE),
    col(Booking.start_at) < bindparam("end_at"),
    col(Booking.end_at) > bindparam("start_at"),
)
_BUSY = select(Booking.id).where(*_OVERLAPS).limit(1)
_OVERLAPPING = (
    select(Booking, CareRequest, col(Cover.terms))
    .join(CareRequest, col(CareRequest.id) == col(Booking.request_id))
    .join(Cover, col(Cover.id) == col(Booking.cover_id))
    .where(*_OVERLAPS)
    .order_by(col(Booking.id))
)


def _members(group: Group) -> tuple[ColumnElement[bool], ...]:
    joined = or_(col(Booking.id).in_(group.bookings), col(Booking.group_id) == group.group_id)
    return joined, col(Booking.state).in_(LIVE)


async def _stays(session: AsyncSession, group: Group) -> list[Stay]:
    """Return from when to when how many children are there, booking by booking."""
    children = select(func.count()).where(BookingChild.booking_id == Booking.id).scalar_subquery()
    stays = select(Booking.start_at, Booking.end_at, children).where(*_members(group))
    return [(start, end, number) for start, end, number in await session.exec(stays)]


def _most_at_once(stays: Sequence[Stay]) -> int:
    """Return how many children are together at most: a peak begins where somebody comes."""
    return max(sum(number for start, end, number in stays if start <= moment < end) for moment, *_ in stays)


def _same_place(one: CareRequest, other: CareRequest) -> bool:
    """Compare where two cares are: a supporter's home is one place, an event is where it is."""
    return one.kind == CareKind.OWN_HOME or (one.lat, one.lon) == (other.lat, other.lon)


async def _terms_of(session: AsyncSession, request: CareRequest) -> list[Terms]:
    policy = await policy_for(session, area_id=request.area_id, start_at=request.start_at, end_at=request.end_at)
    return [Terms.model_validate(policy.terms)] if policy else []
