"""A PostgreSQL server of our own, in a temporary folder, gone when the run is over."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "",  # a socket in the server's own folder is faster than the loopback interface
    "shared_buffers": "6GB",
    "effective_cache_size": "16GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "1GB",
    "random_page_cost": "1.0",
    "jit": "off",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "16GB",
    "autovacuum": "off",  # vacuumed once, after loading
    "max_parallel_workers_per_gather": "0",
    "plan_cache_mode": "force_generic_plan",
}


class NoPostGisError(RuntimeError):
    """PostgreSQL or its PostGIS extension isn't installed."""


def programs() -> Path:
    """Find the newest server that has PostGIS beside it.

    Raises:
        NoPostGisError: there is none.

    """
    asked = shutil.which("pg_config")
    folders = [Path(asked).parent] if asked else []
    # Debian keeps each version's programs in a folder of its own, off the path.
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "postgres").exists() and _has_postgis(folder):
            return folder
    raise NoPostGisError("PostGIS isn't installed here (on Debian: apt-get install postgresql-15-postgis-3)")


def _has_postgis(folder: Path) -> bool:
    said = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    return said.returncode == 0 and (Path(said.stdout.strip()) / "extension" / "postgis.control").exists()


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server and give the address of its `postgres` database.

    Raises:
        NoPostGisError: see there.

    """
    bin_ = programs()
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        if os.geteuid() == 0:  # a server refuses to run as root
            shutil.chown(folder, "postgres")
        data = folder / "data"
        _as_server(bin_ / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "-N")
        with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{key} = '{value}'\n" for key, value in SETTINGS.items())
        server = (bin_ / "pg_ctl", "-D", data, "-l", folder / "log", "-w")
        _as_server(*server, "-o", f"-k {folder}", "start")
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            _as_server(*server, "-m", "immediate", "stop")


def _as_server(*command: str | Path) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
