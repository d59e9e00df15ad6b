"""Rows of varying length in one pool of parallel columns, replaceable one by one."""

import mmap
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Batch = tuple[Column, Callable[[slice], Sequence[Column]]]
"""The rows of some entries, and how to lay out a part of them: nobody needs to lay them all out first."""

_OWN_PAGES = 2**20
_ROOM = 1.25
_LEAST_ROOM = 4096
_CHUNK = 2**16  # bounds what loading ten million entries needs beside them
_FEW_ROWS = 2**13  # likewise for rows that are rewritten
_NONE = np.zeros(0, np.int64)
_COUNTED = np.arange(_CHUNK)  # shared by all who count from 0
_COUNTED.flags.writeable = False


SPAN = np.dtype([("end", "i4"), ("count", "i4")])
NUMBER = np.dtype([("number", "i4")])
"""Of rows whose entries are numbers of people or of communities."""


class Rows:
    """Compressed rows: entry count and the place after the last entry by row, entries in `columns`.

    What belongs together lies together, so that reading a row takes a line of memory or two. So columns are views with
    gaps between: index them, for `take` would copy all of one first.

    A row that grows moves to the end of the pool and leaves a hole; when holes are half of it, the pool is packed,
    which costs about 10 ns an entry and is paid for by as many entries written before. Room that was never written
    costs no memory: the system hands out pages when they are touched.
    """

    __slots__ = ("_entries", "_holes", "_spans", "_used")

    def __init__(self, entry: np.dtype[np.void], rows: int = 0) -> None:
        self._spans = np.zeros(rows, SPAN)
        self._entries = np.zeros(_LEAST_ROOM, entry)
        self._used = 0
        self._holes = 0

    # Views made at each call: a copy of a view would be a view of nothing.
    @property
    def end(self) -> Column:
        return self._spans["end"]

    @property
    def count(self) -> Column:
        return self._spans["count"]

    @property
    def columns(self) -> list[Column]:
        return _views(self._entries)

    def load(self, batches: Sequence[Batch], rows: int) -> None:
        """Replace everything by entries in any order; a row keeps its entries' order. Where it fails all stays."""
        entries = sum(len(row) for row, _ in batches)
        spans, pool = zeros(rows, SPAN), zeros(int(entries * _ROOM) + _LEAST_ROOM, self._entries.dtype)
        columns, end = _views(pool), spans["end"]
        for (row, _), part in _parts_of(batches):
            np.add.at(spans["count"], row[part], 1)
        end[:] = spans["count"].cumsum(dtype=np.int32) - spans["count"]
        for (row, pick), part in _parts_of(batches):
            order, place = _places(row[part], end)
            for column, values in zip(columns, pick(part), strict=True):
                column[place] = values[order]
        self._spans, self._entries = spans, pool
        self._used, self._holes = entries, 0

    @property
    def room(self) -> int:
        return len(self._spans)

    def laid(self) -> list[Column]:
        """List what native/layout.h reads: where each row ends and how many entries it has, and the entries."""
        return [self._spans, self._entries]

    def extend(self, rows: int) -> None:
        """Make room for row numbers below `rows`."""
        if rows > len(self.end):
            self._spans = resized(self._spans, int(rows * _ROOM) + _LEAST_ROOM)

    def replace(self, row: int, values: Sequence[Column]) -> None:
        length, before = len(values[0]), int(self.count[row])
        if length > before:
            self._holes += before
            if self._used + length > len(self._entries):
                self.count[row] = 0
                self._pack(length)
            self._used += length
            self.end[row] = self._used
        else:
            self._holes += before - length
            self.end[row] -= before - length
        self.count[row] = length
        for view, new in zip(self.row(row), values, strict=True):
            view[:] = new

    def rewrite(self, rewritten: Callable[[Ints, Sequence[Column]], tuple[Ints, Sequence[Column]]]) -> None:
        """Replace rows by shorter ones, many at a time: each entry's owner, ascending, and the columns are given."""
        for part in parts(len(self.count), _FEW_ROWS):
            rows = np.arange(part.start, part.stop)
            owner, place = self.expand(rows)
            entries = self._entries.take(place)
            owner, values = rewritten(owner, [entries[name] for name in entries.dtype.names or ()])
            count = np.bincount(owner, minlength=len(rows))
            self._holes += len(place) - len(owner)
            self.end[part] += count - self.count[part]
            self.count[part] = count
            _, place = self.expand(rows)
            for column, new in zip(self.columns, values, strict=True):
                column[place] = new

    def clear(self, row: int) -> None:
        self._holes += int(self.count[row])
        self.count[row] = 0

    def row(self, row: int) -> list[Column]:
        """View one row's entries."""
        end = self.end.item(row)
        start = end - self.count.item(row)
        return [column[start:end] for column in self.columns]

    def expand(self, rows: Ints) -> tuple[Ints, Ints]:
        """Find all entries of some rows.

        Returns for each entry the position of its row in `rows`, and its place in the columns.
        """
        if not self._used:
            return _NONE, _NONE
        count = self.count[rows].astype(np.int64)  # NumPy repeats and sums by anything else half as fast
        after: Ints = np.add.accumulate(count)
        total = int(after[-1]) if len(after) else 0
        if not total:
            return _NONE, _NONE
        place = (self.end[rows] - after).repeat(count)
        place += counted(total)
        return counted(len(rows)).repeat(count), place

    def rearrange(self, order: Ints, rows: int) -> None:
        """Let row i be what row `order[i]` was, with room for `rows`."""
        if not self._used:
            self._spans = np.zeros(rows, SPAN)
            return
        self._spans = rearranged(self._spans, order, rows)

    def _pack(self, length: int) -> None:
        live = np.flatnonzero(self.count)
        _, place = self.expand(live)
        if 2 * self._holes < self._used:
            place, kept = np.arange(self._used), self._holes
        else:
            count = self.count[live]
            self.end[live] = count.cumsum()
            kept = 0
        room = int((len(place) + length) * _ROOM) + _LEAST_ROOM
        self._entries = rearranged(self._entries, place, room)
        self._used, self._holes = len(place), kept


