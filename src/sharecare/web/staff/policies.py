"""The area's insurance policies, and what a month's insurer is told."""

import re
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.areas.rules import CareKind, Level, Means
from sharecare.areas.words import KINDS, LEVELS, MEANS
from sharecare.drafts import MONTH
from sharecare.insurance.bordereau import as_csv, bordereau
from sharecare.insurance.queries import policies_of
from sharecare.insurance.rules import Terms
from sharecare.insurance.schemas import PolicyDraft, PolicyView
from sharecare.insurance.service import make_policy
from sharecare.metrics.days import day_of, month_days
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form, midnight_typed
from sharecare.web.page import Looking, View
from sharecare.web.staff.choosing import months_to_choose

router = page_router()
LIMITS = ("min_child_months", "max_child_months", "max_children", "grace_minutes", "max_temperature_c")
USUAL = {
    "min_child_months": 12,
    "max_child_months": 155,
    "max_children": 3,
    "grace_minutes": 30,
    "max_temperature_c": 37.5,
    "hours_from": "06:00",
    "hours_until": "20:00",
    "liability_yen": 50_000_000,
    "property_yen": 50_000_000,
}


@router.get("/staff/{slug}/policies", operation_id="list_policies")
async def policies(slug: str, look: Looking) -> Response:
    """Show the policies, and the form for the next."""
    return await _shown(look, slug)


@router.post("/staff/{slug}/policies", operation_id="make_policy")
async def register(slug: str, look: Looking) -> Response:
    """Register a policy; one that begins later replaces it from then on."""
    by, area = look.actor, await area_by_slug(look.session, slug)

    async def work(session: AsyncSession) -> str:
        draft = _typed(look.form, ZoneInfo(area.timezone))
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


def _typed(form: Form, zone: ZoneInfo) -> PolicyDraft:
    """Read a policy from the form; its days are whole days of the area.

    Raises:
        BadForm: something can't be read.

    """
    levels = {kind: form.maybe(f"kind_{kind}") for kind in CareKind}
    terms = form.read(
        Terms,
        names={"": "terms"},
        kinds={kind: int(level) if level in map(str, Level) else level for kind, level in levels.items() if level},
        means=form.all("means"),
        timezone=zone.key,
        hours_from=form.maybe("hours_from"),
        hours_until=form.maybe("hours_until"),
        **{name: form.maybe(name) for name in LIMITS},
    )
    first, last = midnight_typed(form.text("valid_from"), zone), midnight_typed(form.text("valid_until"), zone, 1)
    texts = {name: form.maybe(name) for name in ("insurer", "number", "liability_yen", "property_yen")}
    return form.read(PolicyDraft, names={"": "valid_until"}, valid_from=first, valid_until=last, terms=terms, **texts)


async def _shown(look: View, slug: str, *, code: int = 200) -> Response:
    area = await area_by_slug(look.session, slug)
    known = [PolicyView.model_validate(policy) for policy in await policies_of(look.session, area_id=area.id)]
    if not look.form.values:
        usual: dict[str, Any] = USUAL | {f"kind_{kind}": Level.REGISTERED.value for kind in CareKind}
        look.form = Form.of(**usual, means=[Means.FOOT.value])
    zone = ZoneInfo(area.timezone)
    return await look.show(
        "staff/policies.html",
        code=code,
        slug=slug,
        policies=known,
        kinds=KINDS,
        levels=LEVELS,
        means=MEANS,
        limits=LIMITS,
        months=[f"{month:%Y-%m}" for month in months_to_choose(day_of(look.now, zone))],
    )
