"""Serving a database: one process, or several that share the load."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from sharecare.collector import resting
from sharecare.config import Settings
from sharecare.console import choose, progress, settings
from sharecare.logs import write_logs
from sharecare.observe import sharing
from sharecare.patience import PatientProtocol

STOPS_WITHIN_S = 20


def serve_on(chosen: Settings, host: str, port: int, workers: int = 1) -> None:
    """Serve until told to stop."""
    # A stop gives requests under way the time to end; new ones are refused by the closed socket.
    how: dict[str, Any] = {
        "host": host,
        "port": port,
        "http": PatientProtocol,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,  # left to itself, uvicorn believes whoever connects from this machine
        "timeout_graceful_shutdown": STOPS_WITHIN_S,
    }
    if workers > 1:
        with sharing():
            uvicorn.run(f"{__name__}:{served.__name__}", factory=True, workers=workers, **how)
    else:
        uvicorn.run(served(chosen), **how)


def served(chosen: Settings | None = None) -> FastAPI:
    """Build the application as one server process runs it."""
    with resting():
        from sharecare.app import create_app  # noqa: PLC0415  -- a second that no other command should take

    held = chosen or settings()
    write_logs(as_json=(held.log_format or _usual(held)) == "json", level=held.log_level)
    return create_app(held, works=held.sqlite_file is not None, showing=_loading)


def _usual(held: Settings) -> str:
    return "json" if held.environment == "production" else "text"


@contextmanager
def _loading() -> Iterator[Callable[[str, float], None]]:
    words = {
        "standings": choose("資格を読み込んでいます", "Reading certificates"),
        "ties": choose("つながりを読み込んでいます", "Reading ties"),
        "supporters": choose("支援者を読み込んでいます", "Reading supporters"),
        "hours": choose("支援できる時間を読み込んでいます", "Reading hours"),
        "bookings": choose("予約を読み込んでいます", "Reading bookings"),
        "communities": choose("コミュニティを読み込んでいます", "Reading communities"),
        "ready": choose("マッチングの準備ができました", "Matching is ready"),
    }
    with progress() as show:
        yield lambda what, share: show(words[what], share)
