"""One page on its way: who looks, in which language, and how it is drawn."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.accounts.tokens import NotSignedIn
from sharecare.config import Settings
from sharecare.deps import Command, Reader, Runtime, language_of, present, runtime_of
from sharecare.matching.feed import LiveIndex
from sharecare.messages.words import Tongue
from sharecare.tries import retry_after
from sharecare.web.browser import LANGUAGE, VISIT, AtBrowser, Browser, form_token, keep, new_visit, seal
from sharecare.web.catalogue import catalogue, said
from sharecare.web.forms import Form
from sharecare.web.shell import Shell, shell_of

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
LANGUAGES = frozenset({"ja", "en"})
# Where nobody has said where they are: the country the product is made for.
NOWHERE = ZoneInfo("Asia/Tokyo")
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def tag_of(drawn: str) -> str:
    """Return the entity tag of a part of a page (RFC 9110, 8.8.3)."""
    return f'"{hashlib.sha256(drawn.encode()).hexdigest()[:16]}"'


_templates.filters["tag"] = tag_of


@dataclass(slots=True)
class View:
    """What a page's function works with."""

    request: Request
    here: Runtime
    session: AsyncSession
    now: datetime
    browser: Browser
    form: Form
    language: str
    visit: str = field(init=False)

    def __post_init__(self) -> None:
        self.visit = self.browser.visit or new_visit()

    @property
    def actor(self) -> Actor:
        """Who looks.

        Raises:
            NotSignedIn: nobody who is signed in.

        """
        if self.browser.actor is None:
            raise NotSignedIn
        return self.browser.actor

    def t(self, key: str, **facts: object) -> str:
        """Return a sentence of the catalogue in the page's language."""
        return said(key, self.language, **facts)

    async def show(self, template: str, *, code: int = status.HTTP_200_OK, **facts: Any) -> HTMLResponse:
        """Draw a whole page."""
        shell = await shell_of(self.session, self.browser.actor) if self.browser.actor else None
        headers = retry_after(self.form.refusal) if self.form.refusal else None
        return self._kept(HTMLResponse(self._drawn(template, shell, facts), code, headers))

    async def fragment(self, template: str, **facts: Any) -> Response:
        """Draw a part that a page puts in place of an older one; unchanged, it is not sent again."""
        shell = await shell_of(self.session, self.actor)
        drawn = self._drawn(template, shell, facts)
        tag = tag_of(drawn)
        # The page keeps the tag itself: the browser needs no copy of the addresses and names that stand here.
        headers = {"ETag": tag, "Cache-Control": "no-store"}
        if self.request.headers.get("if-none-match") == tag:
            return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
        return HTMLResponse(drawn, headers=headers)

    async def do(self, verb: Callable[[AsyncSession], Awaitable[str]]) -> Response:
        """Run a verb in one transaction, and go where it says; sent twice, a form still does its work once."""
        once = self.form.maybe("once")
        body = urlencode(self.form.typed()).encode() if once else b""
        person_id = self.browser.actor.person_id if self.browser.actor else 0
        command = Command(self.here, self.session, self.request, person_id, once if person_id else None, body)
        return go(await command(verb))

    def _drawn(self, template: str, shell: Shell | None, facts: dict[str, Any]) -> str:
        return _templates.get_template(template).render(self._around(shell) | {"form": self.form} | facts)

    def _around(self, shell: Shell | None) -> dict[str, Any]:
        tongue = Tongue(self.language, shell.zone if shell else NOWHERE)
        browser = Browser(self.browser.secret, self.visit, self.browser.actor)
        done = self.request.query_params.get("done", "")
        return {
            "t": self.t,
            "language": self.language,
            "tongue": tongue,
            "moments": Moments(tongue),
            "now": self.now,
            "shell": shell,
            "actor": self.browser.actor,
            "path": self.request.url.path.removesuffix("/live"),  # of the page that a part belongs to
            "token": form_token(self.here, browser),
            "once": secrets.token_urlsafe(12),
            "done": f"done.{done}" if f"done.{done}" in catalogue() else None,
            "asset": asset,
            "demo": self.here.shows_demo,
            "tiles": Credit.of(self.here.settings),
        }

    def _sign_in(self) -> str:
        """Return a name for the sign-in that tells nothing of the person."""
        actor = self.browser.actor
        return seal(self.here, "sign-in", str(actor.sign_in_id))[:32] if actor else "nobody"

    def _kept(self, response: HTMLResponse) -> HTMLResponse:
        if self.browser.secret is None and self.browser.visit is None:
            keep(response, self.here, VISIT, self.visit)
        response.headers["Cache-Control"] = "no-store"
        # By this the worker (offline.js) lets go of another's copies. `Clear-Site-Data` would not do: "cache" leaves a
        # worker's copies alone, and "storage" takes the worker itself away, with what pages are drawn with.
        response.headers["ShareCare-Whose"] = self._sign_in()
        response.headers["Content-Language"] = self.language
        response.headers["Vary"] = "Cookie, Accept-Language"
        return response


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose map pictures these are."""

    name: str
    address: str

    @classmethod
    def of(cls, settings: Settings) -> "Credit | None":
        """Return it, or None where maps have no pictures."""
        name, _, address = settings.tile_credit.rpartition(" ")
        return cls(name, address) if settings.tile_url else None


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments as the wall clock of the area shows them."""

    tongue: Tongue

    def local(self, at: datetime) -> datetime:
        """Return a moment on the area's clock."""
        return at.astimezone(self.tongue.zone)

    def day(self, at: datetime) -> str:
        """Return the date and the day of the week."""
        return self.tongue.day(self.local(at))

    def full_date(self, at: datetime) -> str:
        """Return the date with its year."""
        return self.tongue.full_date(self.local(at).date())

    def month(self, text: str) -> str:
        """Return a month that is written like 2026-05, as people write it."""
        return self.tongue.month(date.fromisoformat(f"{text}-01"))

    def clock(self, at: datetime) -> str:
        """Return the time of day."""
        return self.tongue.clock(self.local(at))

    def moment(self, at: datetime) -> str:
        """Return date and time."""
        return self.tongue.moment(at.isoformat())

    def deadline(self, at: datetime) -> str:
        """Return by when something is to be done."""
        return self.tongue.deadline(at.isoformat())

    def window(self, start: datetime, end: datetime) -> str:
        """Return from when to when."""
        return self.tongue.window(start.isoformat(), end.isoformat())

    def after(self, at: datetime, minutes: int) -> datetime:
        """Return the moment some minutes later."""
        return at + timedelta(minutes=minutes)

    def yen(self, amount: int) -> str:
        """Return a sum as people write it."""
        return self.tongue.yen(amount)


