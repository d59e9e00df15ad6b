"""Opening a request, widening it wave by wave, taking it back."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import Circle
from sharecare.care.asking import ask_circle, ask_named, find, need_no_answer
from sharecare.care.models import Ask, Booking, CareRequest, Offer, RequestChild
from sharecare.care.moves import move
from sharecare.care.needs import Gathered, gather, midnight, require_known_supporter
from sharecare.care.rules import (
    LIVE,
    REQUEST_MOVES,
    STANDING_ASKS,
    AskState,
    NotNow,
    OfferState,
    RequestState,
    Side,
    first_circle,
    is_urgent,
    next_wave,
)
from sharecare.care.schemas import Need
from sharecare.clock import minutes_between
from sharecare.errors import Refusal
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.matching.feed import LiveIndex, Match
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell, tell_all


class EnoughRequests(Refusal):
    """A family can open so many requests a day."""

    status = 429
    ja = "お願いを出せるのは1日{limit}件までです。お急ぎの場合は相談窓口へご連絡ください。"
    en = "You can open {limit} requests a day. If it is urgent, contact the help desk."


class EnoughPreviews(Refusal):
    """Looking without asking has a daily limit, so that nobody can map the neighbours."""

    status = 429
    ja = "候補の確認は1日{limit}回までです。お願いを出すと、条件に合う方へ届きます。"
    en = "You can look at candidates {limit} times a day. Open a request and it reaches those who fit."


async def preview_candidates(
    session: AsyncSession, index: LiveIndex, *, by: Actor, need: Need, also: Collection[Need] = (), now: datetime
) -> list[Match]:
    """Return who could help, in every circle the need may reach, without asking anyone.

    Nobody is looked for on the other days in `also`, which are asked for together with this one.

    Raises:
        EnoughPreviews: the day's previews are used up.
        Refusal: what `open_request` would refuse, on any of the days.

    """
    need = need.model_copy(update={"named_supporter_id": None})
    gathered = await gather(session, by=by, need=need, now=now)
    for other in also:
        await gather(session, by=by, need=other, now=now)
    # Previews of one person queue here, or several at once would each count the others as not yet made.
    await session.exec(select(Person.id).where(Person.id == by.person_id).with_for_update(key_share=True))
    limit = settings_of(gathered.area).previews_a_day
    today = select(func.count()).where(
        Fact.person_id == by.person_id,
        Fact.kind == FactKind.PREVIEWED,
        col(Fact.at) >= midnight(now, gathered.area),
    )
    if (await session.exec(today)).one() >= limit:
        raise EnoughPreviews(limit=limit)
    record(
        session,
        kind=FactKind.PREVIEWED,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        person_id=by.person_id,
        cell=gathered.request.cell,
    )
    return await find(session, index, gathered.request, gathered.area, circle=need.reach, ages=gathered.ages, now=now)


async def open_request(session: AsyncSession, index: LiveIndex, *, by: Actor, need: Need, now: datetime) -> CareRequest:
    """Open a request and ask the first wave.

    Raises:
        NotFound: a child is not the family's, or the named person supports nobody.
        ChildElsewhere: a child is in another booking at that time.
        NoHomeYet: the care begins at a home that is not registered.
        Refusal: the window, an age or a means lies outside the area's or the policy's rules.

    """
    gathered = await gather(session, by=by, need=need, now=now)
    await require_requests_left(session, by, gathered.area, now=now)
    if need.named_supporter_id is not None:
        await require_known_supporter(session, by, need.named_supporter_id, now=now)
    await store(session, gathered, by=by, now=now)
    await ask_first(session, index, gathered.request, gathered.area, now=now)
    return gathered.request


async def store(session: AsyncSession, gathered: Gathered, *, by: Actor, now: datetime) -> None:
    """Add a request that may be opened, with its children and its fact; nobody is asked yet."""
    request = gathered.request
    session.add(request)
    await session.flush()  # children, asks and the fact name the request
    session.add_all(RequestChild(request_id=request.id, child_id=child.id) for child in gathered.children)
    await session.flush()  # asking reads the children
    record_request(
        session,
        FactKind.REQUEST_OPENED,
        request,
        by=by.person_id,
        now=now,
        data={
            "kind": request.kind,
            "reach": request.reach,
            "urgent": request.urgent,
            "household_id": request.household_id,
        },
    )


async def ask_first(
    session: AsyncSession, index: LiveIndex, request: CareRequest, area: Area, *, now: datetime
) -> None:
    """Ask the one person named, or the first wave."""
    if request.named_supporter_id is not None:
        await ask_named(session, index, request, area, supporter_id=request.named_supporter_id, now=now)
    else:
        await ask_until_someone(session, index, request, area, now=now)


async def open_next_wave(session: AsyncSession, index: LiveIndex, *, request: CareRequest, now: datetime) -> None:
    """Widen an open request to its next circle, if there is one, and ask the best of those new there."""
    area = await area_by_id(session, request.area_id)
    await _widen(session, request, area, now=now)
    await ask_until_someone(session, index, request, area, now=now)


async def widen_request(session: AsyncSession, index: LiveIndex, *, by: Actor, request_id: int, now: datetime) -> None:
    """Ask others too, in waves, where one person was asked by name.

    Raises:
        NotNow: the request is not open, or was never for one person alone.

    """
    request = await request_by_id(session, request_id, hold=True)
    if request.state != RequestState.OPEN or request.named_supporter_id is None:
        raise NotNow(state=request.state)
    area = await area_by_id(session, request.area_id)
    request.named_supporter_id = None
    request.urgent = request.urgent or is_urgent(request.start_at, now=now)
    reach = Circle(request.reach)
    request.circle = first_circle(reach, urgent=request.urgent)
    wave = next_wave(Circle(request.circle), reach, settings_of(area), opened_at=now)
    request.next_wave_at = wave[1] if wave else None
    session.add(request)
    record_request(session, FactKind.REQUEST_WIDENED, request, by=by.person_id, now=now)
    await ask_until_someone(session, index, request, area, now=now)


async def withdraw_request(
    session: AsyncSession, *, by: Actor, request_id: int, reason: str, now: datetime, quiet: bool = False
) -> set[int]:
    """Take back a request that is not booked; return who was asked (see `close_asks`).

    Raises:
        NotNow: it is booked or closed.

    """
    request = await request_by_id(session, request_id)
    await move(
        session,
        request,
        REQUEST_MOVES,
        "withdraw_request",
        by=Side.FAMILY,
        closed_at=now,
        close_reason=reason,
        next_wave_at=None,
    )
    record_request(session, FactKind.REQUEST_WITHDRAWN, request, by=by.person_id, now=now)
    return await close_asks(session, request, now=now, quiet=quiet)


async def expire_request(session: AsyncSession, *, request: CareRequest, now: datetime) -> None:
    """Close a request whose time came without anyone.

    Raises:
        NotNow: it was booked or closed meanwhile.

    """
    await move(session, request, REQUEST_MOVES, "expire_request", by=Side.TIME, closed_at=now, next_wave_at=None)
    record_request(session, FactKind.REQUEST_EXPIRED, request, by=None, now=now)
    await close_asks(session, request, now=now)
    facts = {"start_at": request.start_at.isoformat(), "end_at": request.end_at.isoformat()}
    await tell(session, person_id=request.requester_id, kind=MessageKind.REQUEST_EXPIRED, facts=facts, now=now)


async def close_asks(
    session: AsyncSession,
    request: CareRequest,
    *,
    now: datetime,
    except_for: int | None = None,
    quiet: bool = False,
) -> set[int]:
    """Close open asks and standing offers; return who was asked, told here unless `quiet` leaves that to the caller."""
    asks = (await session.exec(_OPEN_ASKS, params={"request_id": request.id})).all()
    others = [ask for ask in asks if ask.supporter_id != except_for]
    return await _close(session, request, others, now=now, quiet=quiet)


async def close_asks_of(
    session: AsyncSession, request: CareRequest, supporter_ids: Collection[int], *, now: datetime
) -> None:
    """Close what some were asked of an open request: to them it looks as if it were booked; hold the request before."""
    asks = (await session.exec(_OPEN_ASKS, params={"request_id": request.id})).all()
    closed = [ask for ask in asks if ask.supporter_id in supporter_ids]
    await _close(session, request, closed, now=now)
    if closed:
        await hurry_if_nobody_is_left(session, request, now=now)


async def _close(
    session: AsyncSession, request: CareRequest, asks: Sequence[Ask], *, now: datetime, quiet: bool = False
) -> set[int]:
    told: dict[MessageKind, dict[int, dict[str, str]]] = {MessageKind.OFFER_DECLINED: {}, MessageKind.ASK_CLOSED: {}}
    facts = {"start_at": request.start_at.isoformat(), "end_at": request.end_at.isoformat()}
    offered = [ask.supporter_id for ask in asks if ask.state == AskState.OFFERED]
    for ask in asks:
        kind = MessageKind.OFFER_DECLINED if ask.state == AskState.OFFERED else MessageKind.ASK_CLOSED
        ask.state = AskState.CLOSED
        session.add(ask)
        if ask.delivered:
            told[kind][ask.supporter_id] = facts
    for kind, to in told.items():
        if not quiet:
            await tell_all(session, to=to, kind=kind, now=now)
    asked = {supporter_id for to in told.values() for supporter_id in to}
    await need_no_answer(session, request, asked, now=now)
    if offered:
        standing = update(Offer).where(
            col(Offer.request_id) == request.id,
            col(Offer.state) == OfferState.OPEN,
            col(Offer.supporter_id).in_(offered),
        )
        await session.exec(standing.values(state=OfferState.DECLINED, decided_at=now))
    return asked


_OPEN_ASKS = select(Ask).where(Ask.request_id == bindparam("request_id"), col(Ask.state).in_(STANDING_ASKS))


async def request_by_id(session: AsyncSession, request_id: int, *, hold: bool = False) -> CareRequest:
    """Return a request that the policy table has let through; with `hold`, nobody else moves it meanwhile."""
    return await session.get_one(CareRequest, request_id, with_for_update={"key_share": True} if hold else None)


async def require_requests_left(session: AsyncSession, by: Actor, area: Area, *, now: datetime) -> None:
    """Hold a family to the day's requests: each asks people, and tells how far they live from some place.

    A series counts as one.

    Raises:
        EnoughRequests: there were as many today.

    """
    await session.exec(select(Household.id).where(Household.id == by.household_id).with_for_update(key_share=True))
    limit = settings_of(area).requests_a_day
    today = (
        select(func.count(func.distinct(func.coalesce(-col(CareRequest.series_id), CareRequest.id))))
        .select_from(CareRequest)
        .where(CareRequest.household_id == by.household_id, col(CareRequest.opened_at) >= midnight(now, area))
    )
    if (await session.exec(today)).one() >= limit:
        raise EnoughRequests(limit=limit)


async def ask_until_someone(
    session: AsyncSession, index: LiveIndex, request: CareRequest, area: Area, *, now: datetime
) -> None:
    """Ask the circle reached; where nobody new is in it, waiting would help no one, so the next one opens."""
    while not await ask_circle(session, index, request, area, now=now) and request.next_wave_at is not None:
        await _widen(session, request, area, now=now)


async def hurry_if_nobody_is_left(session: AsyncSession, request: CareRequest, *, now: datetime) -> None:
    """Let the next be asked at once where nobody who was asked may still say yes; hold the request before."""
    busy = select(Booking.id).where(
        Booking.supporter_id == Ask.supporter_id,
        col(Booking.state).in_(LIVE),
        col(Booking.start_at) < request.end_at,
        col(Booking.end_at) > request.start_at,
    )
    left = (
        select(Ask.id)
        .join(Person, col(Person.id) == col(Ask.supporter_id))
        .where(Ask.request_id == request.id, col(Ask.state).in_(STANDING_ASKS), Person.state == PersonState.ACTIVE)
        .where(~busy.exists())
        .limit(1)
    )
    if request.named_supporter_id is None and (await session.exec(left)).first() is None:
        request.next_wave_at = now
        session.add(request)


async def _widen(session: AsyncSession, request: CareRequest, area: Area, *, now: datetime) -> None:
    settings, reach = settings_of(area), Circle(request.reach)
    wave = next_wave(Circle(request.circle), reach, settings, opened_at=request.opened_at)
    session.add(request)
    if wave is None:
        request.next_wave_at = None
        return
    request.circle = wave[0]
    later = next_wave(wave[0], reach, settings, opened_at=request.opened_at)
    request.next_wave_at = max(later[1], now) if later else None
    record_request(session, FactKind.WAVE_OPENED, request, by=None, now=now, data={"circle": request.circle})


def record_request(
    session: AsyncSession,
    kind: FactKind,
    request: CareRequest,
    *,
    by: int | None,
    now: datetime,
    data: dict[str, object] | None = None,
) -> None:
    """Write one fact of a request; `by` is None where time acts."""
    record(
        session,
        kind=kind,
        at=now,
        area_id=request.area_id,
        actor_id=by,
        person_id=request.requester_id,
        request_id=request.id,
        cell=request.cell,
        start_at=request.start_at,
        end_at=request.end_at,
        minutes=minutes_between(request.start_at, request.end_at),
        data=data,
    )
