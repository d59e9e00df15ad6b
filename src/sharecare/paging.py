"""Cursor paging by id, or by moment and id: stable while rows are added."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from sharecare.columns import LARGEST_ID
from sharecare.errors import Refusal

T = TypeVar("T")
MAX_PAGE = 100


class BadCursor(Refusal):
    """The cursor was not one of ours."""

    status = 400
    ja = "続きの位置を読み取れませんでした。最初から読み込み直してください。"
    en = "That cursor can't be read. Start again from the first page."


class Page(BaseModel, Generic[T]):
    """One page of a list, newest first; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def read_cursor(cursor: str | None) -> int | None:
    """Return the id that the page before ended with.

    Raises:
        BadCursor: the text is not a cursor.

    """
    return None if cursor is None else _id_in(_decoded(cursor))


def read_moment_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the moment and the id that the page before ended with.

    Raises:
        BadCursor: the text is not such a cursor.

    """
    if cursor is None:
        return None
    at, _, after = _decoded(cursor).partition(" ")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), _id_in(after)
    except (ValueError, OverflowError) as error:
        raise BadCursor from error


def page_of(rows: Sequence[T], *, limit: int, key: Callable[[T], int]) -> Page[T]:
    """Return a page from up to `limit + 1` rows; the extra row only says that more follow."""
    return _page(rows, limit, lambda row: str(key(row)))


def page_by_moment(rows: Sequence[T], *, limit: int, key: Callable[[T], tuple[datetime, int]]) -> Page[T]:
    """Return a page from up to `limit + 1` rows that a moment and an id put in order."""

    def told(row: T) -> str:
        at, after = key(row)
        return f"{at.isoformat()} {after}"

    return _page(rows, limit, told)


def beginning_with(key: int) -> str:
    """Return the cursor of the page that a row begins."""
    return _cursor(str(key + 1))


def _page(rows: Sequence[T], limit: int, told: Callable[[T], str]) -> Page[T]:
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next_cursor=_cursor(told(items[-1])) if more else None)


def _cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


def _decoded(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor.encode()).decode()
    except ValueError as error:
        raise BadCursor from error


def _id_in(text: str) -> int:
    try:
        after = int(text)
    except ValueError as error:
        raise BadCursor from error
    if not 0 < after <= LARGEST_ID:
        raise BadCursor
    return after
