"""Coming in: signing up, confirming, signing in and out, a forgotten password."""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

from fastapi import BackgroundTasks
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.passwords import hash_password
from sharecare.accounts.schemas import Credentials, EmailOnly, NewPassword, SignUp
from sharecare.accounts.sign_ins import revoke_sign_in, start_sign_in
from sharecare.areas.queries import all_areas
from sharecare.care.passwords import reset_password
from sharecare.errors import Refusal
from sharecare.mark import is_demo
from sharecare.messages.queries import last_link
from sharecare.registration import service as registration
from sharecare.sign_in import person_who_knows, write_after_answer
from sharecare.tries import limit_network, limit_tries
from sharecare.web.browser import SIGN_IN, VISIT, forget, form_token, keep, page_router
from sharecare.web.devices import device_named
from sharecare.web.forms import BadForm, Form
from sharecare.web.page import Looking, View, go, local_path
from sharecare.web.resuming import Held, reopened

router = page_router()
INVITATION = re.compile(r"/i/[\w-]{1,100}|/join-family\?token=[\w-]{1,100}", re.ASCII)


@router.get("/sign-in", operation_id="sign_in")
async def sign_in_page(look: Looking, next: str = "") -> Response:  # noqa: A002  -- its name in the address
    """Ask for address and password."""
    if look.browser.actor is not None:
        return go(local_path(next))
    return await look.show("sign_in.html", next=next, kept="")


@router.post("/sign-in", operation_id="sign_in")
async def sign_in(look: Looking) -> Response:
    """Sign this browser in, and go on with what was being done."""
    form = look.form
    try:
        credentials = form.read(Credentials, email=form.maybe("email"), password=form.maybe("password"))
        person = await person_who_knows(look.here, look.session, look.request, credentials)
    except BadForm:
        return await _sign_in_again(look, form)
    except Refusal as refusal:
        return await _sign_in_again(look, form.refused(refusal), code=refusal.status)
    await look.session.close()
    secret = await _started(look, person.id, person.password_hash)
    response = await _onwards(look, secret)
    keep(response, look.here, SIGN_IN, secret, days=look.here.settings.session_days)
    forget(response, look.here, VISIT)
    return response


async def _started(look: View, person_id: int, password_hash: str | None) -> str:
    device = device_named(look.request.headers.get("user-agent", ""), look.language)
    _, secret = await look.here.database.write(
        lambda session: start_sign_in(
            session,
            person_id=person_id,
            device=device,
            now=look.now,
            days=look.here.settings.session_days,
            password_hash=password_hash,
            instead_of=look.browser.actor,
        )
    )
    return secret


async def _sign_in_again(look: View, form: Form, *, code: int = 422) -> Response:
    kept = form.text("kept") if _held(look) else ""
    return await look.show("sign_in.html", code=code, next=form.text("next"), kept=kept)


def _held(look: View) -> Held | None:
    return reopened(look.here, look.browser.visit, look.form.text("kept"))


async def _onwards(look: View, secret: str) -> Response:
    held = _held(look)
    if held is None:
        return go(local_path(look.form.text("next")))
    look.browser = type(look.browser)(secret, None, None)
    return await look.show("resume.html", held=held, token=form_token(look.here, look.browser))


@router.post("/sign-out", operation_id="sign_out")
async def sign_out(look: Looking) -> Response:
    """Sign this browser out."""
    actor = look.actor

    async def work(session: AsyncSession) -> str:
        await revoke_sign_in(session, by=actor, sign_in_id=actor.sign_in_id, now=look.now)
        return "/?done=signed_out"

    response = await look.do(work)
    forget(response, look.here, SIGN_IN)
    return response


@router.get("/sign-up", operation_id="sign_up")
async def sign_up_page(look: Looking, next: str = "") -> Response:  # noqa: A002  -- its name in the address
    """Ask for what an account needs, and no more; an invitation is kept on the way."""
    return await look.show("sign_up.html", areas=await all_areas(look.session), next=_invitation(next))


@router.post("/sign-up", operation_id="sign_up")
async def sign_up(look: Looking, later: BackgroundTasks) -> Response:
    """Open an account; the answer is the same whether or not there was one."""
    form = look.form
    areas = await all_areas(look.session)
    try:
        draft = _sign_up_draft(form, look.language, areas[0].slug if len(areas) == 1 else None)
        await limit_tries(look.here, look.request, draft.email)
        await registration.require_sign_up(look.session, draft=draft, now=look.now)
        password_hash = await hash_password(draft.password)
    except BadForm:
        return await look.show("sign_up.html", code=422, areas=areas, next=_invitation(form.text("next")))
    except Refusal as refusal:
        form.refused(refusal)
        facts = {"areas": await _areas_again(look), "next": _invitation(form.text("next"))}
        return await look.show("sign_up.html", code=refusal.status, **facts)
    invitation = _invitation(form.text("next"))
    work = partial(
        registration.sign_up, draft=draft, password_hash=password_hash, now=look.now, towards=invitation or None
    )
    if look.here.shows_demo and not look.here.channels and await is_demo(look.session):
        return await look.do(lambda session: _signed_up_in_demo(session, draft, work))
    # Done after the answer: what it takes must not tell whether there is an account.
    later.add_task(write_after_answer, look.here, "sign_up", work)
    response = go(f"/sign-up/sent{_onto(invitation, '?')}")
    response.background = later
    return response


