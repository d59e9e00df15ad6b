"""Several server processes behind one port: whichever is asked tells of all."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import httpx
import pytest

from conftest import Copies
from sharecare.observe import Measures, sharing
from world import KEY

WITHIN_S = 60
COMMAND = str(Path(sys.executable).with_name("sharecare"))


@pytest.fixture
def address(postgresql: Copies) -> Iterator[str]:
    """Serve a town with two processes."""
    url = postgresql.copy(postgresql.migrated)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "SHARECARE_DATABASE_URL": url.set(drivername="postgresql").render_as_string(hide_password=False),
        "SHARECARE_SECRET_KEY": KEY.decode(),
    }
    words = [COMMAND, "serve", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(words, env=os.environ | settings, stderr=subprocess.DEVNULL) as server:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
    postgresql.drop(url)


def told(address: str) -> str:
    """Return what one of the processes tells of all; nothing while none answers."""
    try:
        return httpx.get(f"{address}/metrics").raise_for_status().text
    except httpx.TransportError:
        return ""


def told_once(address: str, holds: Callable[[set[int]], bool]) -> str:
    """Ask until the processes are those that one waits for."""
    until = monotonic() + WITHIN_S
    while not holds(processes(figures := told(address))):
        assert monotonic() < until, figures
    return figures


def processes(figures: str) -> set[int]:
    """Return the processes of whose index a line tells."""
    return {int(pid) for pid in re.findall(r'sharecare_index_age_seconds\{pid="(\d+)"\} [\d.]+\n', figures)}


def test_a_process_that_just_starts_breaks_nothing() -> None:
    # Its file is empty until it is laid out: whoever was asked at that moment answered 500.
    with sharing():
        (Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) / f"counter_{os.getpid()}.db").touch()
        Measures().text()


def test_figures_are_of_all_processes_that_live(address: str) -> None:
    # With figures of its own in each process, half of what was answered was missing, and one index of the two.
    figures = told_once(address, lambda pids: len(pids) == 2)
    for line in ("position", "behind_facts", "supporters"):
        assert set(re.findall(rf'sharecare_index_{line}\{{pid="(\d+)"}}', figures)) == set(map(str, processes(figures)))
    for _ in range(20):
        httpx.get(f"{address}/health")
    assert 'sharecare_http_requests_total{method="GET",route="/health",status="200"} 20.0' in told(address)

    ended = min(processes(figures))
    os.kill(ended, signal.SIGKILL)
    told_once(address, lambda pids: len(pids) == 2 and ended not in pids)
