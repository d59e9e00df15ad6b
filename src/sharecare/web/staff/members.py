"""The area's accounts: the reason is asked first, and shown to those listed."""

from typing import Any

from fastapi.responses import Response
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import PersonState
from sharecare.accounts.schemas import MemberView, Reason
from sharecare.accounts.service import read_members
from sharecare.areas.queries import area_by_slug
from sharecare.care.standing import suspend_person
from sharecare.drafts import Draft
from sharecare.mynumber import PlainText
from sharecare.paging import Page
from sharecare.registration.service import restore
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm, Form
from sharecare.web.page import Looking, View

router = page_router()
AT_ONCE = 50


class LookReason(Draft):
    """Why staff look at people's records, and at whose."""

    reason: PlainText = Field(min_length=4, max_length=200)
    state: PersonState | None = None
    name: str = Field(default="", max_length=80)
    cursor: str | None = None


@router.get("/staff/{slug}/members", operation_id="list_members")
async def ask_why(slug: str, look: Looking) -> Response:
    """Ask for the reason first."""
    state = look.request.query_params.get("state")
    return await look.show("staff/why.html", slug=slug, state=state if state in set(PersonState) else None)


@router.post("/staff/{slug}/members", operation_id="list_members")
async def members(slug: str, look: Looking) -> Response:
    """Show a page of accounts, and log one look at each."""
    form = look.form
    try:
        asked = form.read(
            LookReason,
            reason=form.maybe("reason"),
            state=form.maybe("state"),
            name=form.maybe("name"),
            cursor=form.maybe("cursor"),
        )
    except BadForm:
        return await look.show("staff/why.html", code=422, slug=slug, state=None)
    return await _listed(look, slug, asked)


async def _listed(look: View, slug: str, asked: LookReason, *, code: int = 200, at: int = 0) -> Response:
    by = look.actor

    async def work(session: AsyncSession) -> Page[MemberView]:
        area = await area_by_slug(session, slug)
        return await read_members(
            session,
            by=by,
            area_id=area.id,
            reason=asked.reason,
            state=asked.state,
            name=asked.name,
            cursor=asked.cursor,
            limit=AT_ONCE,
            now=look.now,
        )

    await look.session.close()
    page = await look.here.database.write(work)
    return await look.show("staff/members.html", code=code, slug=slug, asked=asked, page=page, at=at)


@router.post("/staff/{slug}/members/{person_id}/suspend", operation_id="suspend_person")
async def stop(slug: str, person_id: int, look: Looking) -> Response:
    """Suspend an account, with a reason that its owner is told."""

    async def work(session: AsyncSession) -> str:
        reason = look.form.read(Reason, reason=look.form.maybe("reason")).reason
        await suspend_person(session, person_id=person_id, by=look.actor, reason=reason, now=look.now)
        return f"/staff/{slug}/members?done=member_suspended"

    return await or_again(look, lambda: look.do(work), lambda code: _listed_again(look, slug, person_id, code))


async def _listed_again(look: View, slug: str, person_id: int, code: int) -> Response:
    """Show the list that the form stood in, which is one more look at it for the same reason."""
    was: dict[str, Any] = {name: look.form.maybe(f"look_{name}") for name in LookReason.model_fields}
    try:
        asked = Form(language=look.language).read(LookReason, **was)
    except BadForm:
        return await look.show("staff/why.html", code=code, slug=slug, state=None)
    return await _listed(look, slug, asked, code=code, at=person_id)


@router.post("/staff/{slug}/members/{person_id}/restore", operation_id="restore_person")
async def let_back(slug: str, person_id: int, look: Looking) -> Response:
    """Let a suspended account back in."""

    async def work(session: AsyncSession) -> str:
        await restore(session, person_id=person_id, by=look.actor, now=look.now)
        return f"/staff/{slug}/members?done=member_restored"

    return await look.do(work)
