"""What every answer carries and no request may exceed."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sharecare.incidents.photos import MAX_BYTES as MAX_UPLOAD_BYTES

MAX_JSON_BYTES = 64 * 1024
_TAKES_UPLOADS = re.compile(
    r"/(api/v1/|staff/[^/]+/)?incidents/\d+/photos|/(api/v1/)?claims/\d+/letters/\d+/attachments"
)
# A browser shows an answer only once its form is sent: so much more is taken from it, and thrown away.
MAX_THROWN_AWAY_BYTES = 32 * 1024 * 1024
# Where files come in; the form around one takes little.
MAX_FILE_BYTES = {"/hours/import": 1024 * 1024 + MAX_JSON_BYTES}
_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
HSTS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


TooLargePage = Callable[[Request, int], Awaitable[Response]]
"""Tells a person that a form is too large, and how many bytes it may have."""
BrokenPage = Callable[[Request], Awaitable[Response]]
"""Tells a person that something is wrong with us."""


def add_guards(app: FastAPI, *, production: bool, too_large: TooLargePage, broken: BrokenPage) -> None:
    """Put the guards around every route."""
    headers = HEADERS | (HSTS if production else {})
    app.add_middleware(Guards, headers=headers, too_large=too_large, broken=broken)


class Guards:
    """Security headers on every answer, `no-store` on the API's, a limit on bodies, and words for what broke."""

    def __init__(self, app: ASGIApp, headers: dict[str, str], too_large: TooLargePage, broken: BrokenPage) -> None:
        self._app = app
        self._headers = headers
        self._too_large = too_large
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse one that is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add(scope, message)
            await send(message)

        try:
            await self._app(scope, _limited(receive, _limit_of(scope)), guarded)
        except _TooLargeError as error:
            answer = await self._refused(scope, receive, is_more=error.is_more)
            await answer(scope, receive, guarded)
        except Exception:
            if not begun:
                answer = await self._failed(scope)
                await answer(scope, receive, guarded)
            raise  # to whoever logs it

    async def _refused(self, scope: Scope, receive: Receive, *, is_more: bool) -> Response:
        if not scope["path"].startswith("/api/"):
            await _throw_away(receive, is_more=is_more)
            return await self._too_large(Request(scope), _limit_of(scope))
        return _problem("too-large", 413, "送信されたデータが大きすぎます。 / The request is too large.")

    async def _failed(self, scope: Scope) -> Response:
        if not scope["path"].startswith("/api/"):
            return await self._broken(Request(scope))
        return _problem("broken", 500, "こちらの不具合でできませんでした。 / Something is wrong with us.")

    def _add(self, scope: Scope, message: MutableMapping[str, Any]) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in self._headers.items():
            headers.setdefault(name, value)
        if scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")


def _problem(code: str, status: int, detail: str) -> Response:
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


class _TooLargeError(BaseException):  # as an `Exception` a route would tell it as a body that makes no sense
    """The body passed the limit; there may be more of it."""

    def __init__(self, *, is_more: bool) -> None:
        self.is_more = is_more


async def _throw_away(receive: Receive, *, is_more: bool) -> None:
    thrown = 0
    while is_more and thrown <= MAX_THROWN_AWAY_BYTES:
        message = await receive()
        thrown += len(message.get("body", b""))
        is_more = message.get("more_body", False)


def _limit_of(scope: Scope) -> int:
    takes_uploads = scope["method"] == "POST" and _TAKES_UPLOADS.fullmatch(scope["path"])
    return MAX_UPLOAD_BYTES if takes_uploads else MAX_FILE_BYTES.get(scope["path"], MAX_JSON_BYTES)


def _limited(receive: Receive, limit: int) -> Receive:
    """Count the body as it comes: a length in the header is only a promise."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _TooLargeError(is_more=message.get("more_body", False))
        return message

    return counted
