"""Who sits at the browser: the cookie of a sign-in, and proof that a form is one of ours.

A `__Host-` cookie wants HTTPS; on plain HTTP (a machine talking to itself) an unprefixed one takes its place.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from sharecare.accounts.queries import actor_by_secret
from sharecare.accounts.rules import Actor
from sharecare.accounts.sign_ins import note_sign_in_used
from sharecare.accounts.tokens import NotSignedIn
from sharecare.columns import id_in
from sharecare.deps import Reader, Runtime, check, present, runtime_of
from sharecare.errors import NotFound, Refusal
from sharecare.policy import PAGES, POLICY

SIGN_IN = "sharecare"
VISIT = "visit"  # stands for a browser that nobody has signed in at
LANGUAGE = "language"
NOTED_EVERY = timedelta(days=1)
_SAME_SITE = frozenset({"same-origin", "none"})  # `none`: typed, or from a bookmark


class NotOurForm(Refusal):
    """A form came from elsewhere, or from before a sign-in."""

    status = 403
    ja = "この画面は古くなっています。読み込み直して、もう一度送信してください。"
    en = "This page has grown old. Reload it and send it again."


@dataclass(frozen=True, slots=True)
class Browser:
    """What a request's cookies say."""

    secret: str | None
    visit: str | None
    actor: Actor | None


def cookie_name(here: Runtime, name: str) -> str:
    """Return the name under which a cookie is kept."""
    return f"__Host-{name}" if is_secure(here) else name


def is_secure(here: Runtime) -> bool:
    """Say whether browsers reach this server by HTTPS."""
    return here.settings.environment == "production" or here.settings.public_url.startswith("https:")


def keep(response: Response, here: Runtime, name: str, value: str, *, days: int | None = None) -> None:
    """Set a cookie that no script reads; without `days` it goes when the browser closes."""
    response.set_cookie(
        cookie_name(here, name),
        value,
        max_age=days * 86_400 if days else None,
        path="/",
        secure=is_secure(here),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, here: Runtime, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(cookie_name(here, name), path="/", secure=is_secure(here), httponly=True, samesite="lax")


async def at_browser(request: Request, session: Reader) -> Browser:
    """Return who sits there, if anyone who is signed in."""
    here, now = await runtime_of(request), await present(request)
    secret = request.cookies.get(cookie_name(here, SIGN_IN))
    visit = request.cookies.get(cookie_name(here, VISIT))
    if secret is None:
        return Browser(None, visit, None)
    try:
        actor, noted_at = await actor_by_secret(session, secret, now=now)
    except NotSignedIn:
        return Browser(None, visit, None)
    if now - noted_at > NOTED_EVERY:
        await session.close()  # one connection at a time, as in a command
        days = here.settings.session_days
        await here.database.write(lambda writer: note_sign_in_used(writer, by=actor, now=now, days=days))
    return Browser(secret, visit, actor)


AtBrowser = Annotated[Browser, Depends(at_browser)]


async def admit(request: Request, session: Reader, browser: AtBrowser) -> None:
    """Let a page through by the same table as the API, and a form only if it is one of ours.

    Raises:
        NotOurForm: the form was not made here for this browser.
        NotSignedIn: the page needs a sign-in.
        NotForYourRole: the person lacks the role.
        NotFound: the person is nothing to the object, or there is no such object.

    """
    if not all(id_in(text) for name, text in request.path_params.items() if name.endswith("_id")):
        raise NotFound
    action = request.scope["route"].operation_id
    rule = PAGES.get(action) or POLICY[action]
    here = await runtime_of(request)
    # First: a form that comes without a sign-in is kept for after it, and one from elsewhere must not be.
    if request.method == "POST" and not _is_from_here(request, here):
        raise NotOurForm
    if rule.roles and browser.actor is None:
        raise NotSignedIn
    if request.method == "POST":
        await _require_our_token(request, here, browser)
    if rule.roles and browser.actor is not None:
        await check(session, rule, browser.actor, request.path_params)


def page_router() -> APIRouter:
    """Return a router whose pages are held to the policy table."""
    return APIRouter(include_in_schema=False, dependencies=[Depends(admit)])


def form_token(here: Runtime, browser: Browser) -> str:
    """Return what a form of ours carries: bound to the sign-in, or else to the visit."""
    return seal(here, "form", f"{browser.secret or browser.visit}")


def seal(here: Runtime, purpose: str, text: str) -> str:
    """Return what only this server can say of a text, for one purpose."""
    return hmac.new(here.settings.signing_key, f"{purpose} {text}".encode(), hashlib.sha256).hexdigest()


def is_sealed(here: Runtime, purpose: str, text: str, mark: str) -> bool:
    """Say whether a mark is the seal of a text."""
    return hmac.compare_digest(mark.encode(), seal(here, purpose, text).encode())


def new_visit() -> str:
    """Return a fresh name for a browser."""
    return secrets.token_urlsafe(18)


def _is_from_here(request: Request, here: Runtime) -> bool:
    # `Referrer-Policy: no-referrer` makes browsers send `Origin: null` with a form: what they say of the site counts.
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = f"{request.url.scheme}://{request.url.netloc}"
    return site in _SAME_SITE if site else origin in {None, own, here.settings.public_url.rstrip("/")}


async def _require_our_token(request: Request, here: Runtime, browser: Browser) -> None:
    sent = (await request.form()).get("token")
    bound = browser.secret or browser.visit
    if bound is None or not isinstance(sent, str) or not is_sealed(here, "form", bound, sent):
        raise NotOurForm
