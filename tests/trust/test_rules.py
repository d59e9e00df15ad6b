"""What ties are worth, and how they read from either side."""

from itertools import product

import pytest

from sharecare.areas.rules import Level
from sharecare.trust.rules import (
    CODE_ALPHABET,
    FriendState,
    base_strength,
    community_weight,
    friend_state,
    pair,
    read_code,
    strength,
)


@pytest.mark.parametrize(
    ("base", "supports", "expected"),
    [(0.6, 0, 0.6), (0.6, 1, 0.68), (0.5, 0, 0.5), (0.5, 2, 0.68), (0.0, 0, 0.0), (0.0, 1, 0.2), (0.0, 2, 0.36)],
)
def test_strength_grows_with_supports(base: float, supports: int, expected: float) -> None:
    assert strength(base, supports) == pytest.approx(expected, abs=1e-12)


def test_strength_stops_growing_after_ten_supports() -> None:
    assert strength(0.6, 11) == strength(0.6, 10) == strength(0.6, 1000)


@pytest.mark.parametrize(
    ("friends", "vouched", "level", "expected"),
    [
        (True, True, Level.REGISTERED, 0.6),
        (True, False, Level.REGISTERED, 0.6),
        (False, True, Level.IDENTIFIED, 0.5),
        (False, True, Level.CERTIFIED, 0.5),
        (False, True, Level.REGISTERED, 0.0),
        (False, False, Level.CERTIFIED, 0.0),
    ],
)
def test_vouch_counts_while_its_voucher_is_identified(
    *, friends: bool, vouched: bool, level: Level, expected: float
) -> None:
    assert base_strength(friends=friends, vouched=vouched, voucher_level=level) == expected


@pytest.mark.parametrize(("members", "weight"), [(2, 0.2), (300, 0.2), (301, 0.05)])
def test_large_communities_say_little(members: int, weight: float) -> None:
    assert community_weight(members) == weight


def test_friendship_takes_both_approvals_and_a_meeting() -> None:
    states = {
        (mine, theirs, met): friend_state(mine=mine, theirs=theirs, met=met)
        for mine, theirs, met in product((False, True), repeat=3)
    }

    assert states == {
        (False, False, False): None,
        (False, False, True): FriendState.PARTED,
        (False, True, False): FriendState.ASKED_BY_THEM,
        (False, True, True): FriendState.ASKED_BY_THEM,
        (True, False, False): FriendState.ASKED_BY_ME,
        (True, False, True): FriendState.ASKED_BY_ME,
        (True, True, False): FriendState.WAITING_TO_MEET,
        (True, True, True): FriendState.FRIENDS,
    }


@pytest.mark.parametrize("typed", ["ACDE-3467", "acde3467", " ａｃｄｅ－３４６７ ", "ACDE 3467"])
def test_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "ACDE3467"


def test_codes_have_no_lookalikes() -> None:
    for alike in ("0OQ", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(CODE_ALPHABET) & set(alike)) <= 1


def test_a_pair_is_the_same_from_either_side() -> None:
    assert pair(7, 3) == pair(3, 7) == (3, 7)
