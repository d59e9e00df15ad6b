"""Reading policies and covers."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import NotFound
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import CoverState, Terms, covered_until
from sharecare.insurance.schemas import CoverView


async def policy_for(session: AsyncSession, *, area_id: int, start_at: datetime, end_at: datetime) -> Policy | None:
    """Return the policy in force for the whole window; of several, the one that began last replaces the others."""
    valid = (
        select(Policy)
        .where(Policy.area_id == area_id, col(Policy.valid_from) <= start_at, col(Policy.valid_until) >= end_at)
        .order_by(col(Policy.valid_from).desc(), col(Policy.id).desc())
        .limit(1)
    )
    return (await session.exec(valid)).first()


async def policies_of(session: AsyncSession, *, area_id: int) -> Sequence[Policy]:
    """Return an area's policies, newest first."""
    policies = select(Policy).where(Policy.area_id == area_id)
    return (await session.exec(policies.order_by(col(Policy.valid_from).desc(), col(Policy.id).desc()))).all()


async def cover_view(session: AsyncSession, *, cover_id: int) -> CoverView:
    """Return a cover with what its policy promises.

    Raises:
        NotFound: there is none of this id.

    """
    found = await session.exec(
        select(Cover, Policy).join(Policy, col(Policy.id) == col(Cover.policy_id)).where(Cover.id == cover_id)
    )
    row = found.first()
    if row is None:
        raise NotFound
    cover, policy = row
    terms = Terms.model_validate(cover.terms)
    return CoverView(
        number=cover.number,
        state=CoverState(cover.state),
        insurer=policy.insurer,
        policy_number=policy.number,
        start_at=cover.start_at,
        end_at=cover.end_at,
        covered_until=covered_until(terms, cover.end_at, policy.valid_until),
        liability_yen=policy.liability_yen,
        property_yen=policy.property_yen,
        terms=terms,
    )
