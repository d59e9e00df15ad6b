"""A report as a file."""

import csv
import io
from datetime import date

from sharecare.areas.rules import GoalMetric
from sharecare.metrics.schemas import AreaReport, Audience, Breakdown, Figure, GoalProgress, Portion, Unit, Words
from sharecare.metrics.writers import COLUMNS, as_csv, as_json

WORDS = Words(ja="=HYPERLINK(1)", en="@SUM(1)")
REPORT = AreaReport(
    area="misono",
    first_day=date(2026, 6, 1),
    last_day=date(2026, 6, 30),
    as_of=None,
    audience=Audience.STAFF,
    k=5,
    figures=[
        Figure(name="uses", unit=Unit.COUNT, value=7, definition=WORDS),
        Figure(name="coverage", unit=Unit.SHARE, at_least=0.5, at_most=0.9, definition=WORDS),
        Figure(name="fill_rate", unit=Unit.SHARE, withheld=True, definition=WORDS),
    ],
    breakdowns=[
        Breakdown(name="cells", unit=Unit.HOURS, groups=[Portion(label="+1", value=2)], definition=WORDS),
        Breakdown(name="times", unit=Unit.HOURS, groups=[], withheld=True, definition=WORDS),
    ],
    goals=[
        GoalProgress(
            metric=GoalMetric.USES,
            target=100,
            result=7,
            from_date=date(2026, 6, 1),
            until_date=date(2026, 6, 30),
            pace_per_week=None,
        )
    ],
)


def rows(language: str = "ja") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(REPORT, language=language))))


def test_json_reads_back_as_the_same_report() -> None:
    assert AreaReport.model_validate_json(as_json(REPORT)) == REPORT


def test_csv_has_a_line_for_each_figure_group_and_part_of_a_goal() -> None:
    found = [(row["kind"], row["name"], row["label"], row["value"], row["withheld"]) for row in rows()]

    assert tuple(rows()[0]) == COLUMNS
    assert found == [
        ("figure", "uses", "", "7.0", "False"),
        ("figure", "coverage", "", "", "False"),
        ("figure", "fill_rate", "", "", "True"),
        ("group", "cells", "'+1", "2.0", "False"),
        ("group", "times", "", "", "True"),
        ("goal", "uses", "target", "100", ""),
        ("goal", "uses", "result", "7", ""),
        ("goal", "uses", "pace_per_week", "", ""),
    ]


def test_csv_never_begins_a_cell_as_a_formula_does() -> None:
    assert {row["definition"] for row in rows()} == {"'=HYPERLINK(1)", ""}
    assert {row["definition"] for row in rows("en")} == {"'@SUM(1)", ""}
