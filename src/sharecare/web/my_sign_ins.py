"""Where one is signed in, and the password."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.passwords import hash_password, password_fits
from sharecare.accounts.queries import my_sign_ins, person_by_id
from sharecare.accounts.schemas import PasswordChange
from sharecare.accounts.sign_ins import revoke_sign_in
from sharecare.care.passwords import change_password
from sharecare.tries import limit_tries
from sharecare.web.again import or_again
from sharecare.web.browser import SIGN_IN, forget, page_router
from sharecare.web.forms import BadForm
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()


@router.get("/me/devices", operation_id="list_sign_ins")
async def devices(look: Looking) -> Response:
    """Show every device on which one is signed in."""
    sign_ins = await my_sign_ins(look.session, by=look.actor, now=look.now)
    return await look.show("devices.html", sign_ins=sign_ins)


@router.post("/me/devices/{sign_in_id}/end", operation_id="revoke_sign_in")
async def end(look: Looking, sign_in_id: Id) -> Response:
    """Sign one device out."""

    async def work(session: AsyncSession) -> str:
        await revoke_sign_in(session, by=look.actor, sign_in_id=sign_in_id, now=look.now)
        return "/me/devices?done=device_ended"

    return await look.do(work)


@router.get("/me/password", operation_id="change_password")
async def password_page(look: Looking) -> Response:
    """Ask for the present password and a new one."""
    return await _asked(look)


@router.post("/me/password", operation_id="change_password")
async def password(look: Looking) -> Response:
    """Set a new password; every sign-in ends, this one too."""
    response = await or_again(look, lambda: _set(look), lambda code: _asked(look, code=code))
    if "location" in response.headers:
        forget(response, look.here, SIGN_IN)
    return response


async def _asked(look: View, *, code: int = 200) -> Response:
    person = await person_by_id(look.session, look.actor.person_id)
    return await look.show("password.html", code=code, email=person.email)


async def _set(look: View) -> Response:
    form, by = look.form, look.actor
    change = form.read(PasswordChange, current=form.maybe("current"), password=form.maybe("password"))
    person = await person_by_id(look.session, by.person_id)
    await limit_tries(look.here, look.request, person.email)
    if not await password_fits(change.current, person.password_hash):
        form.problems["current"] = look.t("password.wrong")
        raise BadForm
    password_hash = await hash_password(change.password)

    async def work(session: AsyncSession) -> str:
        await change_password(session, by=by, password_hash=password_hash, now=look.now)
        return "/sign-in?done=password_set"

    return await look.do(work)
