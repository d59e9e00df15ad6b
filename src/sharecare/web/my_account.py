"""One's own account: where everything about oneself is found, and what one says about oneself."""

from typing import Any

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import children_of, my_account, my_sign_ins, person_by_id
from sharecare.accounts.schemas import ProfileChange
from sharecare.accounts.service import change_profile
from sharecare.areas.queries import town_block
from sharecare.areas.rules import Level
from sharecare.care.contacts import contacts_of
from sharecare.certification.queries import level_of
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form
from sharecare.web.page import Looking, View

router = page_router()


@router.get("/me", operation_id="read_my_account")
async def me(look: Looking) -> Response:
    """Show where everything is, and how it stands."""
    by, session = look.actor, look.session
    account = await my_account(session, by=by)
    home = account.home
    block = await town_block(session, home.town_block_id) if home and home.town_block_id else None
    children = await children_of(session, by.household_id)
    contacts = await contacts_of(session, by.household_id)
    devices = await my_sign_ins(session, by=by, now=look.now)
    facts: dict[str, Any] = {
        "account": account,
        "block": block,
        "children": children,
        "contacts": contacts,
        "devices": devices,
    }
    return await look.show("me.html", **facts)


@router.get("/me/profile", operation_id="change_my_account")
async def profile_page(look: Looking) -> Response:
    """Show what one says about oneself, to change it."""
    person = await person_by_id(look.session, look.actor.person_id)
    roles = {role: "1" for role in ("is_requester", "is_supporter") if getattr(person, role)}
    look.form = Form.of(name=person.name, phone=person.phone, birth_date=person.birth_date, **roles)
    return await _profile(look)


@router.post("/me/profile", operation_id="change_my_account")
async def change(look: Looking) -> Response:
    """Take over what was changed."""
    form = look.form

    async def deed() -> Response:
        said = form.read(
            ProfileChange,
            name=form.text("name") if "name" in form.values else None,
            phone=form.plain("phone"),
            birth_date=form.maybe("birth_date"),
            is_requester=form.ticked("is_requester"),
            is_supporter=form.ticked("is_supporter"),
        )
        said = said.model_copy(update={"phone": said.phone})  # left empty, it is taken back
        return await look.do(lambda session: _changed(session, look, said))

    return await or_again(look, deed, lambda code: _profile(look, code=code))


async def _changed(session: AsyncSession, look: View, said: ProfileChange) -> str:
    identified = await level_of(session, person_id=look.actor.person_id, now=look.now) >= Level.IDENTIFIED
    await change_profile(session, by=look.actor, change=said, identified=identified, now=look.now)
    return "/me?done=profile_saved"


async def _profile(look: View, *, code: int = 200) -> Response:
    level = await level_of(look.session, person_id=look.actor.person_id, now=look.now)
    person = await person_by_id(look.session, look.actor.person_id)
    fixed = level >= Level.IDENTIFIED
    return await look.show("profile.html", code=code, person=person, fixed=fixed, level=level)
