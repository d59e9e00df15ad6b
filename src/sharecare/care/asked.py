"""Reading what a supporter was asked: many asks in a few statements, and why each of them fits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Person
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.queries import settings_of
from sharecare.areas.rules import CareKind, Circle, Level, Means
from sharecare.care.asking import query_for
from sharecare.care.group import may_join
from sharecare.care.models import Ask, CareRequest, Offer, RequestChild
from sharecare.care.people import ages_at, away_since
from sharecare.care.rules import STANDING_ASKS, AskState, OfferState, RequestState, suggested_thanks_yen
from sharecare.care.schemas import AskView, RequestGlimpse
from sharecare.certification.queries import ladder_and_held
from sharecare.clock import minutes_between
from sharecare.matching import words as matching_words
from sharecare.matching.feed import LiveIndex
from sharecare.paging import Page, page_of, read_cursor

_NOT_BOOKED = (RequestState.OPEN, RequestState.WITHDRAWN, RequestState.EXPIRED)
MOST_WAITING = 50  # on one page; nobody answers more at a sitting


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask as the page shows it; `reasons` are empty where it fits no more, or only `joins` what is booked."""

    view: AskView
    reasons: list[str]
    joins: bool


@dataclass(frozen=True, slots=True)
class _Gathered:
    ask: Ask
    request: CareRequest
    area: Area
    requester: str
    ages_months: tuple[int, ...]


async def my_asks(session: AsyncSession, *, by: Actor, cursor: str | None, limit: int) -> Page[AskView]:
    """Return one page of what a supporter was asked, newest first."""
    before = read_cursor(cursor)
    which = [] if before is None else [col(Ask.id) < before]
    gathered = await _gather(session, by, which, order=(col(Ask.id).desc(),), limit=limit + 1)
    views = await _views(session, gathered, by=by, away=await away_since(session, by.household_id))
    return page_of(views, limit=limit, key=lambda view: view.ask_id)


async def asks_besides(session: AsyncSession, *, by: Actor, besides: Collection[int], limit: int) -> list[AskView]:
    """Return what a supporter was asked, apart from some asks, by the time it was for, latest first."""
    order = (col(CareRequest.start_at).desc(), col(Ask.id).desc())
    gathered = await _gather(session, by, [col(Ask.id).not_in(besides)], order=order, limit=limit)
    return await _views(session, gathered, by=by, away=await away_since(session, by.household_id))


async def my_ask(session: AsyncSession, request_id: int, *, by: Actor) -> AskView:
    """Return what a supporter was asked for one request, that the policy table has let through."""
    gathered = await _gather(session, by, [col(Ask.request_id) == request_id], order=(col(Ask.id).desc(),), limit=1)
    return (await _views(session, gathered, by=by, away=await away_since(session, by.household_id)))[0]


async def asks_waiting(
    session: AsyncSession, index: LiveIndex, *, by: Actor, language: str, now: datetime
) -> list[Asked]:
    """Return the asks whose request is still open, soonest first, each with why it fits."""
    open_still = [col(CareRequest.state) == RequestState.OPEN, col(CareRequest.start_at) > now]
    unanswered = col(Ask.state).in_(STANDING_ASKS)
    order = (col(CareRequest.start_at).asc(), col(Ask.id).asc())
    gathered = await _gather(session, by, [*open_still, unanswered], order=order, limit=MOST_WAITING)
    away = await away_since(session, by.household_id)
    views = await _views(session, gathered, by=by, away=away)
    waiting: list[Asked] = []
    for one, view in zip(gathered, views, strict=True):
        if view.request.state == RequestState.OPEN:
            reasons = _reasons(index, one, by=by, away=away, language=language, now=now)
            waiting.append(Asked(view, reasons, joins=not reasons and await _joins(session, one, by=by)))
    return waiting


async def _joins(session: AsyncSession, one: _Gathered, *, by: Actor) -> bool:
    children = len(one.ages_months)
    return one.request.with_others and await may_join(session, one.request, by.person_id, children=children)


