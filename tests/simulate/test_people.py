from itertools import combinations

import numpy as np
import pytest

from sharecare.simulate import Behaviour
from sharecare.simulate.people import Answer, answers, dice, later, willingness

PEOPLE = np.arange(20_000)


def test_willingness_follows_its_formula() -> None:
    mind = Behaviour(willing_stranger=0.2, willing_friend=0.8, reach_m=1000.0, tiring_messages=10.0)

    chance = willingness(mind, np.array([0.0, 1000.0, 0.0]), np.array([0.5, 0.0, 1.0]), np.array([0, 0, 10]))

    assert chance.tolist() == pytest.approx([0.5, 0.2 / np.e, 0.4])


def test_dice_are_even_and_depend_on_each_key() -> None:
    thrown = [dice(1, 2, PEOPLE, 0), dice(2, 1, PEOPLE, 0), dice(1, 2, PEOPLE, 1)]

    assert all(some.min() >= 0 and some.max() < 1 for some in thrown)
    assert all(abs(some.mean() - 0.5) < 0.01 for some in thrown)
    # Seed and number added up before mixing, once: seed 1's second request then had the dice of seed 2's first.
    assert all(abs(np.corrcoef(one, other)[0][1]) < 0.03 for one, other in combinations(thrown, 2))


def test_a_persons_dice_do_not_depend_on_who_else_is_asked() -> None:
    mind = Behaviour()
    everyone = answers(mind, (1, 2), PEOPLE, np.full(len(PEOPLE), 0.4))
    few = answers(mind, (1, 2), PEOPLE[7:9], np.full(2, 0.4))

    assert few.answer.tolist() == everyone.answer[7:9].tolist()
    assert few.after_min.tolist() == everyone.after_min[7:9].tolist()


def test_answers_come_as_often_and_as_late_as_assumed() -> None:
    given = answers(Behaviour(), (1, 2), PEOPLE, np.full(len(PEOPLE), 0.3))

    shares = np.bincount(given.answer, minlength=3) / len(PEOPLE)
    assert shares[Answer.YES] == pytest.approx(0.3, abs=0.01)
    assert shares[Answer.NO] == pytest.approx(0.7 * 0.4, abs=0.01)
    assert np.median(given.after_min) == pytest.approx(25, abs=1)
    assert np.quantile(given.after_min, 0.9) == pytest.approx(25 * np.exp(1.2816), rel=0.05)


def test_the_more_willing_say_yes_to_all_that_the_less_willing_do() -> None:
    less, more = (answers(Behaviour(), (1, 2), PEOPLE, np.full(len(PEOPLE), share)) for share in (0.2, 0.3))

    assert (more.answer[less.answer == Answer.YES] == Answer.YES).all()


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        (12 * 60, 30, 12 * 60 + 30),
        (21 * 60 + 55, 25, 24 * 60 + 7 * 60 + 20),
        (23 * 60, 0, 24 * 60 + 7 * 60),
        (3 * 60, 10, 7 * 60 + 10),
        (12 * 60, 15 * 60, 36 * 60),
    ],
)
def test_no_clock_runs_at_night(at: int, minutes: int, expected: int) -> None:
    midnight = 20_605 * 1440 - 540

    assert later(Behaviour(), "Asia/Tokyo", midnight + at, minutes) == midnight + expected
