"""Column types and the naming convention that SQLite and PostgreSQL share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ColumnElement, DateTime, Dialect, Engine, Integer, event, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DataError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
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
LARGEST_ID = 2**63 - 1
_LONGEST_ID = len(str(LARGEST_ID))
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which forgets the zone, is reminded of it on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment: it would mean another instant on each machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: moments are stored with a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@event.listens_for(Engine, "handle_error")
def _unstorable(context: ExceptionContext) -> DataError | None:
    """Tell of what never reached the database (a number, a moment or a text too far off) by the error doors answer."""
    error = context.original_exception
    return DataError(context.statement, None, error) if isinstance(error, OverflowError | UnicodeEncodeError) else None


def id_in(text: str) -> int:
    """Return the id that an address or a field names; 0, which nothing has, where it names none."""
    # Digits are counted first: Python refuses to read thousands of them.
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_ID and int(text) <= LARGEST_ID else 0


def primary_id() -> Any:
    """Return a primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def reference(target: str, *, primary_key: bool = False, index: bool = False) -> Any:
    """Return a required foreign key to `table.column`."""
    return Field(foreign_key=target, sa_type=BigId, primary_key=primary_key, index=index)


def optional_reference(target: str, *, index: bool = False) -> Any:
    """Return a nullable foreign key to `table.column`."""
    return Field(default=None, foreign_key=target, sa_type=BigId, nullable=True, index=index)


def moment() -> Any:
    """Return a required UTC moment."""
    return Field(sa_type=UtcDateTime)


def optional_moment() -> Any:
    """Return a nullable UTC moment."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True)


class minutes_since_1970(FunctionElement[int]):
    """The whole minutes of a moment, rounded down."""

    type = BigInteger()
    inherit_cache = True


@compiles(minutes_since_1970, "postgresql")
def _minutes_postgresql(element: minutes_since_1970, compiler: SQLCompiler, **kw: Any) -> str:
    # date_part: extract computes with decimals, ten times as long.
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **kw)}) / 60) AS bigint)"


@compiles(minutes_since_1970, "sqlite")
def _minutes_sqlite(element: minutes_since_1970, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(unixepoch({compiler.process(element.clauses, **kw)}) / 60)"


class days_since_1970(FunctionElement[int]):
    """The days of a date."""

    type = BigInteger()
    inherit_cache = True


@compiles(days_since_1970, "postgresql")
def _days_postgresql(element: days_since_1970, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} - DATE '1970-01-01')"


@compiles(days_since_1970, "sqlite")
def _days_sqlite(element: days_since_1970, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(unixepoch({compiler.process(element.clauses, **kw)}) / 86400)"


class has_word(FunctionElement[bool]):
    """Whether a JSON array of words holds one."""

    type = Boolean()
    inherit_cache = True


@compiles(has_word, "postgresql")
def _has_word_postgresql(element: has_word, compiler: SQLCompiler, **kw: Any) -> str:
    return f"jsonb_exists({compiler.process(element.clauses, **kw)})"


@compiles(has_word, "sqlite")
def _has_word_sqlite(element: has_word, compiler: SQLCompiler, **kw: Any) -> str:
    words, word = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(instr({words}, '\"' || {word} || '\"') > 0)"


def reads_like(name: Mapped[str], part: str) -> ColumnElement[bool]:
    """Match names that hold some characters, whatever the spaces between them; Latin letters in any case."""
    spaceless = func.replace(func.replace(name, " ", ""), "\u3000", "")
    return spaceless.icontains("".join(part.split()), autoescape=True)
