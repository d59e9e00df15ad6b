"""Cursor paging by id: stable while rows are added."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
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
    if cursor is None:
        return None
    try:
        after = int(urlsafe_b64decode(cursor.encode()).decode())
    except ValueError as error:
        raise BadCursor from error
    if not 0 < after <= LARGEST_ID:
        raise BadCursor
    return after


def page_of(rows: Sequence[T], *, limit: int, key: Callable[[T], int]) -> Page[T]:
    """Return a page from up to `limit + 1` rows; the extra row only says that more follow."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next_cursor=_cursor(key(items[-1])) if more else None)


def beginning_with(key: int) -> str:
    """Return the cursor of the page that a row begins."""
    return _cursor(key + 1)


def _cursor(key: int) -> str:
    return urlsafe_b64encode(str(key).encode()).decode()
