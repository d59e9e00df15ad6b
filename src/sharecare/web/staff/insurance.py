"""The area's claims, and the months that its insurer is told of: looked at first, then sent and frozen."""

from datetime import date
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import insurer_ids_of
from sharecare.areas.queries import area_by_slug
from sharecare.drafts import MONTH
from sharecare.errors import NotFound
from sharecare.incidents import bordereaux
from sharecare.incidents.drafts import ROWS_SHOWN
from sharecare.incidents.months import months_of_area
from sharecare.incidents.queries import claims_of_area
from sharecare.insurance.models import Policy
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.sent import CHANGE, BordereauKind
from sharecare.insurance.words import PERILS, STATES
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()
CLAIMS_AT_ONCE = 50
Month = Annotated[str, Path(pattern=MONTH)]


@router.get("/staff/{slug}/claims", operation_id="list_area_claims")
async def claims(slug: str, look: Looking, cursor: str | None = None) -> Response:
    """List the area's claims, newest first."""
    area = await area_by_slug(look.session, slug)
    found = await claims_of_area(look.session, area.id, cursor=cursor, limit=CLAIMS_AT_ONCE)
    return await look.show("staff/claims.html", slug=slug, claims=found, perils=PERILS)


@router.get("/staff/{slug}/bordereaux", operation_id="list_bordereau_months")
async def months(slug: str, look: Looking) -> Response:
    """List the months that are over, what was sent of each, and what an adjustment must follow."""
    area = await area_by_slug(look.session, slug)
    found = await months_of_area(look.session, area_id=area.id, drafts=look.here.drafts, now=look.now)
    return await look.show("staff/bordereaux.html", slug=slug, months=found)


@router.get("/staff/{slug}/bordereaux/{policy_id}/{month}/{kind}", operation_id="send_bordereau")
async def draft(slug: str, policy_id: Id, month: Month, kind: BordereauKind, look: Looking) -> Response:
    """Show a month as it would be sent now."""
    return await _drafted(look, slug, policy_id, month, kind)


@router.post("/staff/{slug}/bordereaux/{policy_id}/{month}/{kind}", operation_id="send_bordereau")
async def send(slug: str, policy_id: Id, month: Month, kind: BordereauKind, look: Looking) -> Response:
    """Send the month; from then on it is frozen."""
    by = look.actor
    await policy_here(look.session, slug, policy_id)

    async def work(session: AsyncSession) -> str:
        sent = await bordereaux.send_bordereau(
            session, by=by, policy_id=policy_id, kind=kind, month=_first_of(month), now=look.now
        )
        return f"/bordereaux/{sent.id}?done=bordereau_sent"

    return await or_again(
        look, lambda: look.do(work), lambda code: _drafted(look, slug, policy_id, month, kind, code=code)
    )


async def _drafted(
    look: View, slug: str, policy_id: int, month: str, kind: BordereauKind, *, code: int = 200
) -> Response:
    policy = await policy_here(look.session, slug, policy_id)
    sent = await bordereaux.sent_of_policy(look.session, policy_id)
    return await look.show(
        "staff/bordereau.html",
        code=code,
        slug=slug,
        policy=policy,
        one=await look.here.drafts.draft_of(
            look.session, policy=policy, kind=kind, month=_first_of(month), now=look.now
        ),
        sent=[one for one in sent if one.kind is kind and one.month == month],
        told=bool(await insurer_ids_of(look.session, policy.insurer)),
        rows_shown=ROWS_SHOWN,
        states=STATES,
        change=CHANGE,
    )


async def policy_here(session: AsyncSession, slug: str, policy_id: int) -> Policy:
    """Return a policy of the area that the address names.

    Raises:
        NotFound: it is another area's.

    """
    area, policy = await area_by_slug(session, slug), await policy_by_id(session, policy_id)
    if policy.area_id != area.id:
        raise NotFound
    return policy


def _first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