def _places(row: Column, end: Column) -> tuple[Ints, Column]:
    """Sort a part of the entries being loaded, and find the places they go to; `end` moves past them.

    One sort of whole numbers in place is 5 times as fast as an argsort.
    """
    here = counted(len(row))
    keys = row.astype(np.int64)
    keys *= _CHUNK
    keys += here
    keys.sort()
    row, order = keys // _CHUNK, keys % _CHUNK
    place = end[row] + here
    place[1:] -= np.maximum.accumulate(np.where(row[1:] != row[:-1], here[1:], 0))
    np.add.at(end, row, 1)
    return order, place


def _views(entries: Column) -> list[Column]:
    return [entries[name] for name in entries.dtype.names or ()]


def _parts_of(batches: Sequence[Batch]) -> Iterator[tuple[Batch, slice]]:
    return ((batch, part) for batch in batches for part in parts(len(batch[0])))


def counted(length: int) -> Ints:
    """Count from 0, into an array nobody may write to."""
    return _COUNTED[:length] if length <= _CHUNK else np.arange(length)


def parts(length: int, most: int | None = None) -> list[slice]:
    """Cut a long column into parts."""
    step = most or _CHUNK
    return [slice(first, min(first + step, length)) for first in range(0, length, step)]


def zeros(length: int, dtype: npt.DTypeLike) -> Column:
    """Lay out a column that lives long, if it is large in pages of its own.

    These go back to the system when it is replaced. In the heap, between the short-lived arrays of a load, long-lived
    ones leave holes: 130 MB of them at a million supporters.
    """
    size = np.dtype(dtype).itemsize * length
    if size < _OWN_PAGES:
        return np.zeros(length, dtype)
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.frombuffer(mmap.mmap(-1, size), dtype, length)
    # Linux gives large pages to private memory only. A ranking reads a few bytes in many places.
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel built without
        pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype, length)


def rearranged(column: Column, order: Ints, room: int) -> Column:
    """Copy entries in another order into a longer column; what lies beyond is zero."""
    longer = zeros(room, column.dtype)
    for part in parts(len(order)):
        longer[part] = column.take(order[part])
    return longer


def resized(column: Column, room: int) -> Column:
    """Copy into a longer column; what lies beyond is zero."""
    longer = zeros(room, column.dtype)
    longer[: len(column)] = column
    return longer
