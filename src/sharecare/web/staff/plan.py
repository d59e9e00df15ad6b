"""All open requests at once, for the day the schools close at noon: look at the plan, then send its asks."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.areas.words import KINDS
from sharecare.care import planning
from sharecare.care.at_risk import WaitingRequest, open_requests_of
from sharecare.care.schemas import AreaPlan, PlannedAsk, PlanSent, PlanToSend
from sharecare.columns import id_in
from sharecare.errors import Refusal
from sharecare.matching.assign import assign
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm
from sharecare.web.page import Index, Looking, View

router = page_router()
SHOWN = 50  # of the open requests
Count = Annotated[int | None, Query(ge=0, le=planning.MOST_PLANNED)]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """An open request, and what a plan says of it."""

    request: WaitingRequest
    filled: bool
    asked: bool  # whoever fills it was asked before


@router.get("/staff/{slug}/plan", operation_id="see_open_requests")
async def open_requests(slug: str, look: Looking, asked: Count = None, already: Count = None) -> Response:
    """Show how many requests are open, and how many asks a plan that was just sent came to."""
    sent = None if asked is None else PlanSent(asked=asked, already_asked=already or 0)
    return await _shown(look, slug, sent=sent)


@router.post("/staff/{slug}/plan", operation_id="plan_open_requests")
async def make_plan(slug: str, look: Looking, index: Index) -> Response:
    """Show whom a plan would ask for what; nothing is sent."""
    await look.session.close()  # one connection at a time, as in a command
    async with look.here.database.read() as session:
        area = await area_by_slug(session, slug)
        gathered = await planning.gather_open_requests(session, index, area=area, now=look.now)
    # Solved in a thread, and outside any transaction: it may take a while.
    solved = await asyncio.to_thread(assign, gathered.problem, time_limit_s=planning.TIME_LIMIT_S)
    return await _shown(look, slug, plan=planning.plan_of(gathered, solved))


@router.post("/staff/{slug}/plan/send", operation_id="send_plan")
async def send_plan(slug: str, look: Looking, index: Index) -> Response:
    """Send the asks of a plan; nobody is booked without accepting."""
    by = look.actor

    async def work(session: AsyncSession) -> str:
        area = await area_by_slug(session, slug)
        sent = await planning.send_plan(session, index, by=by, area=area, asks=_asks(look), now=look.now)
        return f"/staff/{slug}/plan?asked={sent.asked}&already={sent.already_asked}"

    try:
        return await look.do(work)
    except Refusal as refusal:
        look.form.refused(refusal)
        return await _shown(look, slug, code=refusal.status)


def _asks(look: View) -> list[PlannedAsk]:
    """Read the asks that stand in the form, as `request:supporter`."""
    pairs = [text.partition(":") for text in look.form.all("ask")]
    asks = [{"request_id": id_in(request), "supporter_id": id_in(supporter)} for request, _, supporter in pairs]
    if not all(number for ask in asks for number in ask.values()):
        raise BadForm
    return look.form.read(PlanToSend, asks=asks).asks


async def _shown(
    look: View, slug: str, *, plan: AreaPlan | None = None, sent: PlanSent | None = None, code: int = 200
) -> Response:
    area = await area_by_slug(look.session, slug)
    waiting = await open_requests_of(look.session, area_id=area.id, now=look.now)
    filled = {ask.request_id for ask in plan.asks} if plan else set()
    asked = set(plan.already_asked) if plan else set()
    planned = filled.union(plan.unfilled) if plan else {one.request_id for one in waiting}
    lines = [
        PlanLine(one, one.request_id in filled, one.request_id in asked) for one in waiting if one.request_id in planned
    ]
    shown = {"plan": plan, "sent": sent, "lines": lines, "shown": SHOWN, "kinds": KINDS}
    return await look.show("staff/plan.html", code=code, slug=slug, **shown)
