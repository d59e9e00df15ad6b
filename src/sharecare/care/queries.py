"""Reading care: each view shows what its reader may see at that moment, and nothing else."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, bindparam, case
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from sharecare.accounts.models import Child
from sharecare.accounts.queries import home_of, names_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Circle, Level
from sharecare.batches import SOME_IDS, read_by_ids, stream_columns
from sharecare.batches import Page as ColumnPage
from sharecare.care.access import details_open
from sharecare.care.asked import glimpse_of, looks_taken
from sharecare.care.booking_schemas import (
    BookingView,
    ChangeView,
    ChildOnTheDay,
    Contact,
    CostLineView,
    HandoverPins,
    OpenDetails,
)
from sharecare.care.day_models import CoverGap
from sharecare.care.group import bookings_beside
from sharecare.care.models import Ask, Booking, BookingChange, BookingChild, CareRequest, CostLine, Offer
from sharecare.care.no_show import contest_of
from sharecare.care.people import ages_at, away_since, children_in
from sharecare.care.requests import request_by_id
from sharecare.care.rules import (
    LIVE,
    AskState,
    BookingState,
    CareEnd,
    HandoverBy,
    Side,
    handover_pin,
    suggested_thanks_yen,
)
from sharecare.care.schemas import AskProgress, OfferView, RequestGlimpse, RequestView
from sharecare.certification.queries import level_of
from sharecare.clock import minutes_between
from sharecare.insurance.models import Cover
from sharecare.paging import Page, page_of, read_cursor


async def request_view(session: AsyncSession, request_id: int) -> RequestView:
    """Return a request as its family sees it."""
    request = await request_by_id(session, request_id)
    asks = (await session.exec(select(Ask).where(Ask.request_id == request_id).order_by(col(Ask.id)))).all()
    names = await names_of(session, [ask.supporter_id for ask in asks])
    booked = select(Booking).where(Booking.request_id == request_id).order_by(col(Booking.id))
    bookings = (await session.exec(booked)).all()
    gone = {
        one.supporter_id: one.closed_at for one in bookings if one.cancelled_by == Side.SUPPORTER and not one.no_show
    }
    return RequestView(
        **request.model_dump(include=set(RequestView.model_fields)),
        children=[child.id for child in await children_in(session, request_id)],
        asked=[
            AskProgress(
                supporter_id=ask.supporter_id,
                name=names[ask.supporter_id],
                circle=None if request.named_supporter_id else Circle(ask.circle),
                asked_at=ask.asked_at,
                answer=ask.state,
                cannot_come_at=gone.get(ask.supporter_id) if ask.state == AskState.DECLINED else None,
            )
            for ask in asks
        ],
        booking_id=next((one.id for one in bookings if one.state != BookingState.CANCELLED), None),
    )


async def request_glimpse(session: AsyncSession, request_id: int, *, by: Actor) -> RequestGlimpse:
    """Return a request as an asked supporter sees it."""
    request = await request_by_id(session, request_id)
    area = await area_by_id(session, request.area_id)
    children = await children_in(session, request_id)
    requester = await person_by_id(session, request.requester_id)
    ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
    apart_since = (await away_since(session, request.household_id)).get(by.person_id)
    return glimpse_of(request, requester.name, ages, taken=looks_taken(request, apart_since))


async def my_requests(session: AsyncSession, *, by: Actor, cursor: str | None, limit: int) -> Page[RequestView]:
    """Return one page of the family's requests, newest first."""
    mine = select(CareRequest.id).where(CareRequest.household_id == by.household_id)
    ids = await _ids_before(session, mine, col(CareRequest.id), cursor, limit)
    return page_of([await request_view(session, one) for one in ids], limit=limit, key=lambda view: view.id)


async def offers_for(session: AsyncSession, request_id: int) -> list[OfferView]:
    """Return a request's offers, first come first."""
    offers = (await session.exec(select(Offer).where(Offer.request_id == request_id).order_by(col(Offer.id)))).all()
    return [await offer_view(session, offer.id) for offer in offers]


async def offer_view(session: AsyncSession, offer_id: int) -> OfferView:
    """Return one offer, with the booking it became."""
    offer = (await session.exec(select(Offer).where(Offer.id == offer_id))).one()
    booked = (await session.exec(select(Booking.id).where(Booking.offer_id == offer_id))).first()
    supporter = (await person_by_id(session, offer.supporter_id)).name
    return OfferView(**offer.model_dump(), supporter=supporter, booking_id=booked)


async def my_bookings(
    session: AsyncSession, *, by: Actor, cursor: str | None, limit: int, now: datetime
) -> Page[BookingView]:
    """Return one page of the bookings one has a part in, newest first."""
    mine = select(Booking.id).where(
        or_(col(Booking.household_id) == by.household_id, col(Booking.supporter_id) == by.person_id)
    )
    ids = await _ids_before(session, mine, col(Booking.id), cursor, limit)
    views = [await booking_view(session, one, by=by, now=now) for one in ids]
    return page_of(views, limit=limit, key=lambda view: view.id)


async def bookings_by_state(session: AsyncSession) -> dict[str, int]:
    """Return how many bookings stand in each state."""
    counted = select(Booking.state, func.count()).group_by(Booking.state)
    return dict((await session.exec(counted)).all())


