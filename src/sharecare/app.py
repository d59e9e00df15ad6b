"""The application: doors, errors, health, and the worker that runs beside them on the embedded database."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response, status
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import DatabaseError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Match
from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from sharecare import __version__, api, web
from sharecare.api import problems as api_problems
from sharecare.care.queries import bookings_by_state
from sharecare.clock import Clock, utc_now
from sharecare.collector import settle
from sharecare.config import Settings
from sharecare.deps import Here, Now, Reader, Runtime, opened
from sharecare.errors import NotFound, Refusal
from sharecare.guards import add_guards
from sharecare.logs import Requests
from sharecare.mark import is_demo
from sharecare.messages.queries import outbox_age_s
from sharecare.observe import CONTENT_TYPE, Counted, may_read, shares, template_of
from sharecare.web import problems as page_problems
from sharecare.web.page import ASSETS
from sharecare.worker import run_forever

log = logging.getLogger(__name__)
Handler = page_problems.Handler
ROUND_ENDS_WITHIN_S = 10
NOTED_EVERY_S = 10
READY_WITHIN_S = 4  # whoever asks gives up after five
FOR_PROGRAMS = ("/api/", "/metrics", "/health", "/ready")
Showing = Callable[[], AbstractContextManager[Callable[[str, float], None]]]
"""Opens something that shows what is being done, and which share of it is."""

DESCRIPTION = """
Neighbours look after each other's children: requests, offers, insured bookings, area figures.

Sign in at `POST /api/v1/token` and send the access token as a bearer token. Repeat a `POST` with the same
`Idempotency-Key` to get its first answer. Errors are RFC 9457 problem details, in Japanese unless `Accept-Language`
begins with `en`. Moments are ISO 8601 with an offset; windows are half-open.
"""


def create_app(
    settings: Settings | None = None, *, clock: Clock = utc_now, works: bool = False, showing: Showing | None = None
) -> FastAPI:
    """Build the application.

    Args:
        settings: from the environment, unless given.
        clock: what it reads the time from.
        works: whether the worker runs inside it, as SQLite's one writing process needs.
        showing: makes ready before the first request rather than in it (the index is loaded), and shows how far that
            is.

    """
    chosen = settings or Settings()
    lifespan = _lifespan(chosen, clock, works=works, showing=showing)
    # No /docs: it would load its viewer from another host.
    app = FastAPI(
        title="ShareCare",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    _add_problem_handlers(app)
    api_problems.complete_document(app)
    add_guards(
        app,
        production=chosen.environment == "production",
        too_large=page_problems.too_large,
        broken=page_problems.broken,
    )

    def answered(*answer: Any) -> None:
        app.state.runtime.measures.answered(*answer)  # there from the first request on, not yet here

    app.add_middleware(Counted, answered=answered)
    app.add_middleware(Requests, template=template_of)
    if chosen.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=chosen.proxies)
    for router in (_operations, *api.ROUTERS, *web.ROUTERS):
        app.router.routes.extend(router.routes)  # built once, however many applications; including builds them again
    app.mount("/assets", _Assets(directory=ASSETS))
    app.mount("/leaflet", _Assets(packages=[("js_lib_leaflet", "static/js_lib_leaflet")]))
    return app


class _Assets(StaticFiles):
    """Files whose addresses change with their content; asked for without it, they are looked at again each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        kept = "public, max-age=31536000, immutable" if scope["query_string"].startswith(b"v=") else "no-cache"
        answer.headers["Cache-Control"] = kept
        return answer


def _add_problem_handlers(app: FastAPI) -> None:
    """Answer a program with a problem document, and a person with a page."""
    for error, told in page_problems.HANDLERS.items():
        app.add_exception_handler(error, _by_door(api_problems.HANDLERS.get(error, told), told))


