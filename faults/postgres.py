"""PostgreSQL clusters made for one run: real ones, with fsync on, that can be frozen, killed and promoted."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg.abc import Query

WAIT_S = "120"
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "150",
    "shared_buffers": "'64MB'",
    "max_prepared_transactions": "0",
    "log_min_messages": "'warning'",
}


def programs() -> Path | None:
    """Return where PostgreSQL's programs are: the system's, else those of the wheel that the tests use."""
    if (asked := shutil.which("pg_config")) is not None:
        found = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        if (Path(found) / "initdb").exists():
            return Path(found)
    wheel = Path(sysconfig.get_path("purelib")) / "pgserver" / "pginstall" / "bin"
    return wheel if (wheel / "initdb").exists() else None


def free_port() -> int:
    """Return a port nobody listens on, below those that outgoing connections are given meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), closing(socket.create_server(("127.0.0.1", port))):
            return port


class Cluster:
    """One server and its data folder."""

    def __init__(self, bin_: Path, folder: Path) -> None:
        self._bin = bin_
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()

    def make(self) -> None:
        """Write an empty cluster."""
        self._own_folder()
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
        self._configure()

    def copy_of(self, primary: "Cluster", *, name: str) -> None:
        """Write a standby that streams from a primary under a name."""
        self._own_folder()
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={name}"
        self._run("pg_basebackup", "-D", str(self.data), "-d", source, "-R", "-X", "stream", "-c", "fast")
        self._configure()

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-l", log, "-w", "-t", WAIT_S, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it if it runs."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", WAIT_S, "stop")

    def end(self) -> None:
        """Take it down from whatever state it is in."""
        with contextlib.suppress(FileNotFoundError):  # it never ran, or was killed
            self.signal(signal.SIGCONT)
            self.stop("immediate")

    def promote(self) -> None:
        """Turn a standby into a primary."""
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", WAIT_S, "promote")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and all that it started; children first, so that none is replaced."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        order = [*map(int, children), postmaster]
        for pid in order if number != signal.SIGSTOP else reversed(order):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def run(self, statement: Query) -> list[tuple[object, ...]]:
        """Run one statement as the superuser, outside any transaction."""
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def set(self, name: str, value: str) -> None:
        """Change a setting that a reload takes up."""
        self.run(f"ALTER SYSTEM SET {name} = {value}".encode())
        self.run("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        """Return the address of a database as an operator writes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _own_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if (account := _account()) is not None:
            shutil.chown(self.folder, account)

    def _configure(self) -> None:
        lines = [f"{name} = {value}" for name, value in SETTINGS.items()]
        lines += [f"port = {self.port}", f"unix_socket_directories = '{self.folder}'"]
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join(lines) + "\n")

    def _run(self, program: str, *words: str) -> None:
        account = _account()
        before = [] if account is None else ["runuser", "-u", account, "--"]
        with (self.folder / "programs.log").open("ab") as log:
            command = [*before, str(self._bin / program), *words]
            subprocess.run(command, check=True, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder)


@contextmanager
def cluster(bin_: Path, folder: Path) -> Iterator[Cluster]:
    """Make a cluster, run it, and take it down whatever state it is left in."""
    made = Cluster(bin_, folder)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.end()


def _account() -> str | None:
    """Return who runs the programs: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
