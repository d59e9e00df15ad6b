"""Lists of care in few statements: what is open, agreed, waiting, and how it was last time."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.orm import Mapped
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from sharecare.accounts.models import Home, Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.care.bookings import side_of
from sharecare.care.models import Ask, Booking, CareRequest, Offer, RequestChild
from sharecare.care.people import away_from
from sharecare.care.rules import LIVE, AskState, BookingState, OfferState, RequestState, Side
from sharecare.care.schemas import PlaceDraft
from sharecare.geo import MeshLevel, cell_from_code
from sharecare.paging import Page, page_by_moment, read_moment_cursor
from sharecare.trust.queries import ties_of

REMEMBERED = 50  # requests back
MOST_PLACES = 5
MOST_AHEAD = 100
ENOUGH_HOMES = 50  # in a cell: among fewer, a family is known by where it lives


@dataclass(frozen=True, slots=True)
class RequestCard:
    """A request in a list of its family's."""

    request: CareRequest
    asked: int
    offers: int
    booking_id: int | None


@dataclass(frozen=True, slots=True)
class BookingCard:
    """A booking in a list of one of its two sides."""

    booking: Booking
    side: Side
    other: str  # the name of whoever stands on the other side


@dataclass(frozen=True, slots=True)
class WaitingAsk:
    """An ask that waits for the supporter's answer."""

    ask: Ask
    request: CareRequest


@dataclass(frozen=True, slots=True)
class LastNeed:
    """A request one may want once more, and the children it was for."""

    request: CareRequest
    children: Sequence[int]


async def open_requests(session: AsyncSession, *, by: Actor) -> list[RequestCard]:
    """Return the family's open requests, soonest first."""
    return await _soonest_first(session, _cards(by).where(CareRequest.state == RequestState.OPEN))


async def requests_ahead(session: AsyncSession, *, by: Actor, now: datetime) -> list[RequestCard]:
    """Return the family's requests that are open, or booked and not over, soonest first."""
    return await _soonest_first(session, _cards(by).where(_ahead(now)))


async def past_requests(
    session: AsyncSession, *, by: Actor, cursor: str | None, limit: int, now: datetime
) -> Page[RequestCard]:
    """Return one page of the family's other requests, latest first."""
    past = _cards(by).where(~_ahead(now))
    if (last := read_moment_cursor(cursor)) is not None:
        past = past.where(_before(last, col(CareRequest.start_at), col(CareRequest.id)))
    latest = past.order_by(col(CareRequest.start_at).desc(), col(CareRequest.id).desc())
    rows = (await session.exec(latest.limit(limit + 1))).all()
    return page_by_moment(_as_cards(rows), limit=limit, key=lambda card: (card.request.start_at, card.request.id))


async def bookings_ahead(session: AsyncSession, *, by: Actor) -> list[BookingCard]:
    """Return the live bookings one has a part in, soonest first."""
    live = _bookings(by).where(col(Booking.state).in_(LIVE)).order_by(col(Booking.start_at), col(Booking.id))
    return _as_sides((await session.exec(live.limit(MOST_AHEAD))).all(), by)


async def booked_with(session: AsyncSession, *, by: Actor, person_id: int) -> int | None:
    """Return the soonest booking between one's own family and a person's that is yet to begin."""
    theirs = select(Person.household_id).where(Person.id == person_id)
    ours = select(Person.id).where(Person.household_id == by.household_id)
    kin = select(Person.id).where(col(Person.household_id).in_(theirs))
    either_way = or_(
        and_(Booking.household_id == by.household_id, col(Booking.supporter_id).in_(kin)),
        and_(col(Booking.household_id).in_(theirs), col(Booking.supporter_id).in_(ours)),
    )
    ahead = select(Booking.id).where(either_way, Booking.state == BookingState.CONFIRMED)
    return (await session.exec(ahead.order_by(col(Booking.start_at), col(Booking.id)).limit(1))).first()


async def planned_bookings(session: AsyncSession, *, by: Actor, now: datetime) -> list[BookingCard]:
    """Return what `bookings_ahead` does, and in their places those that were cancelled before their time came."""
    planned = _bookings(by).where(_planned(now)).order_by(col(Booking.start_at), col(Booking.id))
    return _as_sides((await session.exec(planned.limit(MOST_AHEAD))).all(), by)


async def past_bookings(
    session: AsyncSession, *, by: Actor, cursor: str | None, limit: int, now: datetime
) -> Page[BookingCard]:
    """Return one page of the bookings that are over, or were to begin by now and were cancelled, latest first."""
    past = _bookings(by).where(~_planned(now))
    if (last := read_moment_cursor(cursor)) is not None:
        past = past.where(_before(last, col(Booking.start_at), col(Booking.id)))
    rows = (await session.exec(past.order_by(*_LATEST_BOOKING).limit(limit + 1))).all()
    return page_by_moment(_as_sides(rows, by), limit=limit, key=lambda card: (card.booking.start_at, card.booking.id))


async def unsettled_bookings(session: AsyncSession, *, by: Actor) -> list[BookingCard]:
    """Return the family's supports whose thanks nobody has put down yet, latest first."""
    open_still = (Booking.state == BookingState.COMPLETED, col(Booking.settled_at).is_(None))
    rows = _bookings(by).where(Booking.household_id == by.household_id, *open_still)
    return _as_sides((await session.exec(rows.order_by(*_LATEST_BOOKING).limit(3))).all(), by)


