"""A report as a file."""

import csv
import io

from sharecare.metrics.schemas import AreaReport
from sharecare.spreadsheet import plain_cell

COLUMNS = ("kind", "name", "label", "value", "at_least", "at_most", "withheld", "unit", "definition")
# A spreadsheet runs a cell that begins with one of these.


def as_json(report: AreaReport) -> str:
    """Return the report as JSON, indented to be read."""
    return report.model_dump_json(indent=2)


def as_csv(report: AreaReport, *, language: str = "ja") -> str:
    """Return the report as CSV: one line for each figure, each group of a breakdown and each goal."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, fieldnames=COLUMNS)
    writer.writeheader()
    writer.writerows({name: plain_cell(value) for name, value in row.items()} for row in _rows(report, language))
    return lines.getvalue()


def _rows(report: AreaReport, language: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for figure in report.figures:
        told = figure.model_dump(include={"name", "value", "at_least", "at_most", "withheld", "unit"})
        words = figure.definition
        rows.append({"kind": "figure", **told, "definition": words.ja if language == "ja" else words.en})
    for breakdown in report.breakdowns:
        shared = {"kind": "group", **breakdown.model_dump(include={"name", "withheld", "unit"})}
        groups = [group.model_dump() for group in breakdown.groups] or [{}]
        words = breakdown.definition
        rows += [{**shared, **group, "definition": words.ja if language == "ja" else words.en} for group in groups]
    for goal in report.goals:
        told = goal.model_dump(mode="json", include={"target", "result", "pace_per_week"})
        rows += [{"kind": "goal", "name": goal.metric, "label": name, "value": value} for name, value in told.items()]
    return rows
