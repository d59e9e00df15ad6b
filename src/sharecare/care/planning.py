"""Many open requests at once, for the day the schools close at noon: staff see a plan, then send its asks."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.queries import settings_of
from sharecare.areas.rules import Circle
from sharecare.batches import SOME_IDS, read_by_ids
from sharecare.care.asking import ask, find, least_policy_level, query_for
from sharecare.care.models import Ask, Booking, CareRequest
from sharecare.care.people import ages_at, away_from, children_in
from sharecare.care.requests import record_request
from sharecare.care.rules import STANDING_ASKS, AskState, BookingState, RequestState
from sharecare.care.schemas import AreaPlan, PlannedAsk, PlanSent
from sharecare.clock import to_minutes
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.matching.assign_model import NOBODY, Plan, Problem
from sharecare.matching.assign_problem import with_bookings
from sharecare.matching.feed import LiveIndex
from sharecare.matching.model import Period

MOST_PLANNED = 500
TIME_LIMIT_S = 20.0  # of solving a plan that somebody waits for
BOOKED_AROUND = timedelta(days=2)  # more than any local day lasts


class PlanIsStale(Refusal):
    """Somebody in the plan can't be asked any more."""

    ja = "計画を立てたあとに状況が変わりました。もう一度計画を立ててください。"
    en = "Things have changed since the plan was made. Please make it again."


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one plan is made from."""

    requests: Sequence[CareRequest]
    named: int  # open requests to one person alone, left out
    later: int  # open requests beyond the most that are planned
    problem: Problem
    asked: frozenset[tuple[int, int]]  # (request, supporter): heard of it, and haven't said no


async def gather_open_requests(session: AsyncSession, index: LiveIndex, *, area: Area, now: datetime) -> Gathered:
    """Return an area's open requests and everyone who could be asked for each, as far as each may reach.

    Who said no to a request isn't planned for it, nor whose offer is the only one that another has at that time.
    """
    settings, zone = settings_of(area), ZoneInfo(area.timezone)
    ahead = CareRequest.area_id == area.id, CareRequest.state == RequestState.OPEN, col(CareRequest.start_at) > now
    named_id = col(CareRequest.named_supporter_id)
    waiting, named = (await session.exec(select(func.count(), func.count(named_id)).where(*ahead))).one()
    requests = (
        await session.exec(
            select(CareRequest)
            .where(*ahead, named_id.is_(None))
            .order_by(col(CareRequest.start_at), col(CareRequest.id))
            .limit(MOST_PLANNED)
        )
    ).all()
    asks = (await session.exec(select(Ask).where(col(Ask.request_id).in_([one.id for one in requests])))).all()
    unwilling = _unwilling(requests, asks, timedelta(minutes=settings.buffer_minutes))
    queries, children = [], []
    for request in requests:
        kids = await children_in(session, request.id)
        level = await least_policy_level(session, request, area)
        ages, away = ages_at(kids, request.start_at, zone), await away_from(session, request.household_id)
        circle, out = Circle(request.reach), away | unwilling[request.id]
        queries.append(query_for(request, settings, zone, ages, circle=circle, policy_level=level, away=out))
        children.append([child.id for child in kids])
    limit = settings.bookings_a_day
    # Posed once: while bookings are read, others may bring people into the index whose bookings are not among them.
    problem = index.problem(queries, timezone=area.timezone, daily_limit=limit, children=children)
    booked = await _booked(session, problem.person_ids.tolist(), requests)
    asked = frozenset((one.request_id, one.supporter_id) for one in asks if _stands(one))
    problem = with_bookings(problem, booked, timezone=area.timezone)
    return Gathered(requests, named, waiting - named - len(requests), problem, asked)


def _stands(ask: Ask) -> bool:
    """Say whether somebody heard of a request and may still take it."""
    return ask.delivered and ask.state in STANDING_ASKS


def _unwilling(
    requests: Sequence[CareRequest], asks: Sequence[Ask], buffer: timedelta
) -> defaultdict[int, frozenset[int]]:
    """Return who isn't planned for each request: they said no, or are all that another at that time can count on."""
    out: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    offered: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    for one in asks:
        if not _stands(one):
            out[one.request_id] |= {one.supporter_id}
        elif one.state == AskState.OFFERED:
            offered[one.request_id] |= {one.supporter_id}
    for request in requests:
        if len(offered[request.id]) != 1:
            continue
        for other in requests:
            near = other.start_at < request.end_at + buffer and other.end_at + buffer > request.start_at
            if near and other.id != request.id:
                out[other.id] |= offered[request.id]
    return out


