"""Guardians of one family: another joins by a link that one of them hands over."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardians_of
from sharecare.care.families import join_family
from sharecare.registration.service import invite_guardian
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View

router = page_router()


@router.get("/me/family", operation_id="invite_guardian")
async def family_page(look: Looking) -> Response:
    """Show who the guardians are."""
    return await _family(look)


@router.post("/me/family", operation_id="invite_guardian")
async def invite(look: Looking) -> Response:
    """Show a link, this once, with which one person may join the family."""
    by = look.actor
    await look.session.close()  # one connection at a time, as in a command
    token = await look.here.database.write(lambda session: invite_guardian(session, by=by, now=look.now))
    return await _family(look, link=f"{look.here.settings.public_url.rstrip('/')}/join-family?token={token}")


async def _family(look: View, *, link: str | None = None) -> Response:
    guardians = await guardians_of(look.session, look.actor.household_id)
    return await look.show("family.html", guardians=guardians, link=link)


@router.get("/join-family", operation_id="see_family_invitation")
async def invited(look: Looking, token: str = "") -> Response:
    """Ask for one press; whoever isn't signed in yet learns how to come in."""
    return await look.show("join_family.html", secret=token)


@router.post("/join-family", operation_id="join_family")
async def join(look: Looking) -> Response:
    """Become a guardian of the family that gave the link."""
    secret = look.form.text("secret")

    async def deed() -> Response:
        return await look.do(work)

    async def work(session: AsyncSession) -> str:
        await join_family(session, by=look.actor, token=secret, now=look.now)
        return "/me/family?done=family_joined"

    return await or_again(look, deed, lambda code: look.show("join_family.html", code=code, secret=secret))
