from math import inf, isnan, nan, sqrt
from statistics import fmean, stdev

import pytest

from sharecare.simulate.measures import estimate, gini, paired, summed_up, t_quantile


@pytest.mark.parametrize(
    ("loads", "expected"),
    [([3, 3, 3], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25), ([5], 0.0)],
)
def test_gini_of_known_loads(loads: list[float], expected: float) -> None:
    assert gini(loads) == pytest.approx(expected)


def test_gini_is_half_the_mean_difference_over_the_mean() -> None:
    loads = [0.0, 10.0, 60.0, 60.0, 90.0, 200.0]
    differences = [abs(one - other) for one in loads for other in loads]

    assert gini(loads) == pytest.approx(fmean(differences) / (2 * fmean(loads)))


def test_gini_of_no_load_is_no_number() -> None:
    assert isnan(gini([0, 0]))


def test_interval_is_students() -> None:
    values = [1.0, 2.0, 4.0, 5.0, 3.5]

    mean, low, high = estimate(values)

    half = 2.776 * stdev(values) / sqrt(5)
    assert (mean, low, high) == pytest.approx((3.1, 3.1 - half, 3.1 + half))


def test_one_run_says_nothing_about_certainty() -> None:
    assert estimate([0.4]) == (0.4, -inf, inf)


@pytest.mark.parametrize("metric", ["fill_rate", "gini", "acquainted_share"])
def test_intervals_of_shares_end_at_nothing_and_all(metric: str) -> None:
    # Tables and columns told of fill rates below 0% and over 100%.
    runs = [{metric: value} for value in (0.0, 0.1, 1.0)]
    assert summed_up(runs, metric)[1:] == (0, 1)
    assert paired(runs, [{metric: 1 - run[metric]} for run in runs], metric)[1:] == (-1, 1)


def test_intervals_of_counts_end_at_none() -> None:
    runs = [{"median_min": value} for value in (0.0, 1.0, 90.0)]
    assert summed_up(runs, "median_min").low == 0
    assert summed_up(runs, "median_min").high > 90
    assert summed_up(runs[:1], "median_min") == (0, -inf, inf)


def test_runs_without_the_figure_count_nothing() -> None:
    assert estimate([1.0, nan, 3.0]) == estimate([1.0, 3.0])
    assert isnan(estimate([nan]).mean)


@pytest.mark.parametrize(("degrees", "expected"), [(9, 2.262), (30, 2.042), (39, 2.0227), (99, 1.9842), (10**6, 1.96)])
def test_t_quantile(degrees: int, expected: float) -> None:
    assert t_quantile(degrees) == pytest.approx(expected, abs=5e-4)


def test_paired_differences_are_surer_than_means() -> None:
    ours = [{"fill_rate": value} for value in (0.5, 0.7, 0.9)]
    theirs = [{"fill_rate": value} for value in (0.4, 0.6, 0.8)]

    assert paired(ours, theirs, "fill_rate") == pytest.approx((0.1, 0.1, 0.1))
