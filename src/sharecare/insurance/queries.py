"""Reading policies and covers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import insurer_ids_of, insurers_with_people
from sharecare.areas.models import Area
from sharecare.errors import NotFound
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import CoverState, Terms, covered_until
from sharecare.insurance.schedule import WARNING, Aggregate, Schedule, limits
from sharecare.insurance.schemas import AggregateView, CoverView, PerilView, PolicyStanding, PolicyView, Validity
from sharecare.insurance.usage import used_of

RUN_OFF = timedelta(days=92)  # after a policy: its last month is sent, and most of its claims are filed


async def policy_for(
    session: AsyncSession, *, area_id: int, start_at: datetime, end_at: datetime, hold: bool = False
) -> Policy | None:
    """Return the policy in force for the whole window; of several, the one that began last replaces the others.

    With `hold`, nobody else writes about the policy meanwhile, as `ledger.hold_policy` does.
    """
    window = {"area_id": area_id, "start_at": start_at, "end_at": end_at}
    if not hold:
        return (await session.exec(_VALID, params=window)).first()
    return (await session.exec(_VALID_HELD, params=window, execution_options={"populate_existing": True})).first()


_VALID = (
    select(Policy)
    .where(Policy.area_id == bindparam("area_id"))
    .where(col(Policy.valid_from) <= bindparam("start_at"), col(Policy.valid_until) >= bindparam("end_at"))
    .order_by(col(Policy.valid_from).desc(), col(Policy.id).desc())
    .limit(1)
)
_VALID_HELD = _VALID.with_for_update(key_share=True)


async def policies_of(session: AsyncSession, *, area_id: int) -> Sequence[Policy]:
    """Return an area's policies, newest first."""
    policies = select(Policy).where(Policy.area_id == area_id)
    return (await session.exec(policies.order_by(col(Policy.valid_from).desc(), col(Policy.id).desc()))).all()


async def policy_by_id(session: AsyncSession, policy_id: int) -> Policy:
    """Return a policy that the policy table has let through."""
    return (await session.exec(select(Policy).where(Policy.id == policy_id))).one()


async def policies_of_insurer(session: AsyncSession, insurer: str) -> list[PolicyStanding]:
    """Return the policies of one insurer, newest first, with what is used of them."""
    policies = select(Policy).where(Policy.insurer == insurer)
    newest = policies.order_by(col(Policy.valid_from).desc(), col(Policy.id).desc())
    return [await policy_standing(session, policy) for policy in await session.exec(newest)]


async def policy_standing(session: AsyncSession, policy: Policy) -> PolicyStanding:
    """Return a policy with what is used of its aggregates."""
    schedule, used = Schedule.model_validate(policy.schedule), await used_of(session, policy.id)
    area = (await session.exec(select(Area.slug).where(Area.id == policy.area_id))).one()
    return PolicyStanding(
        **PolicyView.model_validate(policy).model_dump(),
        area=area,
        aggregates=[_aggregate(one, used[one], schedule.limit_of(one)) for one in Aggregate],
        insurer_is_told=bool(await insurer_ids_of(session, policy.insurer)),
    )


async def policies_nobody_hears_of(session: AsyncSession, *, area_id: int, now: datetime) -> list[Policy]:
    """Return the newest policy of each insurer that has no account under that name, while it may have to be told."""
    policies = (
        select(Policy)
        .where(Policy.area_id == area_id, col(Policy.valid_until) > now - RUN_OFF)
        .where(col(Policy.insurer).not_in(insurers_with_people()))
        .order_by(col(Policy.valid_from), col(Policy.id))
    )
    return list({policy.insurer: policy for policy in await session.exec(policies)}.values())


async def policies_by_area(session: AsyncSession, area_ids: Collection[int] | None) -> Mapping[int, Sequence[Policy]]:
    """Return the policies of some areas, or of all, those first that `policy_for` prefers."""
    policies = select(Policy).order_by(col(Policy.valid_from).desc(), col(Policy.id).desc())
    if area_ids is not None:
        policies = policies.where(col(Policy.area_id).in_(area_ids))
    found: defaultdict[int, list[Policy]] = defaultdict(list)
    for policy in await session.exec(policies):
        found[policy.area_id].append(policy)
    return found


async def cover_view(session: AsyncSession, *, cover_id: int) -> CoverView:
    """Return a cover with what its policy promises.

    Raises:
        NotFound: there is none of this id.

    """
    cover, policy = await _cover_and_policy(session, col(Cover.id) == cover_id)
    terms, schedule = Terms.model_validate(cover.terms), Schedule.model_validate(policy.schedule)
    return CoverView(
        number=cover.number,
        code=cover.code,
        state=CoverState(cover.state),
        insurer=policy.insurer,
        policy_number=policy.number,
        start_at=cover.start_at,
        end_at=cover.end_at,
        covered_until=_covered_until(cover, policy),
        liability_yen=policy.liability_yen,
        property_yen=policy.property_yen,
        perils=perils_of(policy),
        exclusions=list(schedule.exclusions),
        terms=terms,
    )


def perils_of(policy: Policy) -> list[PerilView]:
    """Return what a policy insures."""
    schedule = Schedule.model_validate(policy.schedule)
    insured = limits(schedule, liability_yen=policy.liability_yen, property_yen=policy.property_yen)
    return [
        PerilView(peril=peril, limit_yen=limit, deductible_yen=schedule.deductibles_yen.get(peril, 0))
        for peril, limit in insured.items()
        if limit
    ]


async def validity(session: AsyncSession, *, code: str, now: datetime) -> Validity:
    """Return what the code on a certificate opens to anyone.

    Raises:
        NotFound: no certificate carries it.

    """
    cover, policy = await _cover_and_policy(session, col(Cover.code) == code)
    until = _covered_until(cover, policy)
    holds = cover.state in (CoverState.BOUND, CoverState.IN_FORCE) and cover.start_at <= now < until
    return Validity(
        number=cover.number,
        insurer=policy.insurer,
        state=CoverState(cover.state),
        is_valid=holds,
        valid_from=cover.start_at,
        valid_until=until,
        checked_at=now,
    )


def _covered_until(cover: Cover, policy: Policy) -> datetime:
    """Return when a cover ends, grace included; of a voided one the agreed end: its policy may have ended before."""
    if cover.state == CoverState.VOIDED:
        return cover.end_at
    return covered_until(Terms.model_validate(cover.terms), cover.end_at, policy.valid_until)


async def _cover_and_policy(session: AsyncSession, which: ColumnElement[bool]) -> tuple[Cover, Policy]:
    found = await session.exec(select(Cover, Policy).join(Policy, col(Policy.id) == col(Cover.policy_id)).where(which))
    row = found.first()
    if row is None:
        raise NotFound
    return row


def _aggregate(aggregate: Aggregate, used: int, limit: int | None) -> AggregateView:
    return AggregateView(
        aggregate=aggregate,
        used=used,
        limit=limit,
        is_near=limit is not None and used >= limit * WARNING,
        is_reached=limit is not None and used >= limit,
    )
