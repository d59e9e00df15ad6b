"""Members whose identity waits to be confirmed: a look at them is logged, as at any record."""

from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.certification.registrations import SeenLater, confirm_identity, read_registrations
from sharecare.certification.schemas import IdentitySeen, RegistrationView
from sharecare.metrics.days import day_of
from sharecare.paging import Page
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()
AT_ONCE = 20
DOCUMENTS = ("licence", "my_number_card", "passport", "residence_card")


@router.get("/staff/{slug}/registrations", operation_id="list_registrations")
async def registrations(slug: str, look: Looking) -> Response:
    """List who waits, newest first."""
    return await _listed(look, slug)


@router.post("/staff/{slug}/registrations", operation_id="list_registrations")
async def find(slug: str, look: Looking) -> Response:
    """List who waits and is called so: a name stands in no address."""
    return await _listed(look, slug)


@router.post("/staff/{slug}/registrations/{person_id}", operation_id="confirm_identity")
async def confirm(slug: str, person_id: Id, look: Looking) -> Response:
    """Confirm who somebody is, by a document seen at the counter."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        seen = form.read(IdentitySeen, evidence=form.maybe("evidence"), seen_on=form.maybe("seen_on"))
        try:
            await confirm_identity(session, by=look.actor, person_id=person_id, seen=seen, now=look.now)
        except SeenLater as refusal:
            form.problems["seen_on"] = refusal.text(look.language)
            raise BadForm from refusal
        return f"/staff/{slug}/registrations?done=identity_confirmed"

    return await or_again(look, lambda: look.do(work), lambda code: _listed(look, slug, code=code, at=person_id))


async def _listed(look: View, slug: str, *, code: int = 200, at: int = 0) -> Response:
    name, cursor = look.form.text("name"), look.form.maybe("cursor")

    async def work(session: AsyncSession) -> Page[RegistrationView]:
        return await read_registrations(
            session, by=look.actor, slug=slug, name=name, cursor=cursor, limit=AT_ONCE, now=look.now
        )

    await look.session.close()
    page = await look.here.database.write(work)
    today = day_of(look.now, ZoneInfo((await area_by_slug(look.session, slug)).timezone))
    return await look.show(
        "staff/registrations.html",
        code=code,
        slug=slug,
        page=page,
        at=at,
        name=name,
        cursor=cursor,
        today=today,
        documents=DOCUMENTS,
    )
