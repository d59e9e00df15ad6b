"""The family's children: a name and a month of birth will do, the rest helps on the day."""

from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.accounts.queries import child_of, children_of
from sharecare.accounts.rules import MAX_CHILD_YEARS, age_in_months
from sharecare.accounts.schemas import ChildDraft
from sharecare.accounts.service import add_child
from sharecare.areas.queries import zone_of_area
from sharecare.care.children import change_child, remove_child
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()


@router.get("/me/children", operation_id="list_children")
async def children_page(look: Looking) -> Response:
    """Show the children, and a form for one more."""
    return await _all(look)


@router.post("/me/children", operation_id="add_child")
async def add(look: Looking) -> Response:
    """Add a child."""

    async def deed() -> Response:
        draft = _draft(look.form)
        return await look.do(lambda session: _added(session, look, draft))

    return await or_again(look, deed, lambda code: _all(look, code=code))


async def _added(session: AsyncSession, look: View, draft: ChildDraft) -> str:
    await add_child(session, by=look.actor, draft=draft, now=look.now)
    return "/me/children?done=child_added"


@router.get("/me/children/{child_id}", operation_id="change_child")
async def child_page(look: Looking, child_id: Id) -> Response:
    """Show what is known of a child, to change it."""
    child = await child_of(look.session, look.actor.household_id, child_id)
    look.form = _known(look, child)
    return await _one(look, child)


@router.post("/me/children/{child_id}", operation_id="change_child")
async def change(look: Looking, child_id: Id) -> Response:
    """Take over what was changed."""
    child = await child_of(look.session, look.actor.household_id, child_id)

    async def deed() -> Response:
        draft = _draft(look.form)
        return await look.do(lambda session: _changed(session, look, child_id, draft))

    return await or_again(look, deed, lambda code: _one(look, child, code=code))


async def _changed(session: AsyncSession, look: View, child_id: int, draft: ChildDraft) -> str:
    await change_child(session, by=look.actor, child_id=child_id, draft=draft, now=look.now)
    return "/me/children?done=child_saved"


@router.post("/me/children/{child_id}/remove", operation_id="remove_child")
async def remove(look: Looking, child_id: Id) -> Response:
    """Take a child off the list, unless somebody expects it."""
    child = await child_of(look.session, look.actor.household_id, child_id)

    async def work(session: AsyncSession) -> str:
        await remove_child(session, by=look.actor, child_id=child_id, now=look.now)
        return "/me/children?done=child_removed"

    look.form = _known(look, child)
    return await or_again(look, lambda: look.do(work), lambda code: _one(look, child, code=code))


def _known(look: View, child: Child) -> Form:
    facts = child.model_dump(include={"name", "allergies", "notes"})
    known = Form.of(birth_year=child.birth_month.year, birth_month=child.birth_month.month, **facts)
    known.language = look.language
    return known


def _draft(form: Form) -> ChildDraft:
    year, month = form.maybe("birth_year"), form.maybe("birth_month")
    return form.read(
        ChildDraft,
        name=form.maybe("name"),
        birth_month=f"{year}-{month:0>2}-01" if year and month else None,
        allergies=form.maybe("allergies"),
        notes=form.maybe("notes"),
    )


async def _all(look: View, *, code: int = 200) -> Response:
    zone = await _zone(look)
    children = [
        (child, divmod(age_in_months(child.birth_month, look.now, zone), 12))
        for child in await children_of(look.session, look.actor.household_id)
    ]
    return await look.show("children.html", code=code, children=children, years=_years(look, zone))


async def _one(look: View, child: Child, *, code: int = 200) -> Response:
    return await look.show("child.html", code=code, child=child, years=_years(look, await _zone(look)))


async def _zone(look: View) -> ZoneInfo:
    return await zone_of_area(look.session, look.actor.area_id)


def _years(look: View, zone: ZoneInfo) -> list[int]:
    this = look.now.astimezone(zone).year
    return list(range(this, this - MAX_CHILD_YEARS - 1, -1))