def plan_of(gathered: Gathered, plan: Plan) -> AreaPlan:
    """Return a solved problem as staff see it: who would be asked for what, and how good that is."""
    people = gathered.problem.person_ids
    chosen = list(zip(gathered.requests, plan.supporter.tolist(), strict=True))
    asks = [
        PlannedAsk(request_id=request.id, supporter_id=int(people[place]))
        for request, place in chosen
        if place != NOBODY
    ]
    return AreaPlan(
        requests=len(gathered.requests),
        filled=plan.filled,
        at_most=plan.bound_filled,
        proven_optimal=plan.proven_optimal,
        asks=asks,
        already_asked=[one.request_id for one in asks if (one.request_id, one.supporter_id) in gathered.asked],
        named=gathered.named,
        later=gathered.later,
        unfilled=[request.id for request, place in chosen if place == NOBODY],
    )


async def send_plan(
    session: AsyncSession, index: LiveIndex, *, by: Actor, area: Area, asks: Sequence[PlannedAsk], now: datetime
) -> PlanSent:
    """Send a plan's asks; nobody is booked without accepting.

    Raises:
        PlanIsStale: a request is no longer open, or someone can't be asked for it any more.

    """
    anew = 0
    for planned in sorted(asks, key=attrgetter("request_id")):  # whoever holds several rows takes them in order
        request = await session.get(CareRequest, planned.request_id, with_for_update={"key_share": True})
        if request is None or request.area_id != area.id or not _is_planned(request, now=now):
            raise PlanIsStale
        anew += await _send(session, index, request, planned, by=by, area=area, now=now)
    return PlanSent(asked=anew, already_asked=len(asks) - anew)


def _is_planned(request: CareRequest, *, now: datetime) -> bool:
    return request.state == RequestState.OPEN and request.start_at > now and request.named_supporter_id is None


async def _send(
    session: AsyncSession,
    index: LiveIndex,
    request: CareRequest,
    planned: PlannedAsk,
    *,
    by: Actor,
    area: Area,
    now: datetime,
) -> bool:
    """Ask one person, unless they were asked already; say whether they were asked now."""
    children = await children_in(session, request.id)
    ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
    reach, only = Circle(request.reach), planned.supporter_id
    found = await find(session, index, request, area, circle=reach, ages=ages, now=now, only=only)
    one = next((one for one in found if one.whole), None)
    if one is None:
        raise PlanIsStale
    known = select(Ask).where(Ask.request_id == request.id, Ask.supporter_id == planned.supporter_id)
    if (earlier := (await session.exec(known)).first()) is not None:
        if not _stands(earlier):
            raise PlanIsStale
        return False
    await ask(session, request, [one], ages, now=now)
    record_request(session, FactKind.WAVE_OPENED, request, by=by.person_id, now=now, data={"planned": True})
    return True


_BOOKED = select_columns(col(Booking.id), col(Booking.supporter_id), col(Booking.start_at), col(Booking.end_at)).where(
    col(Booking.supporter_id).in_(SOME_IDS),
    col(Booking.state) != BookingState.CANCELLED,
    col(Booking.start_at).between(bindparam("since"), bindparam("until")),
)


async def _booked(
    session: AsyncSession, supporter_ids: Sequence[int], requests: Sequence[CareRequest]
) -> dict[int, list[Period]]:
    """Return each booking that counts towards a day's limit, of a group care every family's, by supporter."""
    taken: defaultdict[int, list[Period]] = defaultdict(list)
    if not requests:
        return taken
    near = {"since": requests[0].start_at - BOOKED_AROUND, "until": requests[-1].start_at + BOOKED_AROUND}
    for _, supporter_id, start_at, end_at in await read_by_ids(session, supporter_ids, _BOOKED, **near):
        taken[supporter_id].append((to_minutes(start_at), to_minutes(end_at)))
    return taken
