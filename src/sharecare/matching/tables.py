"""CSV tables as columns, with every bad row named by file, line, column and reason."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import numpy.typing as npt

from sharecare.errors import BadFieldError, Reason
from sharecare.matching.fields import Reader

Progress = Callable[[str, int], None]
"""Told what is being done and how many rows of it are."""

_AT_ONCE = 2_000  # rows that die young cost the garbage collector little


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that can't be used; `column` is empty where it is about all of the row."""

    file: str
    line: int
    column: str
    reason: Reason

    def __str__(self) -> str:
        return self.text("en")

    def text(self, language: str) -> str:
        """Return where and why, as compilers tell it; the reason in Japanese for `ja`, else in English."""
        where = f"{self.file}:{self.line}"
        return ": ".join(part for part in (where, self.column, self.reason.text(language)) if part)


_EMPTY = Reason("the file is empty", "ファイルが空です")
_MISSING = Reason("the column is missing", "この列がありません")
_TWICE = Reason("the column stands twice", "この列が二つあります")
_NOT_UTF8 = Reason(
    "is not UTF-8 (in a spreadsheet: save as CSV UTF-8)",
    "UTF-8 ではありません(表計算ソフトでは「CSV UTF-8」で保存してください)",
)
_UTF16 = ("\udcff\udcfe", "\udcfe\udcff")  # its byte-order marks, read as if they were UTF-8


class BadRowsError(ValueError):
    """Rows that can't be used; `rows` holds each, in the order they were found."""

    def __init__(self, rows: Sequence[BadRow]) -> None:
        super().__init__("\n".join(map(str, rows)))
        self.rows = tuple(rows)


class Table:
    """Rows that could be read, as parallel columns, and the rows refused so far."""

    def __init__(self, file: str, columns: dict[str, npt.NDArray[Any]], lines: npt.NDArray[np.int64]) -> None:
        self.file = file
        self.columns = columns
        self.lines = lines
        self.bad: list[BadRow] = []
        self.refused: set[str] = set()
        """First fields of the rows that couldn't be read."""

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, column: str) -> npt.NDArray[Any]:
        return self.columns[column]

    def refuse(self, bad: npt.NDArray[np.bool_], column: str, reason: Reason) -> None:
        """Take rows out, for one reason."""
        if not bad.any():
            return
        self.bad += [BadRow(self.file, line, column, reason) for line in self.lines[bad].tolist()]
        self.leave_out(bad)

    def leave_out(self, rows: npt.NDArray[np.bool_]) -> None:
        """Take rows out that need no reason of their own."""
        self.columns = {name: values[~rows] for name, values in self.columns.items()}
        self.lines = self.lines[~rows]


def read_table(path: Path, readers: Mapping[str, Reader], progress: Progress) -> Table:
    """Read the named columns of a UTF-8 CSV file with a header row; other columns are ignored.

    Raises:
        BadRowsError: a column is missing or stands twice.

    """
    bad: list[BadRow] = []
    refused: set[str] = set()
    values: list[list[object]] = [[] for _ in readers]
    lines: list[int] = []
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        rows = _rows(file, str(path), bad)
        _, header = next(rows, (1, []))
        _check_header(header, readers, str(path))
        while part := list(islice(rows, _AT_ONCE)):
            try:
                read = _columns(part, header, readers)
            except ValueError:  # now it is worth the time to find out where
                faults = [[*_faults(row, header, readers)] for _, row in part]
                found = zip(part, faults, strict=True)
                bad += [BadRow(str(path), line, *fault) for (line, _), some in found for fault in some]
                key = header.index(next(iter(readers)))
                refused |= {row[key] for (_, row), some in zip(part, faults, strict=True) if some and key < len(row)}
                part = [row for row, some in zip(part, faults, strict=True) if not some]
                read = _columns(part, header, readers)
            lines += [line for line, _ in part]
            for column, more in zip(values, read, strict=True):
                column.extend(more)
            progress(path.name, len(lines))
    arrays = {name: _array(column) for name, column in zip(readers, values, strict=True)}
    table = Table(str(path), arrays, np.array(lines, np.int64))
    table.bad, table.refused = bad, refused
    return table


def _check_header(header: Sequence[str], readers: Mapping[str, Reader], file: str) -> None:
    if not header:
        raise BadRowsError([BadRow(file, 1, "", _EMPTY)])
    if header[0].startswith(_UTF16):
        raise BadRowsError([BadRow(file, 1, "", _NOT_UTF8)])
    faults = [BadRow(file, 1, name, _MISSING) for name in readers if name not in header]
    faults += [BadRow(file, 1, name, _TWICE) for name in readers if header.count(name) > 1]
    if faults:
        raise BadRowsError(faults)


def _rows(file: TextIO, name: str, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """Give each row with the number of its first line; blank lines are none."""
    reader = csv.reader(file, strict=True)
    before = 0
    while True:
        try:
            for row in reader:
                if row:
                    yield before + 1, row
                before = reader.line_num
        except csv.Error as error:
            bad.append(BadRow(name, before + 1, "", Reason(str(error), f"CSV として読めません({error})")))
            before = reader.line_num
        else:
            return


def _columns(
    part: Sequence[tuple[int, list[str]]], header: Sequence[str], readers: Mapping[str, Reader]
) -> list[list[object]]:
    """Read all rows column by column.

    Raises:
        ValueError: something is wrong somewhere.

    """
    rows = [row for _, row in part]
    if any(map(len(header).__ne__, map(len, rows))):
        raise ValueError("a row is too short or too long")
    "".join(map("".join, rows)).encode()  # no lone surrogates: it was UTF-8
    fields = list(zip(*rows, strict=True)) or [()] * len(header)
    return [list(map(read, fields[header.index(name)])) for name, read in readers.items()]


def _faults(row: Sequence[str], header: Sequence[str], readers: Mapping[str, Reader]) -> Iterator[tuple[str, Reason]]:
    """Find what is wrong with a row: column and reason."""
    if len(row) != len(header):
        has, should = len(row), len(header)
        yield "", Reason(f"has {has} fields, the header {should}", f"{has}列あります。見出しは{should}列です")
        return
    for name, field in zip(header, row, strict=True):
        try:
            field.encode()
            if name in readers:
                readers[name](field)
        except UnicodeEncodeError:
            yield name, _NOT_UTF8
        except BadFieldError as bad_field:
            yield name, bad_field.reason


def _array(values: list[object]) -> npt.NDArray[Any]:
    """Lay out values of one kind; texts stay Python's own."""
    if not values:
        return np.zeros(0, np.int64)
    return np.array(values, dtype=object if isinstance(values[0], str) else None)
