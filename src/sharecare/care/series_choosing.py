"""Filling a series: a supporter offers on the dates they can, the family chooses, each date stands by itself."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.day_models import SeriesDate
from sharecare.care.models import Ask, Booking, CareRequest, Offer
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.rules import STANDING_ASKS, BookingState, OfferState
from sharecare.care.series import OpenDate, open_dates, series_by_id
from sharecare.care.series_schemas import SeriesOutcome
from sharecare.care.series_telling import Told, tell_asked_of_end, tell_booked, tell_offered
from sharecare.db import attempt
from sharecare.errors import Refusal
from sharecare.insurance.models import Cover


class NotAsked(Refusal):
    """The supporter was not asked for this date."""

    ja = "この日は、時間や条件が合わなかったため、声がかかっていません。"
    en = "You were not asked for this date: time or conditions didn't fit."


class NotOffered(Refusal):
    """The supporter did not offer on this date."""

    ja = "この日には、だれも手をあげていません。"
    en = "There is no offer on this date."


async def offer_for_series(
    session: AsyncSession, *, by: Actor, series_id: int, note: str, now: datetime
) -> list[SeriesOutcome]:
    """Offer on every open date one was asked for; return what became of each, with the reason where nothing did."""
    asked = await _asked_for(session, series_id, by.person_id)
    closed: set[int] = set()

    async def offer(open_date: OpenDate) -> int | None:
        if open_date.request_id not in asked:
            raise NotAsked
        others = await _standing_asks(session, open_date.request_id, except_for=by.person_id)
        await make_offer(session, by=by, request_id=open_date.request_id, note=note, now=now, quiet=True)
        booking_id = await _booking_of(session, open_date.request_id)
        closed.update(others if booking_id is not None else ())
        return booking_id

    outcomes = await _each(session, series_id, offer, by=by, now=now)
    offered = [one for one in outcomes if one.done]
    booked = [one for one in offered if one.booking_id is not None]
    waiting = len(offered) - len(booked)
    told = await Told.of(session, await series_by_id(session, series_id), by.person_id, [one.day for one in offered])
    if waiting:
        await tell_offered(session, told, dates=waiting, now=now)
    if booked:
        await tell_booked(session, told, dates=len(booked), now=now)
        await tell_asked_of_end(session, told, closed, dates=len(booked), now=now)
    return outcomes


async def accept_for_series(
    session: AsyncSession, *, by: Actor, series_id: int, supporter_id: int, now: datetime
) -> list[SeriesOutcome]:
    """Choose a supporter for every open date they offered on: each booked with a cover of its own, or said why not."""
    closed: set[int] = set()

    async def accept(open_date: OpenDate) -> int | None:
        offered = select(Offer.id).where(
            Offer.request_id == open_date.request_id,
            Offer.supporter_id == supporter_id,
            Offer.state == OfferState.OPEN,
        )
        offer_id = (await session.exec(offered)).first()
        if offer_id is None:
            raise NotOffered
        others = await _standing_asks(session, open_date.request_id, except_for=supporter_id)
        booking = await accept_offer(session, by=by, offer_id=offer_id, now=now, quiet=True)
        closed.update(others)
        return booking.id

    outcomes = await _each(session, series_id, accept, by=by, now=now, kept=True)
    booked = [one.day for one in outcomes if one.done]
    if booked:
        told = await Told.of(session, await series_by_id(session, series_id), supporter_id, booked)
        await tell_booked(session, told, dates=len(booked), now=now)
        await tell_asked_of_end(session, told, closed, dates=len(booked), now=now)
    return outcomes


async def _each(
    session: AsyncSession,
    series_id: int,
    verb: Callable[[OpenDate], Awaitable[int | None]],
    *,
    by: Actor,
    now: datetime,
    kept: bool = False,
) -> list[SeriesOutcome]:
    """Try a verb on every open date, each by itself; a date that is refused undoes no other.

    With `kept` the family's page goes on saying why a date was refused.
    """
    outcomes = []
    for open_date in await open_dates(session, series_id, now=now):
        done = await attempt(session, partial(verb, open_date))
        day, request_id = open_date.day, open_date.request_id
        if isinstance(done, Refusal):
            why = done.text(by.language)
            if kept and not isinstance(done, NotOffered):  # somebody may offer later
                refused = await session.get_one(SeriesDate, (series_id, day))
                refused.reason_ja, refused.reason_en = done.text("ja"), done.text("en")
                session.add(refused)
            outcomes.append(SeriesOutcome(day=day, request_id=request_id, done=False, code=done.code, reason=why))
            continue
        number = await _cover_number(session, done)
        outcomes.append(SeriesOutcome(day=day, request_id=request_id, done=True, booking_id=done, cover_number=number))
    return outcomes


async def _asked_for(session: AsyncSession, series_id: int, supporter_id: int) -> frozenset[int]:
    """Return the requests of a series that a supporter was asked for."""
    asked = (
        select(Ask.request_id)
        .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
        .where(CareRequest.series_id == series_id, Ask.supporter_id == supporter_id, Ask.delivered)
    )
    return frozenset(await session.exec(asked))


async def _standing_asks(session: AsyncSession, request_id: int, *, except_for: int) -> Sequence[int]:
    standing = select(Ask.supporter_id).where(
        Ask.request_id == request_id,
        Ask.delivered,
        col(Ask.state).in_(STANDING_ASKS),
        Ask.supporter_id != except_for,
    )
    return (await session.exec(standing)).all()


async def _booking_of(session: AsyncSession, request_id: int) -> int | None:
    live = select(Booking.id).where(Booking.request_id == request_id, Booking.state == BookingState.CONFIRMED)
    return (await session.exec(live)).first()


async def _cover_number(session: AsyncSession, booking_id: int | None) -> str | None:
    number = select(Cover.number).join(Booking, col(Booking.cover_id) == col(Cover.id))
    return (await session.exec(number.where(Booking.id == booking_id))).first()
