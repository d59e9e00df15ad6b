"""What is too small is shown coarser, and can't be had back."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from sharecare.metrics.privacy import Backing, Group, Leaf, Side, Span, merged, span_above, span_of

K = 10


def leaf(path: tuple[str, ...], families: range, amount: int = 60) -> Leaf:
    return Leaf(path, frozenset(families), amount)


def shown(groups: list[Group] | None) -> list[tuple[str, int, int]] | None:
    return None if groups is None else [(group.label, len(group.families), group.amount) for group in groups]


def test_groups_that_are_large_enough_stay_as_they_are() -> None:
    leaves = [leaf(("a1", "a"), range(10)), leaf(("a2", "a"), range(12))]

    assert shown(merged(leaves, k=K)) == [("a1", 10, 60), ("a2", 12, 60)]


def test_a_small_cell_takes_its_siblings_with_it_into_the_parent() -> None:
    leaves = [leaf(("a1", "a"), range(3)), leaf(("a2", "a"), range(3, 20)), leaf(("b1", "b"), range(30, 45))]

    assert shown(merged(leaves, k=K)) == [("a", 20, 120), ("b1", 15, 60)]


def test_what_is_small_at_the_top_is_elsewhere_and_the_smallest_group_joins_it() -> None:
    leaves = [leaf(("a",), range(2)), leaf(("b",), range(10, 25)), leaf(("c",), range(30, 42))]

    assert shown(merged(leaves, k=K)) == [("b", 15, 60), ("elsewhere", 14, 120)]


def test_elsewhere_stands_alone_where_it_is_large_enough() -> None:
    leaves = [leaf((name,), range(start, start + 5)) for start, name in ((0, "a"), (5, "b"))]

    assert shown(merged([*leaves, leaf(("c",), range(20, 40))], k=K)) == [("c", 20, 60), ("elsewhere", 10, 120)]


def test_a_family_in_several_cells_counts_once() -> None:
    leaves = [leaf((name,), range(6)) for name in "ab"]

    assert merged(leaves, k=K) is None
    assert shown(merged(leaves, k=5)) == [("a", 6, 60), ("b", 6, 60)]


def test_the_whole_is_withheld_where_even_it_is_too_small() -> None:
    assert merged([leaf(("a",), range(4)), leaf(("b",), range(4, 8))], k=K) is None
    assert merged([], k=K) == []


def test_supporters_must_be_enough_as_well() -> None:
    few = Leaf(("pickup",), frozenset(range(20)), 5, frozenset({1}))
    many = Leaf(("care",), frozenset(range(20)), 5, frozenset(range(12)))

    assert shown(merged([few, many], k=K)) == [("all", 20, 10)]


trees = st.lists(
    st.builds(
        lambda number, families, amount: Leaf(
            (f"q{number}", f"h{number // 4}", f"t{number // 16}"), frozenset(families), amount
        ),
        st.integers(0, 63),
        st.sets(st.integers(0, 60), min_size=1, max_size=20),
        st.integers(1, 600),
    ),
    max_size=30,
    unique_by=lambda one: one.path[0],
)


@given(trees, st.integers(1, 12))
def test_every_small_group_lies_in_one_of_at_least_k_families_and_all_add_up(leaves: list[Leaf], k: int) -> None:
    groups = merged(leaves, k=k)

    if groups is None:
        assert len(frozenset().union(*(one.families for one in leaves))) < k
        return
    assert all(len(group.families) >= k for group in groups)
    assert sorted(one.path for group in groups for one in group.leaves) == sorted(one.path for one in leaves)
    assert sum(group.amount for group in groups) == sum(one.amount for one in leaves)
    assert len({group.label for group in groups}) == len(groups)


@given(
    st.lists(st.tuples(st.integers(0, 25), st.integers(0, 15), st.integers(0, 11)), min_size=1, max_size=40),
    st.integers(2, 8),
)
def test_no_sum_or_difference_of_two_breakdowns_gives_a_small_group_back(
    needs: list[tuple[int, int, int]], k: int
) -> None:
    """Who reads a report has an equation for each figure; a small cell or hour must not follow from them.

    The reader doesn't know at which hours a cell's need lies, so what is unknown is every cell at every hour.
    """
    cells, hours = sorted({cell for _, cell, _ in needs}), sorted({hour for *_, hour in needs})
    by_cell = [Leaf((f"{cell}", f"{cell // 4}+"), frozenset({family}), 1) for family, cell, _ in needs]
    by_hour = [Leaf((f"{hour}", f"{hour // 3}+"), frozenset({family}), 1) for family, _, hour in needs]
    shown = [np.outer(_holds(of, cells), np.ones(len(hours))) for of in _told(by_cell, k)]
    shown += [np.outer(np.ones(len(cells)), _holds(of, hours)) for of in _told(by_hour, k)]
    equations = np.array([np.ones(len(cells) * len(hours)), *(one.ravel() for one in shown)])
    small = [np.outer(_holds({label}, cells), np.ones(len(hours))) for label in _small(by_cell, k)]
    small += [np.outer(np.ones(len(cells)), _holds({label}, hours)) for label in _small(by_hour, k)]
    if len({family for family, *_ in needs}) >= k:
        assert not any(_follows(one.ravel(), equations) for one in small)


def _told(leaves: list[Leaf], k: int) -> list[set[str]]:
    return [{leaf.path[0] for leaf in group.leaves} for group in merged(leaves, k=k) or ()]


def _small(leaves: list[Leaf], k: int) -> list[str]:
    families: dict[str, set[int]] = {}
    for leaf in leaves:
        families.setdefault(leaf.path[0], set()).update(leaf.families)
    return [label for label, of in families.items() if len(of) < k]


def _holds(labels: set[str], every: list[int]) -> npt.NDArray[np.float64]:
    return np.array([float(str(one) in labels) for one in every])


def _follows(wanted: npt.NDArray[np.float64], equations: npt.NDArray[np.float64]) -> bool:
    found = np.linalg.lstsq(equations.T, wanted, rcond=None)[0]
    return bool(np.allclose(equations.T @ found, wanted, atol=1e-9))


def side(count: int, families: int) -> Side:
    return Side(count, Backing(families))


def test_a_part_is_told_exactly_where_both_sides_are_large_enough() -> None:
    assert span_of(side(30, 12), side(15, 11), k=K) == Span(30, 30)
    assert span_of(side(30, 12), side(0, 0), k=K) == Span(30, 30)


def test_a_small_rest_is_told_as_a_range_of_the_part() -> None:
    assert span_of(side(48, 40), side(2, 2), k=K) == Span(39, 49)


def test_nothing_is_told_where_no_range_is_wide_enough() -> None:
    assert span_of(side(8, 8), side(3, 3), k=K) is None


def test_a_count_beside_what_is_told_is_a_range_that_the_true_one_does_not_move() -> None:
    assert span_above(40, side(2, 2), k=K) == Span(41, 51)
    assert span_above(40, side(9, 3), k=K) == Span(41, 51)
    assert span_above(40, side(0, 0), k=K) == Span(40, 40)


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_the_range_of_a_small_side_is_k_wide_whatever_is_known_of_the_rule(
    part: int, rest: int, data: st.DataObject
) -> None:
    """An attacker who knows the rule and the whole tries every part that would have been told in the same words."""
    families = [data.draw(st.integers(min(1, count), min(count, K + 3))) for count in (part, rest)]
    told = span_of(side(part, families[0]), side(rest, families[1]), k=K)
    if told is None or told.low == told.high:
        return
    assert told.low <= part <= told.high
    whole = part + rest
    feasible = [
        count
        for count in range(whole + 1)
        for few in (True, False)
        if span_of(_of_few(count, few), _of_few(whole - count, not few), k=K) == told
    ]
    assert max(feasible) - min(feasible) >= K


def _of_few(count: int, few: bool) -> Side:
    return side(count, min(count, K - 1 if few else K))