def go(location: str) -> RedirectResponse:
    """Lead on after a form; its query may say in `done` what the next page tells has been done."""
    return RedirectResponse(location, status.HTTP_303_SEE_OTHER)


def local_path(text: str, otherwise: str = "/home") -> str:
    """Return a path on this site, whatever a form or an address says."""
    fits = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if fits else otherwise


@cache
def asset(name: str) -> str:
    """Return the address of a file that changes with its content, so that browsers may keep it."""
    return f"/assets/{name}?v={hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:10]}"


async def view(request: Request, session: Reader, browser: AtBrowser) -> View:
    """Put together what a page's function works with."""
    language = _language(request, browser)
    form = Form.sent(await request.form(), language) if request.method == "POST" else Form(language=language)
    return View(request, await runtime_of(request), session, await present(request), browser, form, language)


def _language(request: Request, browser: Browser) -> str:
    """Return the language chosen on this browser, else that of the account, else what the browser asks for."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in LANGUAGES:
        return chosen
    return browser.actor.language if browser.actor else language_of(request)


Looking = Annotated[View, Depends(view)]


async def _caught_up(request: Request, session: Reader) -> LiveIndex:
    here = await runtime_of(request)
    await here.index.catch_up(session, now=await present(request))
    return here.index


# As of every change committed before this request; the API's own is told that beside its token.
Index = Annotated[LiveIndex, Depends(_caught_up)]