async def booking_view(session: AsyncSession, booking_id: int, *, by: Actor, now: datetime) -> BookingView:
    """Return a booking; exact place, contacts and children only to its two sides, and only while they need them."""
    booking = await session.get_one(Booking, booking_id)
    request = await request_by_id(session, booking.request_id)
    area = await area_by_id(session, booking.area_id)
    number = (await session.exec(select(Cover.number).where(Cover.id == booking.cover_id))).one()
    its = {"booking_id": booking_id}
    changes, costs = await session.exec(_CHANGES, params=its), await session.exec(_COSTS, params=its)
    finished_at, closed_at = booking.finished_at, booking.closed_at
    return BookingView(
        **booking.model_dump(include=set(BookingView.model_fields)),
        end_said_at=closed_at if finished_at and closed_at and finished_at < closed_at else None,
        uncovered_minutes=(await session.exec(_GAP, params=its)).first() or 0 if booking.started_at else 0,
        cover_number=number,
        with_others=request.with_others,
        other_children=sum(one.children for one in await bookings_beside(session, booking)),
        handover_start=HandoverBy(request.handover_start),
        handover_finish=HandoverBy(request.handover_finish),
        changes=[ChangeView.model_validate(change) for change in changes],
        costs=[CostLineView.model_validate(cost) for cost in costs],
        contest=await contest_of(session, booking) if booking.state == BookingState.CANCELLED else None,
        suggested_thanks_yen=await _thanks(session, area, booking.supporter_id, booking.start_at, booking.end_at),
        details=await _details(session, booking, request) if details_open(booking, by, now) else None,
    )


_CHANGES = (
    select(BookingChange).where(BookingChange.booking_id == bindparam("booking_id")).order_by(col(BookingChange.id))
)
_COSTS = select(CostLine).where(CostLine.booking_id == bindparam("booking_id")).order_by(col(CostLine.id))
_GAP = select(CoverGap.minutes).where(CoverGap.booking_id == bindparam("booking_id"))


async def handover_pins(session: AsyncSession, booking_id: int, *, key: bytes) -> HandoverPins:
    """Return the digits a parent shows, for the ends at which a parent is there and the care is live."""
    booking = await session.get_one(Booking, booking_id)
    request = await request_by_id(session, booking.request_id)

    def pin(end: CareEnd, by: str) -> str | None:
        shown = by == HandoverBy.PARENT and booking.state in LIVE
        return handover_pin(key, booking.id, end, booking.supporter_id) if shown else None

    return HandoverPins(
        start=pin(CareEnd.START, request.handover_start), finish=pin(CareEnd.FINISH, request.handover_finish)
    )


_TAKEN = select_columns(
    col(Booking.supporter_id), col(Booking.start_at), col(Booking.end_at), col(Booking.finished_at)
).where(col(Booking.supporter_id).in_(SOME_IDS), col(Booking.state) != BookingState.CANCELLED)


async def busy_periods(session: AsyncSession, supporter_ids: Collection[int]) -> list[tuple[int, datetime, datetime]]:
    """Return the time that bookings take of some supporters: `(supporter_id, start_at, end_at)`, past ones too."""
    rows = await read_by_ids(session, supporter_ids, _TAKEN)
    return [(who, start, min(end, finished) if finished else end) for who, start, end, finished in rows]


def stream_busy(session: AsyncSession, *, since: datetime) -> AsyncIterator[ColumnPage]:
    """Yield what `busy_periods` tells of everybody, bookings that were over by a moment left out."""
    over_at = case(
        (
            and_(col(Booking.finished_at).is_not(None), col(Booking.finished_at) < col(Booking.end_at)),
            Booking.finished_at,
        ),
        else_=col(Booking.end_at),
    )
    taken = select_columns(col(Booking.supporter_id), col(Booking.start_at), over_at.label("over_at")).where(
        col(Booking.end_at) > since, col(Booking.state) != BookingState.CANCELLED
    )
    return stream_columns(session, col(Booking.supporter_id), taken.where)


async def _details(session: AsyncSession, booking: Booking, request: CareRequest) -> OpenDetails:
    requester = await person_by_id(session, booking.requester_id)
    supporter = await person_by_id(session, booking.supporter_id)
    host = supporter.household_id if booking.kind == CareKind.OWN_HOME else booking.household_id
    at_home = booking.kind == CareKind.OWN_HOME or request.place is None
    at_home = at_home or (booking.kind == CareKind.PICKUP and request.to_place is None)
    home = await home_of(session, host) if at_home else None
    children = await session.exec(_CHILDREN_ON_THE_DAY, params={"booking_id": booking.id})
    return OpenDetails(
        **request.model_dump(include={"place", "lat", "lon", "to_place", "to_lat", "to_lon", "notes"}),
        address=home.address if home else None,
        requester=Contact(name=requester.name, phone=requester.phone),
        supporter=Contact(name=supporter.name, phone=supporter.phone),
        children=[
            ChildOnTheDay(
                id=child.id,
                name=child.name,
                age_months=age_months,
                allergies=child.allergies,
                notes=child.notes,
            )
            for child, age_months in children
        ],
    )


_CHILDREN_ON_THE_DAY = (
    select(Child, BookingChild.age_months)
    .join(BookingChild, col(BookingChild.child_id) == col(Child.id))
    .where(BookingChild.booking_id == bindparam("booking_id"))
    .order_by(col(Child.id))
)


async def _thanks(session: AsyncSession, area: Area, supporter_id: int, start_at: datetime, end_at: datetime) -> int:
    level = await level_of(session, person_id=supporter_id, now=start_at)
    minutes = minutes_between(start_at, end_at)
    return suggested_thanks_yen(minutes, settings_of(area), certified=level >= Level.CERTIFIED)


async def _ids_before(
    session: AsyncSession, ids: SelectOfScalar[int], key: Mapped[int], cursor: str | None, limit: int
) -> Sequence[int]:
    if (before := read_cursor(cursor)) is not None:
        ids = ids.where(key < before)
    return (await session.exec(ids.order_by(key.desc()).limit(limit + 1))).all()
