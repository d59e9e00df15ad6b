"""Column types and the naming convention that SQLite and PostgreSQL share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

# Names are fixed so that a migration can drop what an earlier one made, on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives row ids only to a column declared INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which forgets the zone, is reminded of it on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a naive moment: it would mean another instant on each machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: moments are stored with a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def primary_id() -> Any:  # noqa: ANN401  -- SQLModel's Field is typed Any
    """Return a primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def reference(target: str, *, primary_key: bool = False, index: bool = False, ondelete: Any = None) -> Any:  # noqa: ANN401
    """Return a required foreign key to `table.column`."""
    return Field(foreign_key=target, sa_type=BigId, primary_key=primary_key, index=index, ondelete=ondelete)


def optional_reference(target: str, *, index: bool = False) -> Any:  # noqa: ANN401
    """Return a nullable foreign key to `table.column`."""
    return Field(default=None, foreign_key=target, sa_type=BigId, nullable=True, index=index)


def moment() -> Any:  # noqa: ANN401
    """Return a required UTC moment."""
    return Field(sa_type=UtcDateTime)


def optional_moment() -> Any:  # noqa: ANN401
    """Return a nullable UTC moment."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True)
