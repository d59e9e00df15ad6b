"""The care desk: alarms that climb, handovers whose digits are locked, uncovered time; whom to call, and what to do."""

from datetime import timedelta
from functools import partial

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import Reason
from sharecare.areas.queries import area_by_slug
from sharecare.care.answering import answer_alarm
from sharecare.care.day_rules import QUIET
from sharecare.care.day_schemas import People
from sharecare.care.gaps import explain_gap
from sharecare.care.record import desk
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View
from sharecare.web.staff.calling import let_pass, show_people

router = page_router()
AT_ONCE = 5  # of each list: every item has its forms


@router.get("/staff/{slug}/desk", operation_id="read_desk")
async def show_desk(slug: str, look: Looking) -> Response:
    """Show what must be looked into now; nobody is named here."""
    return await _shown(look, slug)


@router.post("/staff/{slug}/desk/{booking_id}/people", operation_id="read_people_to_call")
async def people(slug: str, booking_id: int, look: Looking) -> Response:
    """Show whom to call about a care, and log the look with its reason."""
    return await show_people(look, booking_id, partial(_shown, look, slug))


@router.post("/staff/{slug}/desk/{booking_id}/answer", operation_id="answer_alarm")
async def answer(slug: str, booking_id: int, look: Looking) -> Response:
    """Say that one is looking into an alarm."""

    async def work(session: AsyncSession) -> str:
        await answer_alarm(session, by=look.actor, booking_id=booking_id, now=look.now)
        return f"/staff/{slug}/desk?done=answered"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, slug, code=code))


@router.post("/staff/{slug}/desk/{booking_id}/pass", operation_id="pass_handover")
async def pass_end(slug: str, booking_id: int, look: Looking) -> Response:
    """Let one end pass without digits, and say how one made sure."""
    return await let_pass(look, booking_id, f"/staff/{slug}/desk", partial(_shown, look, slug))


@router.post("/staff/{slug}/desk/{booking_id}/gap", operation_id="explain_gap")
async def explain(slug: str, booking_id: int, look: Looking) -> Response:
    """Say how uncovered time came about."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        told = form.read(Reason, names={"reason": "explanation"}, reason=form.maybe("explanation")).reason
        await explain_gap(session, by=look.actor, booking_id=booking_id, explanation=told, now=look.now)
        return f"/staff/{slug}/desk?done=gap_explained"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, slug, code=code))


async def _shown(look: View, slug: str, *, code: int = 200, people: People | None = None, reason: str = "") -> Response:
    """Show the desk; of what was typed, what stands in the item that the form belonged to."""
    area = await area_by_slug(look.session, slug)
    return await look.show(
        "staff/desk.html",
        code=code,
        slug=slug,
        desk=await desk(look.session, area_id=area.id, limit=AT_ONCE + 1),
        at_once=AT_ONCE,
        at=look.form.text("item"),
        people=people,
        reason=reason,
        quiet_minutes=QUIET // timedelta(minutes=1),
    )
