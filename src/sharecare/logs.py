"""What a process writes down of itself: one JSON object a line, with the request it belongs to, and nobody's data.

A line names the route's template, never a path with its ids, and no line carries what people sent.
"""

import logging
import re
import sys
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9-]{8,64}")
# Said by the server about itself; its own access lines would hold whole paths.
_SILENT = ("uvicorn.access", "httpx", "httpcore")
# Without local variables: they hold what people sent.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
log = structlog.stdlib.get_logger("sharecare.requests")


def write_logs(*, as_json: bool, level: str) -> None:
    """Send every line of this process to standard error, for programs or for people."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    drawn: list[Any] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)] if as_json else [_for_people()]
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *drawn],
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.WARNING)


class Requests:
    """Gives every request an id that its answer and its lines carry, and writes one line when it is over."""

    def __init__(self, app: ASGIApp, template: Callable[[Scope], str]) -> None:
        self._app = app
        self._template = template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _GIVEN.fullmatch(given) else token_hex(8)
        status, began = 500, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, named)
            finally:
                ms = round((time.perf_counter() - began) * 1000, 1)
                log.info("answered", method=scope["method"], route=self._template(scope), status=status, ms=ms)


def _for_people() -> structlog.dev.ConsoleRenderer:
    plain = structlog.dev.plain_traceback
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
