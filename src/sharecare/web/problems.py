"""When a page can't be shown: said in the person's language, with a way on, and nothing typed is lost."""

from collections.abc import Awaitable, Callable

from fastapi import Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from sharecare.accounts.tokens import NotSignedIn
from sharecare.deps import Replayed, Runtime
from sharecare.errors import NotFound, Refusal
from sharecare.tries import retry_after
from sharecare.web.browser import at_browser
from sharecare.web.forms import BadForm
from sharecare.web.page import View, go, local_path, view
from sharecare.web.resuming import has_secrets, kept_form

Handler = Callable[[Request, Exception], Awaitable[Response]]
_TOO_LARGE, _MEGA = 413, 1024 * 1024
_CODES = {400: "unreadable", 404: "gone", 405: "gone", 422: "unreadable"}


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  -- registered for this type only
    if isinstance(error, NotSignedIn):
        return await _to_sign_in(request)
    answer = await _shown(request, error.status, None if isinstance(error, NotFound) else error)
    answer.headers.update(retry_after(error))
    return answer


async def _malformed(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else status.HTTP_400_BAD_REQUEST
    # An address with a wrong id in it is a page that isn't there.
    return await _shown(request, status.HTTP_404_NOT_FOUND if isinstance(error, RequestValidationError) else code, None)


async def _replayed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)  # noqa: S101  -- registered for this type only
    return go(str(error.body))


HANDLERS: dict[type[Exception], Handler] = {
    Refusal: _refused,
    BadForm: _malformed,
    RequestValidationError: _malformed,
    HTTPException: _malformed,
    Replayed: _replayed,
    DataError: _malformed,
}


async def _shown(request: Request, code: int, refusal: Refusal | None) -> Response:
    async def page(looking: View) -> Response:
        back = local_path(looking.form.text("back"), "/home" if looking.browser.actor else "/")
        kind = _CODES.get(code, "refused")
        text = refusal.text(looking.language) if refusal else looking.t(f"problem.{kind}.text")
        return await looking.show("problem.html", code=code, kind=kind, text=text, back=back)

    return await _looking(request, page)


async def too_large(request: Request, most_bytes: int) -> Response:
    """Say that a form was too large to be taken in, and how much will do."""
    return await _unread(request, _TOO_LARGE, "large", most=_size(most_bytes))


async def broken(request: Request) -> Response:
    """Say that something is wrong with us, and what may be left of what was typed."""
    return await _unread(request, status.HTTP_500_INTERNAL_SERVER_ERROR, "broken")


async def _unread(request: Request, code: int, kind: str, **facts: object) -> Response:
    """Answer a request whose fields are not looked at."""

    async def page(looking: View) -> Response:
        text = looking.t(f"problem.{kind}.text", **facts)
        back = "/home" if looking.browser.actor else "/"
        return await looking.show("problem.html", code=code, kind=kind, text=text, back=back)

    return await _looking(Request({**request.scope, "method": "GET"}), page)


def _size(most_bytes: int) -> str:
    return f"{most_bytes // _MEGA} MB" if most_bytes >= _MEGA else f"{most_bytes // 1024} KB"


async def _to_sign_in(request: Request) -> Response:
    if request.method != "POST":
        return RedirectResponse(f"/sign-in?next={_address(request)}", status.HTTP_303_SEE_OTHER)

    async def page(looking: View) -> Response:
        typed = looking.form.typed()
        facts = (
            {"kept": "", "next": _page_of(request), "again": True}
            if has_secrets(typed)
            else {"kept": kept_form(looking.here, looking.visit, request.url.path, typed), "next": ""}
        )
        return await looking.show("sign_in.html", code=status.HTTP_401_UNAUTHORIZED, **facts)

    return await _looking(request, page)


async def _looking(request: Request, page: Callable[[View], Awaitable[Response]]) -> Response:
    here: Runtime = request.app.state.runtime
    async with here.database.read() as session:
        return await page(await view(request, session, await at_browser(request, session)))


def _page_of(request: Request) -> str:
    """Return the address of the page that a form stood on, as far as its own address tells."""
    path = request.url.path
    while path:
        asked = {**request.scope, "method": "GET", "path": path}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            return path
        path = path.rpartition("/")[0]
    return ""


def _address(request: Request) -> str:
    return request.url.path + (f"%3F{request.url.query.replace('&', '%26')}" if request.url.query else "")
