"""Several months as one, from what each month tells."""

from collections.abc import Mapping
from datetime import date

import pytest

from sharecare.metrics.schemas import AreaReport, Audience, Breakdown, Figure, Portion, Unit, Words
from sharecare.metrics.together import Told, cells, hours_of_week, matched_of, share, told, total, typical

WORDS = Words(ja="", en="")
UNKNOWN = {"withheld": True}


def report(groups: Mapping[str, Mapping[str, float] | None] | None = None, **figures: object) -> AreaReport:
    """Make a month's report: a figure as its value, as a range or withheld; a breakdown, None where withheld."""
    return AreaReport(
        area="misono",
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 30),
        as_of=date(2026, 6, 30),
        audience=Audience.STAFF,
        k=5,
        figures=[
            Figure.model_validate({"name": name, "unit": Unit.COUNT, "definition": WORDS, **_shape(shown)})
            for name, shown in figures.items()
        ],
        breakdowns=[
            Breakdown(
                name=name,
                unit=Unit.HOURS,
                groups=[Portion(label=label, value=value) for label, value in (held or {}).items()],
                withheld=held is None,
                definition=WORDS,
            )
            for name, held in (groups or {}).items()
        ],
        goals=[],
    )


def _shape(shown: object) -> dict[str, object]:
    if isinstance(shown, tuple):
        return {"at_least": shown[0], "at_most": shown[1]}
    return shown if isinstance(shown, dict) else {"value": shown}


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ([3, 4], Told(7, 7)),
        ([3, (9, 14)], Told(12, 17)),
        ([3, UNKNOWN], Told(3, None)),
        ([UNKNOWN, UNKNOWN], Told(None, None, withheld=True)),
    ],
)
def test_a_sum_is_as_wide_as_what_the_months_tell(months: list[object], expected: Told) -> None:
    assert total([report(requests=shown) for shown in months], "requests") == expected


def test_months_before_the_areas_first_day_add_nothing() -> None:
    before = report(requests=0).model_copy(update={"as_of": None})

    assert total([before, report(requests=3)], "requests") == Told(3, 3)
    assert total([before], "requests") == Told(None, None)


def test_a_share_weighs_each_month_and_leaves_out_what_is_withheld() -> None:
    months = [
        report(fill_rate=0.5, requests_counted=10),
        report(fill_rate=(0.75, 1.0), requests_counted=30),
        report(fill_rate=UNKNOWN, requests_counted=99),
    ]

    assert share(months, "fill_rate") == Told(0.6875, 0.875)
    assert share(months[2:], "fill_rate") == Told(None, None, withheld=True)


def test_a_rate_weighs_each_month_by_its_hours_and_leaves_out_what_is_withheld() -> None:
    months = [
        report(near_misses_per_1000_hours=20, care_hours=100),
        report(near_misses_per_1000_hours=0, care_hours=300),
        report(near_misses_per_1000_hours=UNKNOWN, care_hours=900),
    ]

    assert share(months, "near_misses_per_1000_hours") == Told(5, 5)
    assert share(months[2:], "near_misses_per_1000_hours") == Told(None, None, withheld=True)


def test_a_median_lies_between_those_of_the_months() -> None:
    months = [report(wait=20), report(wait=35), report(wait=UNKNOWN)]

    assert typical(months, "wait") == Told(20, 35)
    assert typical(months[2:], "wait") == Told(None, None, withheld=True)


def test_a_figure_that_is_undefined_is_not_withheld() -> None:
    assert told(report(coverage=None), "coverage") == Told(None, None)


def test_hours_are_as_fine_as_every_month_tells_them() -> None:
    fine = report({"unmet_hours_by_time": {"tue 17-18": 2, "wed 18-19": 1, "sat 09-10": 4}})
    coarse = report({"unmet_hours_by_time": {"weekdays 15-18": 5, "elsewhere": 1}})
    none = report({"unmet_hours_by_time": None})

    found = hours_of_week([fine, coarse, none])

    assert found == {"weekdays 15-18": 7, "wed 18-19": 1, "sat 09-10": 4, "elsewhere": 1}


def test_what_one_month_tells_of_the_whole_week_only_lies_elsewhere_beside_a_finer_one() -> None:
    fine, whole = (report({"unmet_hours_by_time": held}) for held in ({"tue 17-18": 2}, {"all": 9}))

    assert hours_of_week([fine, whole]) == {"tue 17-18": 2, "elsewhere": 9}
    assert hours_of_week([whole]) == {"all": 9}
    assert hours_of_week([whole, whole]) == {"all": 18}


def test_cells_are_as_fine_as_every_month_tells_them() -> None:
    fine = report({"unmet_hours_by_cell": {"5339477711": 1, "533947772": 2, "533947801": 3}})
    coarse = report({"unmet_hours_by_cell": {"53394777": 5}})

    assert cells([fine, coarse]) == {"53394777": 8, "533947801": 3}


def test_matched_requests_are_no_more_than_those_that_count() -> None:
    # Told of all opened requests, they were shown beside those that count: 34 to 51 of 45.
    found = matched_of(Told(45, 45), Told(46, 51), Told(34, 51), Told(34, 34))

    assert found == Told(34, 45)


def test_matched_requests_leave_out_as_many_as_were_withdrawn_early() -> None:
    assert matched_of(Told(40, 40), Told(46, 46), Told(44, 44), Told(30, 30)) == Told(38, 40)
    assert matched_of(Told(40, 40), Told(40, 40), Told(35, 35), Told(30, 30)) == Told(35, 35)


def test_matched_requests_stay_unknown_where_months_withhold_theirs() -> None:
    assert matched_of(Told(45, 45), Told(45, 45), Told(None, None, withheld=True), Told(None, None)).withheld
    assert matched_of(Told(40, None), Told(40, None), Told(30, None), Told(20, None)) == Told(20, None)