def _by_door(program: Handler, person: Handler) -> Handler:
    async def handler(request: Request, error: Exception) -> Response:
        if isinstance(error, Refusal):
            request.app.state.runtime.measures.refused(error.code)
        answer = await (program if request.url.path.startswith(FOR_PROGRAMS) else person)(request, error)
        if answer.status_code == status.HTTP_405_METHOD_NOT_ALLOWED:
            answer.headers["Allow"] = _methods_at(request)
        return answer

    return handler


def _methods_at(request: Request) -> str:
    """Return what an address takes; Starlette names the methods of the first of its routes only."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is Match.PARTIAL]
    return ", ".join(sorted({method for route in routes for method in route.methods}))


def _lifespan(
    settings: Settings, clock: Clock, *, works: bool, showing: Showing | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, clock) as runtime:
            app.state.runtime = runtime
            runtime.shows_demo = settings.environment != "production" and await _carries_mark(runtime)
            if showing is not None:
                await _load_index(runtime, showing)
                settle()
            stopping = asyncio.Event()
            worker = asyncio.create_task(run_forever(runtime, stopping)) if works else None
            noting = asyncio.create_task(_keep_noting(runtime)) if shares() else None
            try:
                yield
            finally:
                stopping.set()
                if noting is not None:
                    noting.cancel()
                if worker is not None:
                    await _ended(worker)

    return lifespan


async def _ended(worker: asyncio.Task[None]) -> None:
    """Let the worker finish its round; one that takes too long is rolled back."""
    await asyncio.wait([worker], timeout=ROUND_ENDS_WITHIN_S)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def _carries_mark(here: Runtime) -> bool:
    try:
        async with here.database.read() as session:
            return await is_demo(session)
    except DatabaseError:  # no schema yet, or no database: `/ready` says which
        return False


async def _load_index(here: Runtime, showing: Showing) -> None:
    try:
        with showing() as show:
            async with here.database.read() as session:
                await here.index.catch_up(session, now=here.clock(), progress=show)
    except Exception:
        log.exception("the index could not be loaded; the first request that needs it tries again")


_operations = APIRouter(include_in_schema=False)


@_operations.get("/health")
async def health() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "ok"}


@_operations.get("/ready")
async def ready(here: Here, response: Response) -> dict[str, bool]:
    """Say whether the database takes a write."""
    takes_writes = await _takes_writes(here)
    response.status_code = status.HTTP_200_OK if takes_writes else status.HTTP_503_SERVICE_UNAVAILABLE
    return {"ready": takes_writes}


@_operations.get("/metrics")
async def metrics(request: Request, here: Here, session: Reader, now: Now) -> Response:
    """Tell Prometheus how this process does.

    Raises:
        NotFound: whoever asks may not know.

    """
    if not may_read(request, here.settings.metrics_token):
        raise NotFound
    await _note(here, session, now)
    # Without a mail server nothing is on its way: messages stay in the app.
    outbox_s = await outbox_age_s(session, now=now) if here.settings.smtp_url else 0.0
    here.measures.database_stands(bookings=await bookings_by_state(session), outbox_s=outbox_s)
    return Response(here.measures.text(), media_type=CONTENT_TYPE)


async def _note(here: Runtime, session: AsyncSession, now: datetime) -> None:
    """Take down how this process stands."""
    index, seen_at = here.index, here.index.caught_up_at
    here.measures.process_stands(
        retries=here.database.retries,
        position=index.position,
        supporters=len(index),
        behind=await index.behind(session),
        age_s=None if seen_at is None else (now - seen_at).total_seconds(),
    )


async def _keep_noting(here: Runtime) -> None:
    """Let the other processes tell how this one stands."""
    while True:
        with suppress(Exception):  # whatever is wrong, the next time may do
            async with here.database.read() as session:
                await _note(here, session, here.clock())
        await asyncio.sleep(NOTED_EVERY_S)


async def _takes_writes(here: Runtime) -> bool:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await here.database.ping()
    except Exception:  # noqa: BLE001  -- whatever is wrong, the answer is no
        return False
    return True
