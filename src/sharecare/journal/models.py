"""Tables of the journal."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import Field, SQLModel

from sharecare.columns import BigId, Json, UtcDateTime, moment, optional_moment, primary_id


class current_tx(FunctionElement[int]):  # noqa: N801  -- SQL functions are written in lower case
    """The writing transaction's number; SQLite, where writers queue, needs none."""

    type = BigInteger()
    inherit_cache = True


@compiles(current_tx, "postgresql")
def _current_tx_postgresql(_element: current_tx, _compiler: SQLCompiler, **_kw: object) -> str:
    return "(pg_current_xact_id()::text::bigint)"


@compiles(current_tx, "sqlite")
def _current_tx_sqlite(_element: current_tx, _compiler: SQLCompiler, **_kw: object) -> str:
    return "0"


def _plain_id(*, index: bool = False) -> Any:  # noqa: ANN401  -- SQLModel's Field is typed Any
    # The journal stands below every room, so its ids are no foreign keys; it also outlives what it points at.
    return Field(default=None, sa_type=BigId, nullable=True, index=index)


class Fact(SQLModel, table=True):
    """One thing that happened. The database refuses to change or delete it."""

    __tablename__ = "journal_fact"
    __table_args__: ClassVar[Any] = (
        Index(None, "area_id", "at"),
        Index(None, "person_id", "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int = primary_id()
    # feed.py tells why an id alone can't order facts on PostgreSQL.
    tx: int = Field(default=None, sa_type=BigInteger, index=True, sa_column_kwargs={"server_default": current_tx()})
    kind: str = Field(max_length=40)
    at: datetime = moment()
    area_id: int | None = _plain_id()
    actor_id: int | None = _plain_id()
    person_id: int | None = _plain_id()
    other_id: int | None = _plain_id()
    request_id: int | None = _plain_id(index=True)
    booking_id: int | None = _plain_id(index=True)
    cell: int | None = _plain_id()
    start_at: datetime | None = optional_moment()
    end_at: datetime | None = optional_moment()
    minutes: int | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)

    def sealed(self) -> dict[str, Any]:
        """Return what a seal covers: all but the transaction's number, which a restored fact has anew."""
        return self.model_dump(mode="json", exclude={"tx"})


class Seal(SQLModel, table=True):
    """The hash that chains one fact to the one sealed before it."""

    __tablename__ = "journal_seal"

    seq: int = Field(primary_key=True, sa_type=BigId)
    fact_id: int = Field(sa_type=BigId, unique=True)
    seal: str = Field(max_length=64)


class FeedMark(SQLModel, table=True):
    """How far one reader of the journal has come."""

    __tablename__ = "journal_feed_mark"

    reader: str = Field(primary_key=True, max_length=40)
    position: int = Field(sa_type=BigId)
    moved_at: datetime = Field(sa_type=UtcDateTime)
