"""Real server processes, started as an operator starts them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from faults.postgres import free_port

KEY = "faults-of-all-kinds-are-tried-here"
UP_WITHIN_S = 120  # not what is judged: this machine may be busy
TICKS = os.sysconf("SC_CLK_TCK")


def environment(url: str) -> dict[str, str]:
    """Return the variables a command of ours runs with."""
    ours = {"SHARECARE_DATABASE_URL": url, "SHARECARE_SECRET_KEY": KEY, "SHARECARE_TILE_URL": ""}
    return os.environ | ours | {"LC_ALL": "C.UTF-8", "LANG": "en_GB.UTF-8"}


def sharecare(*words: str) -> list[str]:
    """Return a command line of ours."""
    return [str(Path(sys.executable).with_name("sharecare")), *words]


def command(url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(sharecare(*words), env=environment(url), capture_output=True, text=True, check=False)


class Server:
    """One `sharecare serve`, by itself or with several processes."""

    def __init__(self, url: str, log: Path, *, workers: int = 1, before: tuple[str, ...] = ()) -> None:
        self._url = url
        self._log = log
        self._words = (*before, *sharecare("serve", "--workers", str(workers)))
        self.port = free_port()
        self.up_s = self.up_cpu_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process that was started."""
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it takes writes."""
        begun, self._killed = time.monotonic(), False
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220  -- starting is quick
                [*self._words, "--port", str(self.port)],
                env=environment(self._url),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        async with httpx.AsyncClient(base_url=self.base, timeout=5) as http:
            while not await is_ready(http):
                assert self._process.poll() is None, self._log.read_text()
                assert time.monotonic() < begun + UP_WITHIN_S, "the server never came up"
                await asyncio.sleep(0.02)
        self.up_s = time.monotonic() - begun
        self.up_cpu_s = self._cpu_s()

    def kill(self) -> None:
        """End it as a power cut does: no handler runs."""
        if self._process is not None and self._process.poll() is None:
            self._killed = True
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and see to it that it does; one that ended by itself has missed."""
        if self._process is not None:
            code = self._process.poll()
            assert code is None or self._killed, f"the server ended by itself: {code}"
        if self._process is not None and not self._killed:
            self._process.terminate()
            try:
                self._process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self.kill()

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@asynccontextmanager
async def serving(url: str, log: Path, *, workers: int = 1) -> AsyncIterator[Server]:
    """Serve a database for a while."""
    server = Server(url, log, workers=workers)
    try:
        await server.start()
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def is_ready(http: httpx.AsyncClient) -> bool:
    """Say whether the server takes writes."""
    try:
        return (await http.get("/ready")).is_success
    except httpx.HTTPError:
        return False