async def _gather(
    session: AsyncSession,
    by: Actor,
    which: Sequence[ColumnElement[bool]],
    *,
    order: Sequence[ColumnElement[int] | ColumnElement[datetime]],
    limit: int,
) -> list[_Gathered]:
    asks = (
        select(Ask, CareRequest, Area, Person.name)
        .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
        .join(Area, col(Area.id) == col(CareRequest.area_id))
        .join(Person, col(Person.id) == col(CareRequest.requester_id))
        .where(Ask.supporter_id == by.person_id, col(Ask.delivered), *which)
        .order_by(*order)
        .limit(limit)
    )
    rows = (await session.exec(asks)).all()
    children = await _children(session, [request.id for _, request, _, _ in rows])
    return [
        _Gathered(ask, request, area, name, ages_at(children[request.id], request.start_at, ZoneInfo(area.timezone)))
        for ask, request, area, name in rows
    ]


async def _children(session: AsyncSession, request_ids: Collection[int]) -> dict[int, list[Child]]:
    children: dict[int, list[Child]] = {request_id: [] for request_id in request_ids}
    rows = (
        select(RequestChild.request_id, Child)
        .join(Child, col(Child.id) == col(RequestChild.child_id))
        .where(col(RequestChild.request_id).in_(request_ids))
        .order_by(col(Child.id))
    )
    for request_id, child in await session.exec(rows):
        children[request_id].append(child)
    return children


async def _views(
    session: AsyncSession, gathered: Sequence[_Gathered], *, by: Actor, away: Mapping[int, datetime]
) -> list[AskView]:
    standing = select(Offer.request_id, Offer.id).where(
        Offer.supporter_id == by.person_id,
        col(Offer.request_id).in_([one.request.id for one in gathered]),
        col(Offer.state).in_((OfferState.OPEN, OfferState.ACCEPTED)),
    )
    offers = dict((await session.exec(standing)).all())
    ladder, held = await ladder_and_held(session, person_id=by.person_id)
    taken = {one.ask.id for one in gathered if looks_taken(one.request, away.get(one.request.requester_id))}
    return [
        AskView(
            ask_id=one.ask.id,
            state=AskState.CLOSED if one.ask.id in taken and one.ask.state in STANDING_ASKS else one.ask.state,
            asked_at=one.ask.asked_at,
            circle=Circle(one.ask.circle),
            distance_m=one.ask.distance_m,
            direct=one.request.named_supporter_id == by.person_id,
            request=glimpse_of(one.request, one.requester, one.ages_months, taken=one.ask.id in taken),
            offer_id=None if one.ask.id in taken else offers.get(one.request.id),
            suggested_thanks_yen=suggested_thanks_yen(
                minutes_between(one.request.start_at, one.request.end_at),
                settings_of(one.area),
                certified=ladder.level_at(held, one.request.start_at) >= Level.CERTIFIED,
            ),
        )
        for one in gathered
    ]


def looks_taken(request: CareRequest, apart_since: datetime | None) -> bool:
    """Say whether a request is to look booked to somebody who is kept at a distance since then, whatever became of it.

    What was over before looks as it did.
    """
    if apart_since is None or request.state not in _NOT_BOOKED:
        return False
    return request.closed_at is None or request.closed_at >= apart_since


def glimpse_of(request: CareRequest, requester: str, ages_months: Collection[int], *, taken: bool) -> RequestGlimpse:
    """Return what an asked supporter may see; across a block the request looks taken by someone else."""
    return RequestGlimpse(
        id=request.id,
        state=RequestState.BOOKED if taken else request.state,
        kind=CareKind(request.kind),
        means=Means(request.means) if request.means else None,
        start_at=request.start_at,
        end_at=request.end_at,
        cell=request.cell,
        ages=sorted(months // 12 for months in ages_months),
        requester=requester,
        with_others=request.with_others,
    )


def _reasons(
    index: LiveIndex, one: _Gathered, *, by: Actor, away: Collection[int], language: str, now: datetime
) -> list[str]:
    """Say why the request fits as of now: someone booked or changed since then is told so."""
    query = query_for(
        one.request,
        settings_of(one.area),
        ZoneInfo(one.area.timezone),
        one.ages_months,
        circle=Circle.OPEN,
        policy_level=Level.REGISTERED,
        away=frozenset(away),
    )
    mine = replace(query, named_id=by.person_id, circle=matching_words.Circle.ANYONE, top=1)
    found = next((one for one in index.find(mine, now=now) if one.whole), None)
    return found.reasons_in(language, to_supporter=True) if found else []
