"""Ending a policy early: looked at first, with how many bookings it concerns."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.care.policy_end import count_reaching, end_policy_early
from sharecare.errors import NotFound
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.schemas import PolicyEnd, PolicyView
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form, midnight_typed
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()
LAST_DAY = "last_day"


@router.get("/staff/{slug}/policies/{policy_id}/end", operation_id="end_policy")
async def look_at_end(slug: str, policy_id: Id, look: Looking) -> Response:
    """Ask for the last day, and tell what would happen."""
    chosen = look.request.query_params.get(LAST_DAY)
    if chosen is not None:
        look.form = Form.of(last_day=chosen)
    return await _shown(look, slug, policy_id)


@router.post("/staff/{slug}/policies/{policy_id}/end", operation_id="end_policy")
async def end(slug: str, policy_id: Id, look: Looking) -> Response:
    """End it with that day."""
    by, zone = look.actor, ZoneInfo((await area_by_slug(look.session, slug)).timezone)

    async def work(session: AsyncSession) -> str:
        typed = midnight_typed(look.form.text(LAST_DAY), zone, 1)
        order = look.form.read(PolicyEnd, names={"ends_at": LAST_DAY}, ends_at=typed)
        await end_policy_early(session, by=by, policy_id=policy_id, ends_at=order.ends_at, now=look.now)
        return f"/staff/{slug}/policies?done=policy_ended"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, slug, policy_id, code=code))


async def _shown(look: View, slug: str, policy_id: int, *, code: int = 200) -> Response:
    area, policy = await area_by_slug(look.session, slug), await policy_by_id(look.session, policy_id)
    if policy.area_id != area.id:
        raise NotFound
    zone, reaching = ZoneInfo(area.timezone), None
    ends_at = midnight_typed(look.form.text(LAST_DAY), zone, 1)
    if isinstance(ends_at, datetime):
        reaching = await count_reaching(look.session, policy_id=policy_id, ends_at=ends_at)
    return await look.show(
        "staff/policy_end.html",
        code=code,
        slug=slug,
        one=PolicyView.model_validate(policy),
        ends_at=ends_at,
        reaching=reaching,
        first=f"{look.now.astimezone(zone):%Y-%m-%d}",
        last=f"{policy.valid_until.astimezone(zone) - timedelta(days=2):%Y-%m-%d}",
    )
