"""What a process tells Prometheus of itself: figures only, and no label that could name a person.

Several processes behind one port keep their figures in one folder, so that whichever is asked tells of all: counts are
summed, and of each one's index there is a line with its process id.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    multiprocess,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_RANK_BUCKETS_S = (0.0001, 0.0002, 0.0004, 0.0008, 0.0016, 0.0032, 0.0064, 0.0128, 0.0256, 0.1)
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client looks there when it is imported


@contextmanager
def sharing() -> Iterator[None]:
    """Let the processes that are started meanwhile keep their figures together, in a folder that goes with them."""
    with TemporaryDirectory(prefix="sharecare-figures-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def shares() -> bool:
    """Say whether this process keeps its figures with those of others."""
    return _FOLDER in os.environ


class Measures:
    """One process's figures, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._rank_s = Histogram(
            "sharecare_rank_seconds", "Time to rank one request.", buckets=_RANK_BUCKETS_S, registry=self.registry
        )
        self._requests = Counter(
            "sharecare_http_requests",
            "Answered requests.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._refusals = Counter("sharecare_refusals", "Commands refused.", ("code",), registry=self.registry)
        self._retries = Gauge(
            "sharecare_write_retries",
            "Transactions run again after a lost race.",
            registry=self.registry,
            multiprocess_mode="sum",
        )
        self._bookings = Gauge(
            "sharecare_bookings",
            "Bookings by state.",
            ("state",),
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self._outbox_s = Gauge(
            "sharecare_outbox_age_seconds",
            "How long the oldest message due has waited.",
            registry=self.registry,
            multiprocess_mode="mostrecent",
        )
        self._failures = Counter(
            "sharecare_worker_failures", "Steps of the worker that failed.", ("step",), registry=self.registry
        )
        self._position = self._gauge("position", "Where in the journal everything before is in the index.")
        self._supporters = self._gauge("supporters", "Supporters who can be found.")
        self._behind = self._gauge("behind_facts", "Facts committed and not yet seen; NaN before the first load.")
        self._age_s = self._gauge("age_seconds", "Time since the index last caught up; NaN before the first load.")

    def ranking(self) -> AbstractContextManager[object]:
        """Time one ranking."""
        return self._rank_s.time()

    def answered(self, method: str, route: str, status: int) -> None:
        """Count one answer."""
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()

    def refused(self, code: str) -> None:
        """Count one refusal by its stable name."""
        self._refusals.labels(code).inc()

    def database_stands(self, *, bookings: Mapping[str, int], outbox_s: float) -> None:
        """Take down how the database stands."""
        self._outbox_s.set(outbox_s)
        for state, count in bookings.items():
            self._bookings.labels(state).set(count)

    def step_failed(self, step: str) -> None:
        """Count one step of the worker that failed."""
        self._failures.labels(step).inc()

    def process_stands(
        self, *, retries: int, position: int, supporters: int, behind: int | None, age_s: float | None
    ) -> None:
        """Take down how this process and its index stand."""
        self._retries.set(retries)
        unknown = float("nan")
        self._position.set(position)
        self._supporters.set(supporters)
        self._behind.set(unknown if behind is None else behind)
        self._age_s.set(unknown if age_s is None else age_s)

    def text(self) -> bytes:
        """Write everything as Prometheus reads it, with what the others tell where figures are shared."""
        if not shares():
            return generate_latest(self.registry)
        _forget_ended()
        together = CollectorRegistry()
        together.register(_OfAll(None))  # type: ignore[no-untyped-call]  # theirs
        return generate_latest(together)

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"sharecare_index_{name}", meaning, registry=self.registry, multiprocess_mode="liveall")


class _OfAll(multiprocess.MultiProcessCollector):
    """Reads the figures of all processes, but not the file that one is just making: it is empty for a moment."""

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in Path(os.environ[_FOLDER]).glob("*.db") if _laid_out(file)]
        return self.merge(files, accumulate=True)  # type: ignore[no-any-return, no-untyped-call]  # theirs


def _laid_out(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # another process has let go of it
        return False


def _forget_ended() -> None:
    """Let go of the indexes of processes that are no more, however they ended."""
    for kept in Path(os.environ[_FOLDER]).glob("gauge_liveall_*.db"):
        pid = int(kept.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            with suppress(FileNotFoundError):  # another process may be at it too
                kept.unlink()


class Counted:
    """Counts every answer by the template of its route: a path itself holds ids."""

    def __init__(self, app: ASGIApp, answered: Callable[[str, str, int], None]) -> None:
        self._app = app
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer, also one that failed half-way."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            self._answered(scope["method"], template_of(scope), status)


def may_read(request: Request, token: SecretStr | None) -> bool:
    """Say whether whoever asks may see the figures: with the token, or from this machine where none is set.

    A request that a proxy handed on is from elsewhere, whatever address the connection has.
    """
    if token is not None:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def template_of(scope: Scope) -> str:
    """Return the template of the route that took a request, `none` where there was none."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "none"
