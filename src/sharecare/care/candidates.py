"""Showing a family who could help: asked often, so in two statements, with the areas' rules from memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, String, bindparam, cast, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Person, SupporterProfile
from sharecare.accounts.rules import age_in_months
from sharecare.areas.rules import CareKind, Circle, Level
from sharecare.batches import SOME_IDS
from sharecare.care.asking import Wish, query_for
from sharecare.care.models import CareRequest, RequestChild
from sharecare.care.people import away
from sharecare.care.rules import RequestState
from sharecare.care.schemas import Candidate
from sharecare.insurance.rules import least_level
from sharecare.matching import Query
from sharecare.matching.area_rules import AreaRules
from sharecare.matching.feed import LiveIndex, Match

_WISHED = [col(getattr(CareRequest, name)) for name in Wish._fields]
_away = away(col(CareRequest.household_id))
_away_id = cast(_away.selected_columns[0], String)
_REQUEST = (
    select(
        *_WISHED,
        col(CareRequest.area_id),
        col(CareRequest.state),
        col(CareRequest.circle),
        col(Child.birth_month),
        _away.with_only_columns(func.aggregate_strings(_away_id, ","), maintain_column_froms=True)
        .scalar_subquery()
        .label("away"),
    )
    .join(RequestChild, col(RequestChild.request_id) == col(CareRequest.id))
    .join(Child, col(Child.id) == col(RequestChild.child_id))
    .where(col(CareRequest.id) == bindparam("request_id"))
)
_ABOUT = (
    select(col(Person.id), col(Person.name), col(SupporterProfile.introduction))
    .join(SupporterProfile, col(SupporterProfile.person_id) == col(Person.id))
    .where(col(Person.id).in_(SOME_IDS))
)


async def candidates_for(
    session: AsyncSession, index: LiveIndex, *, request_id: int, language: str, now: datetime
) -> list[Candidate]:
    """Return who could help in the circle a request has reached."""
    rows = (await (await session.connection()).execute(_REQUEST, {"request_id": request_id})).all()
    first = rows[0]
    if first.state != RequestState.OPEN or first.named_supporter_id is not None:
        return []
    found = index.find(_query(rows, index.areas[first.area_id]), now=now)
    return await candidate_views(session, found, language=language)


async def candidate_views(session: AsyncSession, found: Sequence[Match], *, language: str) -> list[Candidate]:
    """Return found people with what they say of themselves."""
    ids = [one.supporter_id for one in found]
    rows = (await (await session.connection()).execute(_ABOUT, {"ids": ids})).all()
    about = {person_id: (name, introduction) for person_id, name, introduction in rows}
    return [
        Candidate(
            supporter_id=one.supporter_id,
            name=about[one.supporter_id][0],
            introduction=about[one.supporter_id][1],
            level=one.level,
            distance_m=one.distance_m,
            reasons=one.reasons_in(language),
            free_minutes=one.free_minutes,
            whole=one.whole,
            circle=one.circle,
            mutual_friends=one.mutual_friends,
            community_ids=one.community_ids,
            free=one.free,
        )
        for one in found
    ]


def _query(rows: Sequence[Row[*tuple[Any, ...]]], rules: AreaRules) -> Query:
    """Return what matching is asked, from a request's row for each of its children."""
    first = rows[0]
    wish = Wish(*first[: len(Wish._fields)])
    terms = rules.terms_for(wish.start_at, wish.end_at)
    return query_for(
        wish,
        rules.settings,
        rules.zone,
        [age_in_months(row.birth_month, wish.start_at, rules.zone) for row in rows],
        circle=Circle(first.circle),
        policy_level=least_level(terms, CareKind(wish.kind)) if terms else Level.REGISTERED,
        away=frozenset(map(int, first.away.split(","))) if first.away else frozenset(),
    )
