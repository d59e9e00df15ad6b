"""Ending a policy early: looked at first, with how many bookings it concerns."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.care.policy_end import end_policy_early, reach_of
from sharecare.drafts import is_of_our_time
from sharecare.insurance.schemas import PolicyEnd, PolicyView
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form, midnight_typed
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id
from sharecare.web.staff.insurance import policy_here

router = page_router()
LAST_DAY = "last_day"
DAY = timedelta(days=1)


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
    await policy_here(look.session, slug, policy_id)

    async def work(session: AsyncSession) -> str:
        typed = midnight_typed(look.form.text(LAST_DAY), zone, 1)
        order = look.form.read(PolicyEnd, names={"ends_at": LAST_DAY}, ends_at=typed)
        await end_policy_early(session, by=by, policy_id=policy_id, ends_at=order.ends_at, now=look.now)
        return f"/staff/{slug}/policies?done=policy_ended"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, slug, policy_id, code=code))


async def _shown(look: View, slug: str, policy_id: int, *, code: int = 200) -> Response:
    area, policy = await area_by_slug(look.session, slug), await policy_here(look.session, slug, policy_id)
    zone, reach = ZoneInfo(area.timezone), None
    ends_at = midnight_typed(look.form.text(LAST_DAY), zone, 1)
    if isinstance(ends_at, datetime) and is_of_our_time(ends_at):
        reach = await reach_of(look.session, policy_id=policy_id, ends_at=ends_at, now=look.now)
    return await look.show(
        "staff/policy_end.html",
        code=code,
        slug=slug,
        one=PolicyView.model_validate(policy),
        ends_at=ends_at,
        reach=reach,
        first=f"{max(look.now, policy.valid_from - DAY).astimezone(zone):%Y-%m-%d}",
        last=f"{policy.valid_until.astimezone(zone) - 2 * DAY:%Y-%m-%d}",
    )
