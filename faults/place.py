"""Where a row is run: a throw-away database of one kind, and a folder."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from faults.postgres import Cluster
from sqlalchemy.engine import URL

from sharecare.config import Settings
from sharecare.db import Database
from sharecare.verify import verify

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Size(StrEnum):
    """How often a row tries."""

    BRIEF = "brief"  # whether the row itself works: a tenth of the usual
    USUAL = "usual"
    NIGHTLY = "nightly"


@dataclass(frozen=True, slots=True)
class Place:
    """One row's own database."""

    kind: str
    url: str
    folder: Path
    cluster: Cluster | None
    bin_: Path | None
    size: Size = Size.USUAL

    @property
    def log(self) -> Path:
        """Where servers write."""
        return self.folder / "server.log"

    def many(self, usual: int, nightly: int) -> int:
        """Return how often to try."""
        return {Size.BRIEF: max(1, usual // 10), Size.USUAL: usual, Size.NIGHTLY: nightly}[self.size]

    def open(self, *, pool_size: int = 5) -> Database:
        """Open the database beside the servers."""
        return Database(asynchronous(self.url), pool_size=pool_size)

    async def breaches(self) -> int:
        """Count the invariants broken, as `sharecare verify` does."""
        database = self.open()
        try:
            async with database.read() as session:
                return len(await verify(session))
        finally:
            await database.close()


def asynchronous(url: str) -> URL:
    """Return an operator's address with the driver that our code uses."""
    return Settings(database_url=url).url
