"""Counting what a database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from sharecare.db import Database


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """Note every statement that a database's readers send; beginning a transaction is none."""
    seen: list[str] = []
    engine = database._reader.sync_engine  # noqa: SLF001  -- nothing else sees them all

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
