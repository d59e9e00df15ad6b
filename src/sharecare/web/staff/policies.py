"""The area's insurance policies, and what a month's insurer is told."""

import re
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.drafts import MONTH
from sharecare.insurance.bordereau import as_csv, bordereau
from sharecare.insurance.queries import policies_of, policy_standing
from sharecare.insurance.service import make_policy
from sharecare.metrics.days import day_of, month_days
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.insured import POLICY_WORDS
from sharecare.web.page import Looking, View
from sharecare.web.staff.choosing import months_to_choose
from sharecare.web.staff.policy_form import (
    AGES,
    AGGREGATE_LIMITS,
    HOURS,
    OF_SCHEDULE,
    PERIL_LIMITS,
    TARIFF,
    as_present,
    as_usual,
    draft_typed,
)

router = page_router()


@router.get("/staff/{slug}/policies", operation_id="list_policies")
async def policies(slug: str, look: Looking) -> Response:
    """Show the policies, and the form for the next."""
    return await _shown(look, slug)


@router.post("/staff/{slug}/policies", operation_id="make_policy")
async def register(slug: str, look: Looking) -> Response:
    """Register a policy; one that begins later replaces it from then on."""
    by, area = look.actor, await area_by_slug(look.session, slug)

    async def work(session: AsyncSession) -> str:
        draft = draft_typed(look.form, ZoneInfo(area.timezone))
        await make_policy(session, by_person_id=by.person_id, area_id=area.id, draft=draft, now=look.now)
        return f"/staff/{slug}/policies?done=policy_made"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, slug, code=code))


@router.get("/staff/{slug}/bordereau.csv", operation_id="read_bordereau")
async def save_bordereau(slug: str, look: Looking) -> Response:
    """Give a month's covers to a spreadsheet."""
    area = await area_by_slug(look.session, slug)
    zone = ZoneInfo(area.timezone)
    asked = look.request.query_params.get("month", "")
    is_month = re.fullmatch(MONTH, asked) is not None
    month = month_days(asked)[0] if is_month else months_to_choose(day_of(look.now, zone))[0]
    report = await bordereau(look.session, area_id=area.id, month=month, zone=zone)
    name = f"bordereau-{slug}-{month:%Y-%m}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(as_csv(report).encode("utf-8-sig"), media_type="text/csv", headers=headers)


async def _shown(look: View, slug: str, *, code: int = 200) -> Response:
    area = await area_by_slug(look.session, slug)
    zone = ZoneInfo(area.timezone)
    known = [await policy_standing(look.session, one) for one in await policies_of(look.session, area_id=area.id)]
    if not look.form.values:
        look.form = as_present(known[0]) if known else as_usual(zone)
    return await look.show(
        "staff/policies.html",
        code=code,
        slug=slug,
        policies=known,
        zone=zone.key,
        peril_limits=PERIL_LIMITS,
        optional_limits=OF_SCHEDULE,
        ages=AGES,
        hours=HOURS,
        tariff=TARIFF,
        aggregate_limits=AGGREGATE_LIMITS,
        **POLICY_WORDS,
        months=[f"{month:%Y-%m}" for month in months_to_choose(day_of(look.now, zone))],
    )
