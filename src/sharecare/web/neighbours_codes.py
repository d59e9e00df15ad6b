"""Connecting: a code shown face to face, or a link sent ahead of the meeting."""

import segno
from fastapi.responses import Response
from markupsafe import Markup
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.trust import service
from sharecare.trust.queries import my_friends
from sharecare.trust.rules import FriendState
from sharecare.trust.schemas import FriendView, InvitationDraft, MeetingCodeView, MeetingDraft
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm
from sharecare.web.page import Looking, View

router = page_router()


@router.get("/neighbours/code", operation_id="show_meeting_code")
async def code_page(look: Looking) -> Response:
    """Offer to show a code, and to enter one."""
    return await look.show("code.html", shown=None, qr=None, asking=[])


@router.post("/neighbours/code", operation_id="show_meeting_code")
async def show_code(look: Looking) -> Response:
    """Show a fresh code as text and as a QR code; who enters it comes up beside it."""
    by = look.actor
    await look.session.close()  # one connection at a time, as in a command
    shown = await look.here.database.write(lambda session: service.show_meeting_code(session, by=by, now=look.now))
    return await look.show("code.html", shown=shown, qr=_qr(look, shown), asking=await _asking(look))


@router.get("/neighbours/code/live", operation_id="list_friends")
async def who_entered(look: Looking) -> Response:
    """Give the part of the page that names who entered the code."""
    return await look.fragment("code_asking.html", asking=await _asking(look))


def _qr(look: View, shown: MeetingCodeView) -> Markup:
    drawn = segno.make(f"{_public(look)}/meet?code={shown.code}", error="m", micro=False)
    told = look.t("code.qr")
    return Markup(drawn.svg_inline(omitsize=True, border=1, svgclass="qr", lineclass=None, title=told))  # noqa: S704  -- drawn by segno from our own address


async def _asking(look: View) -> list[FriendView]:
    ties = await my_friends(look.session, by=look.actor)
    return [one for one in ties if one.state is FriendState.ASKED_BY_THEM and one.met_at is not None]


@router.get("/meet", operation_id="meet")
async def meet_page(look: Looking, code: str = "") -> Response:
    """Ask for one press; a phone's camera leads here."""
    return await look.show("meet.html", code_read=code)


@router.post("/meet", operation_id="meet")
async def meet(look: Looking) -> Response:
    """Enter the code that the other person shows."""

    async def deed() -> Response:
        draft = look.form.read(MeetingDraft, code=look.form.maybe("code"))
        return await look.do(lambda session: _met(session, look, draft))

    return await or_again(look, deed, lambda code: look.show("meet.html", code=code, code_read=""))


async def _met(session: AsyncSession, look: View, draft: MeetingDraft) -> str:
    await service.meet(session, by=look.actor, code=draft.code, now=look.now)
    return "/neighbours?done=met"


@router.get("/neighbours/invite", operation_id="invite_friend")
async def invite_page(look: Looking) -> Response:
    """Explain what a link does."""
    return await look.show("invite.html", link=None)


@router.post("/neighbours/invite", operation_id="invite_friend")
async def invite(look: Looking) -> Response:
    """Show a link, this once, that invites one person."""
    by = look.actor
    await look.session.close()  # one connection at a time, as in a command
    made = await look.here.database.write(lambda session: service.invite_friend(session, by=by, now=look.now))
    return await look.show("invite.html", link=f"{_public(look)}/i/{made.secret}")


@router.get("/i/{secret}", operation_id="see_invitation")
async def invited(look: Looking, secret: str) -> Response:
    """Ask for one press; whoever isn't signed in yet learns how to come in.

    Raises:
        InvitationSpent: there is nothing to come in for.

    """
    await service.require_invitation(look.session, secret=secret, now=look.now)
    return await look.show("invited.html", secret=secret)


@router.post("/i/{secret}", operation_id="accept_friend_invitation")
async def accept(look: Looking, secret: str) -> Response:
    """Accept an invitation."""

    async def deed() -> Response:
        try:
            draft = look.form.read(InvitationDraft, secret=secret)
        except BadForm as error:  # a link cut short on its way
            raise service.InvitationSpent from error
        return await look.do(lambda session: _accepted(session, look, draft))

    return await or_again(look, deed, lambda code: look.show("invited.html", code=code, secret=secret))


async def _accepted(session: AsyncSession, look: View, draft: InvitationDraft) -> str:
    await service.accept_invitation(session, by=look.actor, secret=draft.secret, now=look.now)
    return "/neighbours?done=invitation_accepted"


def _public(look: View) -> str:
    return look.here.settings.public_url.rstrip("/")
