"""Tables as files that a spreadsheet opens, with every text as text."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = Mapping[str, object]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_INVARIABLE = datetime(2000, 1, 1, tzinfo=UTC)  # when a workbook says it was made: the same rows make the same file
_WIDEST = 40


def plain_cell(value: object) -> object:
    """Return a cell's value so that no spreadsheet takes it for a formula; figures stay as they are."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def as_csv(rows: Sequence[Row], *, columns: Sequence[str]) -> str:
    """Return rows of plain JSON values as CSV with a header line."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, fieldnames=list(columns))
    writer.writeheader()
    writer.writerows({name: _cell(row.get(name)) for name in columns} for row in rows)
    return lines.getvalue()


def as_xlsx(sheets: Mapping[str, tuple[Sequence[str], Sequence[Row]]]) -> bytes:
    """Return a workbook: each sheet's columns and rows of plain JSON values, the header frozen."""
    import xlsxwriter  # noqa: PLC0415  -- no time of a server's start

    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        book.set_properties({"created": _INVARIABLE})
        head = book.add_format({"bold": True, "bottom": 1})
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, list(columns), head)
            for place, row in enumerate(rows, start=1):
                sheet.write_row(place, 0, [_cell(row.get(column)) for column in columns])
            for place, column in enumerate(columns):
                longest = max((len(str(row.get(column) or "")) for row in rows), default=0)
                sheet.set_column(place, place, min(_WIDEST, max(len(column), longest) + 2))
    return written.getvalue()


def _cell(value: object) -> object:
    return " ".join(map(str, value)) if isinstance(value, list) else plain_cell(value)