async def _areas_again(look: View) -> object:
    async with look.here.database.read() as session:
        return await all_areas(session)


def _sign_up_draft(form: Form, language: str, only_area: str | None) -> SignUp:
    names = {"": "is_requester"}
    return form.read(
        SignUp,
        names=names,
        email=form.maybe("email"),
        password=form.maybe("password"),
        name=form.maybe("name"),
        area=form.maybe("area") or only_area,
        is_requester=form.ticked("is_requester"),
        is_supporter=form.ticked("is_supporter"),
        birth_date=form.maybe("birth_date"),
        language=language,
    )


async def _signed_up_in_demo(
    session: AsyncSession, draft: SignUp, work: Callable[[AsyncSession], Awaitable[None]]
) -> str:
    """Sign up where no mail is sent, and go on from where its link would lead."""
    await work(session)
    link = await last_link(session, email=draft.email)
    return f"{link}&done=demo_mail" if link else "/sign-up/sent"


@router.get("/sign-up/sent", operation_id="sign_up")
async def sign_up_sent(look: Looking, next: str = "") -> Response:  # noqa: A002  -- its name in the address
    """Say that a letter is on its way."""
    return await look.show("sent.html", what="sign_up", next=_invitation(next))


@router.get("/confirm", operation_id="confirm_address")
async def confirm_page(look: Looking, token: str = "", next: str = "") -> Response:  # noqa: A002  -- likewise
    """Ask for one press: mail programs open links by themselves, and must not confirm for anyone."""
    return await look.show("confirm.html", secret=token, next=_invitation(next))


@router.post("/confirm", operation_id="confirm_address")
async def confirm(look: Looking) -> Response:
    """Open the account to its owner."""
    await limit_network(look.here, look.request)
    secret = look.form.text("secret")

    async def work(session: AsyncSession) -> str:
        await registration.confirm_address(session, token=secret, now=look.now)
        return f"/sign-in?done=confirmed{_onto(_invitation(look.form.text('next')), '&')}"

    return await look.do(work)


def _invitation(text: str) -> str:
    """Return the address of an invitation, empty for anything else: a mail leads a newcomer nowhere but there."""
    return text if INVITATION.fullmatch(text) else ""


def _onto(invitation: str, joint: str) -> str:
    return f"{joint}next={quote(invitation, safe='')}" if invitation else ""


@router.get("/forgot", operation_id="ask_for_reset")
async def forgot_page(look: Looking) -> Response:
    """Ask for the address."""
    return await look.show("forgot.html")


@router.post("/forgot", operation_id="ask_for_reset")
async def forgot(look: Looking, later: BackgroundTasks) -> Response:
    """Send a way back in, if the address has an account; the answer is always the same."""
    try:
        address = look.form.read(EmailOnly, email=look.form.maybe("email"))
    except BadForm:
        return await look.show("forgot.html", code=422)
    await limit_tries(look.here, look.request, address.email)
    # Done after the answer: what it takes must not tell whether there is an account.
    asked = partial(registration.ask_for_reset, email=address.email, now=look.now)
    later.add_task(write_after_answer, look.here, "ask_for_reset", asked)
    response = await look.show("sent.html", what="reset", next="")
    response.background = later
    return response


@router.get("/reset", operation_id="reset_password")
async def reset_page(look: Looking, token: str = "") -> Response:
    """Ask for the new password."""
    return await look.show("reset.html", secret=token)


@router.post("/reset", operation_id="reset_password")
async def reset(look: Looking) -> Response:
    """Set the new password; every sign-in ends."""
    form = look.form
    await limit_network(look.here, look.request)
    try:
        new = form.read(NewPassword, token=form.maybe("secret"), password=form.maybe("password"))
    except BadForm:
        return await look.show("reset.html", code=422, secret=form.text("secret"))
    await registration.require_reset_token(look.session, token=new.token, now=look.now)
    password_hash = await hash_password(new.password)

    async def work(session: AsyncSession) -> str:
        await reset_password(session, token=new.token, password_hash=password_hash, now=look.now)
        return "/sign-in?done=password_set"

    return await look.do(work)
