"""From a request to the people who can be asked: the index suggests, nothing here decides a booking."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Home, Person
from sharecare.areas.models import Area
from sharecare.areas.queries import settings_of
from sharecare.areas.rules import AreaSettings, CareKind, Circle, Level, Means
from sharecare.care.group import may_join
from sharecare.care.models import Ask, CareRequest
from sharecare.care.people import ages_at, away_from, children_in, with_full_day
from sharecare.care.rules import AskState
from sharecare.clock import to_days, to_minutes
from sharecare.geo import cell_from_code
from sharecare.geo import distance_m as geo_distance_m
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import Terms, least_level
from sharecare.matching import Query, Weights
from sharecare.matching import words as matching_words
from sharecare.matching.feed import LiveIndex, Match
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import mark_told_read, tell, tell_all

MOST_ASKED = 20  # of one wave
ONE_WAVE = timedelta(minutes=10)  # in which all dates of a series are asked for, one after another
CIRCLE_WORDS = {circle: matching_words.Circle[circle.name] for circle in Circle}
KIND_WORDS = {kind: matching_words.Kind[kind.name] for kind in CareKind}
MEANS_WORDS = {means: matching_words.Means[means.name] for means in Means}


class Wish(NamedTuple):
    """What matching has to know of a request, where that is all one reads of it."""

    requester_id: int
    household_id: int
    cell: int
    start_at: datetime
    end_at: datetime
    kind: str
    means: str | None
    min_level: int
    max_distance_m: int
    named_supporter_id: int | None


def query_for(
    request: CareRequest | Wish,
    settings: AreaSettings,
    zone: ZoneInfo,
    ages_months: Sequence[int],
    *,
    circle: Circle,
    policy_level: Level,
    away: frozenset[int],
) -> Query:
    """Return what matching is asked for a request in one circle."""
    on = request.start_at.astimezone(zone).date()
    named = request.named_supporter_id
    return Query(
        requester_id=request.requester_id,
        household_id=request.household_id,
        cell=cell_from_code(str(request.cell)),
        start=to_minutes(request.start_at),
        end=to_minutes(request.end_at),
        kind=KIND_WORDS[CareKind(request.kind)],
        means=MEANS_WORDS[Means(request.means)] if request.means else None,
        children=len(ages_months),
        youngest_months=min(ages_months),
        oldest_months=max(ages_months),
        max_distance_m=request.max_distance_m,
        circle=matching_words.Circle.ANYONE if named else CIRCLE_WORDS[circle],
        min_level=matching_words.Level(max(request.min_level, policy_level)),
        circle_levels=(
            matching_words.Level(settings.level_among_friends),
            matching_words.Level(settings.level_among_friends_of_friends),
            matching_words.Level(settings.level_open),
        ),
        needs_notification=settings.open_preschool_needs_notification
        and min(ages_months) < settings.preschool_below_months,
        born_by_day=to_days(_years_before(on, settings.supporter_min_years)),
        named_id=named,
        away_ids=away,
        buffer_min=settings.buffer_minutes,
        weights=Weights(*settings.weights),
        top=MOST_ASKED,
    )


async def find(
    session: AsyncSession,
    index: LiveIndex,
    request: CareRequest,
    area: Area,
    *,
    circle: Circle,
    ages: Sequence[int],
    now: datetime,
    besides: Collection[int] = (),
    only: int | None = None,
) -> list[Match]:
    """Return who can help in a circle besides some people, best first; those free for a part of the time come last.

    Nobody is found whose day is full, unless the request names them. With `only`, one person is looked for, however
    many rank before them.
    """
    level, away = await least_policy_level(session, request, area), await away_from(session, request.household_id)
    away = away.union(besides)
    settings, zone = settings_of(area), ZoneInfo(area.timezone)
    query = query_for(request, settings, zone, ages, circle=circle, policy_level=level, away=away)
    found = index.find(query if only is None else replace(query, named_id=only), now=now)
    if request.named_supporter_id is not None:
        return found
    while full := await _with_full_day(session, request, area, found):
        away = away.union(full)
        found = index.find(replace(query, named_id=only, away_ids=away), now=now)
    return found


async def _with_full_day(
    session: AsyncSession, request: CareRequest, area: Area, found: Sequence[Match]
) -> frozenset[int]:
    people = [one.supporter_id for one in found]
    return await with_full_day(session, people, area=area, start_at=request.start_at) if people else frozenset()


async def least_policy_level(session: AsyncSession, request: CareRequest, area: Area) -> Level:
    """Return the least level the policy asks of whoever takes a request; without a policy there is none to ask."""
    policy = await policy_for(session, area_id=area.id, start_at=request.start_at, end_at=request.end_at)
    return least_level(Terms.model_validate(policy.terms), CareKind(request.kind)) if policy else Level.REGISTERED


async def ask_circle(
    session: AsyncSession, index: LiveIndex, request: CareRequest, area: Area, *, now: datetime
) -> int:
    """Ask the best of those new in the circle a request has reached; return how many."""
    children = await children_in(session, request.id)
    ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
    # Left out before the best are taken: those who were asked rank high, and would take the places of all others.
    known = (await session.exec(select(Ask.supporter_id).where(Ask.request_id == request.id))).all()
    circle = Circle(request.circle)
    found = await find(session, index, request, area, circle=circle, ages=ages, now=now, besides=known)
    fresh = [one for one in found if one.whole]
    await ask(session, request, fresh, ages, now=now)
    return len(fresh)


async def ask(
    session: AsyncSession, request: CareRequest, fresh: Sequence[Match], ages: Sequence[int], *, now: datetime
) -> None:
    """Ask people who were not asked yet, and tell them; those who just heard of a series hear once of all its dates."""
    heard = await _just_heard_of_series(session, request, now=now)
    dates = await _dates_of_series(session, request)
    session.add_all(_ask(request, one.supporter_id, one.circle, one.distance_m, now=now) for one in fresh)
    to = {
        one.supporter_id: _facts(request, one.distance_m, ages) | dates
        for one in fresh
        if one.supporter_id not in heard
    }
    kind = MessageKind.ASKED if request.named_supporter_id is None else MessageKind.DIRECT_ASKED
    await tell_all(session, to=to, kind=MessageKind.SERIES_ASKED if dates else kind, now=now)
    await session.flush()  # of a series, the next date looks who was asked


async def need_no_answer(
    session: AsyncSession, request: CareRequest, people: Collection[int], *, now: datetime
) -> None:
    """Note that some people have answered, or that it is over: the messages that asked them wait for them no more.

    One that asked for a whole series waits as long as one of its dates does.
    """
    if not people:
        return
    await mark_told_read(session, people=people, kinds=_ASKING, fact="request_id", key=request.id, now=now)
    if request.series_id is None:
        return
    await session.flush()  # the asks that were just answered or closed
    still_asked = (
        select(Ask.supporter_id)
        .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
        .where(CareRequest.series_id == request.series_id, Ask.state == AskState.OPEN)
    )
    done = set(people).difference((await session.exec(still_asked)).all())
    kinds, key = (MessageKind.SERIES_ASKED,), request.series_id
    await mark_told_read(session, people=done, kinds=kinds, fact="series_id", key=key, now=now)


_ASKING = (MessageKind.ASKED, MessageKind.DIRECT_ASKED, MessageKind.REQUEST_REOPENED)


async def _just_heard_of_series(session: AsyncSession, request: CareRequest, *, now: datetime) -> frozenset[int]:
    if request.series_id is None:
        return frozenset()
    asked = (
        select(Ask.supporter_id)
        .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
        .where(CareRequest.series_id == request.series_id, Ask.delivered, Ask.asked_at > now - ONE_WAVE)
    )
    return frozenset(await session.exec(asked))


async def _dates_of_series(session: AsyncSession, request: CareRequest) -> dict[str, object]:
    if request.series_id is None:
        return {}
    dates = select(func.count()).where(CareRequest.series_id == request.series_id)
    return {"series_id": request.series_id, "dates": (await session.exec(dates)).one()}


async def ask_named(
    session: AsyncSession, index: LiveIndex, request: CareRequest, area: Area, *, supporter_id: int, now: datetime
) -> None:
    """Ask one person; where they can't be asked, the ask is kept and stays unanswered, whatever the reason.

    So nobody can tell a block from a busy week. Whoever is busy with a group that the request may join is asked.
    """
    if await ask_circle(session, index, request, area, now=now):
        return
    children = await children_in(session, request.id)
    joins = (
        request.with_others
        and supporter_id not in await away_from(session, request.household_id)
        and await may_join(session, request, supporter_id, children=len(children))
    )
    distance_m = await _distance_to(session, request, supporter_id) if joins else 0
    one = _ask(request, supporter_id, Circle(request.circle), distance_m, now=now)
    one.delivered = joins
    session.add(one)
    if joins:
        ages = ages_at(children, request.start_at, ZoneInfo(area.timezone))
        facts = _facts(request, distance_m, ages)
        await tell(session, person_id=supporter_id, kind=MessageKind.DIRECT_ASKED, facts=facts, now=now)


async def _distance_to(session: AsyncSession, request: CareRequest, supporter_id: int) -> int:
    """Return how far a supporter lives from a request, between mesh cells and to 100 m."""
    home = select(Home.cell).join(Person, col(Person.household_id) == col(Home.household_id))
    cell = (await session.exec(home.where(Person.id == supporter_id))).one()
    ours, theirs = (cell_from_code(str(code)).centre for code in (request.cell, cell))
    return round(geo_distance_m(*ours, *theirs) / 100) * 100


def _ask(request: CareRequest, supporter_id: int, circle: Circle, distance_m: int, *, now: datetime) -> Ask:
    return Ask(
        request_id=request.id,
        supporter_id=supporter_id,
        circle=circle,
        distance_m=distance_m,
        state=AskState.OPEN,
        asked_at=now,
    )


def _facts(request: CareRequest, distance_m: int, ages_months: Sequence[int]) -> dict[str, object]:
    return {
        "request_id": request.id,
        "kind": request.kind,
        "means": request.means,
        "start_at": request.start_at.isoformat(),
        "end_at": request.end_at.isoformat(),
        "ages": sorted(months // 12 for months in ages_months),
        "distance_m": distance_m,
    }


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February in a common year
        return date(day.year - years, 2, 28)