async def asks_unanswered(session: AsyncSession, *, by: Actor, now: datetime, limit: int) -> list[WaitingAsk]:
    """Return asks that wait for one's answer, soonest first; across a block they look taken."""
    waiting = (
        select(Ask, CareRequest)
        .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
        .where(Ask.supporter_id == by.person_id, Ask.delivered, Ask.state == AskState.OPEN)
        .where(CareRequest.state == RequestState.OPEN, col(CareRequest.start_at) > now)
        .where(col(CareRequest.requester_id).not_in(await away_from(session, by.household_id)))
        .order_by(col(CareRequest.start_at), col(Ask.id))
        .limit(limit)
    )
    return [WaitingAsk(ask, request) for ask, request in await session.exec(waiting)]


async def last_need(session: AsyncSession, *, by: Actor, like: int | None = None) -> LastNeed | None:
    """Return the family's latest request, or the one named by its id, if it is theirs."""
    mine = select(CareRequest).where(CareRequest.household_id == by.household_id)
    mine = mine.where(CareRequest.id == like) if like is not None else mine.order_by(col(CareRequest.id).desc())
    request = (await session.exec(mine.limit(1))).first()
    if request is None:
        return None
    children = select(RequestChild.child_id).where(RequestChild.request_id == request.id)
    return LastNeed(request, (await session.exec(children)).all())


async def last_places(session: AsyncSession, *, by: Actor) -> list[PlaceDraft]:
    """Return the places of the family's latest requests, each once, latest first."""
    latest = select(CareRequest).where(CareRequest.household_id == by.household_id)
    rows = (await session.exec(latest.order_by(col(CareRequest.id).desc()).limit(REMEMBERED))).all()
    places: dict[str, PlaceDraft] = {}
    for one in rows:
        for name, lat, lon in ((one.place, one.lat, one.lon), (one.to_place, one.to_lat, one.to_lon)):
            if name is not None and lat is not None and lon is not None:
                places.setdefault(name, PlaceDraft(name=name, lat=lat, lon=lon))
    return list(places.values())[:MOST_PLACES]


async def known_supporters(session: AsyncSession, *, by: Actor) -> dict[int, str]:
    """Return whom one can ask by name without looking: friends, and those who have helped; names by id."""
    ties = await ties_of(session, [by.person_id])
    friends = {high if low == by.person_id else low for low, high, is_friend, *_ in ties if is_friend}
    helped = select(Booking.supporter_id).where(Booking.household_id == by.household_id)
    known = (
        select(Person.id, Person.name)
        .where(or_(col(Person.id).in_(friends), col(Person.id).in_(helped)))
        .where(col(Person.is_supporter), Person.state == PersonState.ACTIVE, Person.household_id != by.household_id)
        .order_by(col(Person.name), col(Person.id))
    )
    return dict((await session.exec(known)).all())


async def cells_of(session: AsyncSession, person_ids: Collection[int]) -> Counter[str]:
    """Count some people by the mesh cell they live in; where few homes are, by the coarser one around it."""
    lived = (
        select(Home.cell)
        .join(Person, col(Person.household_id) == col(Home.household_id))
        .where(col(Person.id).in_(person_ids))
    )
    cells = (await session.exec(lived)).all()
    crowd = select(Home.cell, func.count()).where(col(Home.cell).in_(cells)).group_by(col(Home.cell))
    homes = dict((await session.exec(crowd)).all())
    return Counter(
        str(cell) if homes[cell] >= ENOUGH_HOMES else cell_from_code(str(cell)).parent(MeshLevel.THIRD).code
        for cell in cells
    )


async def _soonest_first(session: AsyncSession, cards: Select[CareRequest, int, int, int | None]) -> list[RequestCard]:
    return _as_cards((await session.exec(cards.order_by(col(CareRequest.start_at), col(CareRequest.id)))).all())


def _ahead(now: datetime) -> ColumnElement[bool]:
    booked = and_(col(CareRequest.state) == RequestState.BOOKED, col(CareRequest.end_at) > now)
    return or_(col(CareRequest.state) == RequestState.OPEN, booked)


def _planned(now: datetime) -> ColumnElement[bool]:
    cancelled = and_(col(Booking.state) == BookingState.CANCELLED, col(Booking.start_at) > now)
    return or_(col(Booking.state).in_(LIVE), cancelled)


def _before(last: tuple[datetime, int], start_at: Mapped[datetime], key: Mapped[int]) -> ColumnElement[bool]:
    return or_(start_at < last[0], and_(start_at == last[0], key < last[1]))


_LATEST_BOOKING = (col(Booking.start_at).desc(), col(Booking.id).desc())


def _cards(by: Actor) -> Select[CareRequest, int, int, int | None]:
    asked = select(func.count()).where(Ask.request_id == CareRequest.id).scalar_subquery()
    standing = col(Offer.request_id) == col(CareRequest.id), Offer.state == OfferState.OPEN
    offers = select(func.count()).where(*standing).scalar_subquery()
    booked = col(Booking.request_id) == col(CareRequest.id), Booking.state != BookingState.CANCELLED
    booking_id = select(func.max(Booking.id)).where(*booked).scalar_subquery()
    cards: Select[CareRequest, int, int, int | None] = select(CareRequest, asked, offers, booking_id)
    return cards.where(CareRequest.household_id == by.household_id)


def _as_cards(rows: Sequence[tuple[CareRequest, int, int, int | None]]) -> list[RequestCard]:
    return [RequestCard(*row) for row in rows]


def _bookings(by: Actor) -> Select[Booking, str]:
    mine = or_(col(Booking.household_id) == by.household_id, col(Booking.supporter_id) == by.person_id)
    other = case(
        (col(Booking.supporter_id) == by.person_id, col(Booking.requester_id)), else_=col(Booking.supporter_id)
    )
    return select(Booking, Person.name).join(Person, col(Person.id) == other).where(mine)


def _as_sides(rows: Sequence[tuple[Booking, str]], by: Actor) -> list[BookingCard]:
    return [BookingCard(booking, side_of(booking, by), other) for booking, other in rows]
