"""Values of a column as JSON, and back: the same on both databases."""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Date, LargeBinary
from sqlalchemy.types import JSON, Boolean, TypeEngine

from sharecare.columns import Json, UtcDateTime

Coded = Callable[[Any], Any]


class Code(NamedTuple):
    """How a kind of value is written and read; None is always null."""

    write: Coded
    read: Coded
    type: TypeEngine[Any] | None  # None leaves it to the driver


def _same(value: Any) -> Any:  # noqa: ANN401  -- whatever the column holds
    return value


CODES: dict[str, Code] = {
    "plain": Code(_same, _same, None),
    "flag": Code(bool, bool, Boolean()),
    "json": Code(_same, _same, Json),
    "date": Code(date.isoformat, date.fromisoformat, Date()),
    "moment": Code(lambda at: at.astimezone(UTC).isoformat(), datetime.fromisoformat, UtcDateTime()),
    "bytes": Code(lambda data: base64.b64encode(data).decode(), base64.b64decode, LargeBinary()),
}
_TYPES = ((UtcDateTime, "moment"), (Date, "date"), (JSON, "json"), (Boolean, "flag"), (LargeBinary, "bytes"))


def code_of(column: Column[Any]) -> str:
    """Return the name of the code that a column's values take."""
    return next((name for kind, name in _TYPES if isinstance(column.type, kind)), "plain")
