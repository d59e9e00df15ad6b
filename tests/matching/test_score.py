import numpy as np
import pytest

from sharecare.matching import FRIEND_BASE, VOUCH_BASE, Weights, community_weight, link_strength
from sharecare.matching.score import rank_key


@pytest.mark.parametrize(
    ("base", "supports", "strength"),
    [(FRIEND_BASE, 0, 0.6), (VOUCH_BASE, 0, 0.5), (0, 0, 0), (FRIEND_BASE, 1, 0.68), (0, 2, 0.36)],
)
def test_link_grows_with_supports(base: float, supports: int, strength: float) -> None:
    assert link_strength(base, supports) == pytest.approx(strength, abs=1e-15)


def test_link_stops_growing_at_ten_supports() -> None:
    assert link_strength(FRIEND_BASE, 11) == link_strength(FRIEND_BASE, 10) < 1


def test_communities_of_more_than_300_count_less() -> None:
    assert (community_weight(300), community_weight(301)) == (0.2, 0.05)


def test_default_weights_sum_to_one() -> None:
    assert sum(Weights()) == pytest.approx(1, abs=1e-15)


def test_scores_that_differ_below_a_billionth_rank_alike() -> None:
    assert rank_key(np.array([0.3, 0.1 + 0.2, 0.300000001])).tolist() == [300_000_000, 300_000_000, 300_000_001]
