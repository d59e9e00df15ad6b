"""Terms, moves and coverage, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sharecare.areas.rules import CareKind, Level, Means
from sharecare.insurance.rules import (
    Coverage,
    CoverState,
    LedgerKind,
    Support,
    Term,
    Terms,
    coverage,
    covered_until,
    entry_hash,
    least_level,
    objections,
    state_after,
)
from sharecare.journal.rules import GENESIS


def at(day_and_time: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day_and_time}:00+09:00")


TERMS = Terms(
    kinds={CareKind.PICKUP: Level.REGISTERED, CareKind.OWN_HOME: Level.IDENTIFIED},
    means=(Means.FOOT, Means.TRANSIT),
    min_child_months=12,
    max_child_months=155,
    max_children=2,
    hours_from="06:00",
    hours_until="20:00",
    timezone="Asia/Tokyo",
    grace_minutes=30,
    max_temperature_c=37.5,
)
PICKUP = Support(CareKind.PICKUP, Means.FOOT, at("21T17:30"), at("21T19:00"), (24, 60), Level.REGISTERED)


def test_a_support_within_every_term_meets_no_objection() -> None:
    assert objections(TERMS, PICKUP) == ()


@pytest.mark.parametrize(
    ("change", "term", "ja", "en"),
    [
        (
            {"kind": CareKind.EVENT, "means": None},
            Term.KIND,
            "イベント会場での預かりは保険の対象外です(対象: 送迎・サポーター宅での預かり)。",
            "The insurance does not cover care at an event (covered: pick-up, care at the supporter's home).",
        ),
        (
            {"means": Means.CAR},
            Term.MEANS,
            "車での送迎は保険の対象外です(対象: 徒歩・電車・バス)。",
            "The insurance does not cover a pick-up by car (covered: on foot, by public transport).",
        ),
        (
            {"child_ages_months": (24, 36, 48)},
            Term.CHILDREN,
            "お子さんが3人です。保険の対象は一度に2人までです。",
            "There are 3 children; the insurance covers 2 at a time.",
        ),
        (
            {"child_ages_months": (11, 24)},
            Term.TOO_YOUNG,
            "お子さんが11か月です。保険の対象は1歳からです。",
            "The child is 11 months old; the insurance covers children from 1 year.",
        ),
        (
            {"child_ages_months": (156,)},
            Term.TOO_OLD,
            "お子さんが13歳です。保険の対象は12歳11か月までです。",
            "The child is 13 years old; the insurance covers children up to 12 years 11 months.",
        ),
        (
            {"end_at": at("21T20:01")},
            Term.HOURS,
            "17:30〜20:01は保険の対象時間(06:00〜20:00)の外にかかります。",
            "17:30–20:01 reaches outside the hours the insurance covers (06:00–20:00).",
        ),
        (
            {"end_at": at("22T07:00")},
            Term.HOURS,
            "17:30〜翌07:00は保険の対象時間(06:00〜20:00)の外にかかります。",
            "17:30–07:00 the next day reaches outside the hours the insurance covers (06:00–20:00).",
        ),
        (
            {"kind": CareKind.OWN_HOME, "means": None},
            Term.LEVEL,
            "サポーターの認定段階は「登録」です。保険の対象は「本人確認済み」からです。",
            "The supporter's level is “registered”; the insurance asks for “identified” or higher.",
        ),
    ],
)
def test_each_failed_term_is_named_with_value_and_limit(change: dict[str, Any], term: Term, ja: str, en: str) -> None:
    (objection,) = objections(TERMS, replace(PICKUP, **change))

    assert (objection.term, objection.text("ja"), objection.text("en")) == (term, ja, en)


def test_several_failed_terms_are_all_named_and_what_can_be_mended_least_comes_first() -> None:
    support = Support(CareKind.EVENT, None, at("21T05:00"), at("21T06:00"), (11, 156, 24), Level.REGISTERED)

    assert [objection.term for objection in objections(TERMS, support)] == [
        Term.KIND,
        Term.CHILDREN,
        Term.TOO_YOUNG,
        Term.TOO_OLD,
        Term.HOURS,
    ]


@pytest.mark.parametrize(
    ("hours", "window", "inside"),
    [
        (("06:00", "20:00"), ("21T06:00", "21T20:00"), True),
        (("06:00", "20:00"), ("21T05:59", "21T08:00"), False),
        (("06:00", "24:00"), ("21T22:00", "22T00:00"), True),
        (("06:00", "24:00"), ("21T22:00", "22T00:01"), False),
        (("06:00", "24:00"), ("21T22:00", "22T07:00"), False),
        (("00:00", "20:00"), ("22T00:00", "22T01:00"), True),
        (("00:00", "24:00"), ("21T22:00", "23T07:00"), True),
    ],
)
def test_only_hours_of_all_day_let_a_support_cross_midnight(
    hours: tuple[str, str], window: tuple[str, str], *, inside: bool
) -> None:
    terms = TERMS.model_copy(update={"hours_from": hours[0], "hours_until": hours[1]})
    support = replace(PICKUP, start_at=at(window[0]), end_at=at(window[1]))

    assert (objections(terms, support) == ()) is inside


def test_hours_are_those_of_the_policys_zone_whatever_zone_a_moment_comes_in() -> None:
    in_utc = replace(PICKUP, start_at=PICKUP.start_at.astimezone(UTC), end_at=PICKUP.end_at.astimezone(UTC))
    in_london = TERMS.model_copy(update={"timezone": "Europe/London"})

    assert objections(TERMS, in_utc) == ()
    assert objections(in_london, replace(in_utc, start_at=at("21T14:00"), end_at=at("21T16:00")))[0].value == (
        "05:00",
        "07:00",
    )


def test_least_level_is_the_one_the_policy_names_for_the_kind() -> None:
    assert least_level(TERMS, CareKind.OWN_HOME) is Level.IDENTIFIED


@pytest.mark.parametrize(
    "change",
    [
        {"hours_from": "20:00", "hours_until": "06:00"},
        {"hours_until": "24:30"},
        {"timezone": "Asia/Urawa"},
        {"min_child_months": 156},
        {"means": []},
        {"kinds": {}},
        {"excess_yen": 5000},
    ],
)
def test_terms_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Terms.model_validate(TERMS.model_dump(mode="json") | change)


def test_no_term_promises_anything_by_default() -> None:
    defaults = {name: field.default for name, field in Terms.model_fields.items() if not field.is_required()}

    assert defaults == {"several_families": False}


@pytest.mark.parametrize(
    "change",
    [{"end_at": PICKUP.start_at}, {"child_ages_months": ()}, {"means": None}, {"kind": CareKind.EVENT}],
)
def test_a_support_that_makes_no_sense_can_not_be_built(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"support|pick-up"):
        replace(PICKUP, **change)


def test_a_support_survives_the_ledger() -> None:
    facts = PICKUP.as_facts()

    assert Support.from_facts(facts, start_at=PICKUP.start_at, end_at=PICKUP.end_at) == PICKUP


LEGAL = {
    (None, "bound"): "bound",
    (None, "quoted"): "quoted",
    ("quoted", "bound"): "bound",
    ("bound", "in_force"): "in_force",
    ("bound", "amended"): "bound",
    ("bound", "voided"): "voided",
    ("voided", "reinstated"): "bound",
    ("in_force", "amended"): "in_force",
    ("in_force", "ended"): "ended",
}


@pytest.mark.parametrize(("state", "kind"), list(product([None, *CoverState], LedgerKind)))
def test_each_move_of_a_cover_is_legal_or_not(state: CoverState | None, kind: LedgerKind) -> None:
    assert state_after(state, kind) == LEGAL.get((state, kind))


ENTRY: dict[str, Any] = {
    "policy_id": 1,
    "seq": 2,
    "cover_id": 3,
    "kind": LedgerKind.BOUND,
    "at": at("20T12:00"),
    "start_at": at("21T17:30"),
    "end_at": at("21T19:00"),
    "data": {"kind": "pickup", "child_ages_months": [24, 60]},
}


@pytest.mark.parametrize("column", list(ENTRY))
def test_every_column_counts_in_the_hash(column: str) -> None:
    altered = ENTRY | {column: {datetime: at("20T12:01"), dict: {}}.get(type(ENTRY[column]), 9)}

    assert entry_hash(GENESIS, altered) != entry_hash(GENESIS, ENTRY)


def test_the_line_before_counts_in_the_hash_and_the_zone_of_a_moment_does_not() -> None:
    in_utc = ENTRY | {"at": ENTRY["at"].astimezone(UTC)}

    assert entry_hash("1" * 64, ENTRY) != entry_hash(GENESIS, ENTRY)
    assert entry_hash(GENESIS, in_utc) == entry_hash(GENESIS, ENTRY)


AGREED = (at("21T17:30"), at("21T19:00"))
RUNS_OUT = at("21T19:30")


@pytest.mark.parametrize(
    ("actual", "grace_used", "gap"),
    [
        (("21T17:30", "21T19:00"), 0, 0),
        (("21T17:35", "21T18:50"), 0, 0),
        (("21T17:30", "21T19:12"), 12, 0),
        (("21T17:30", "21T19:30"), 30, 0),
        (("21T17:30", "21T20:10"), 30, 40),
        (("21T17:20", "21T19:00"), 0, 10),
        (("21T17:20", "21T19:31"), 30, 11),
        (("21T19:40", "21T20:00"), 0, 20),
    ],
)
def test_what_lies_outside_window_and_grace_is_an_open_gap(actual: tuple[str, str], grace_used: int, gap: int) -> None:
    assert coverage(AGREED, (at(actual[0]), at(actual[1])), runs_out_at=RUNS_OUT) == Coverage(
        covered_until=RUNS_OUT, grace_used_minutes=grace_used, open_gap_minutes=gap, is_whole=gap == 0
    )


def test_a_second_beyond_grace_is_a_gap_of_a_whole_minute() -> None:
    reached = coverage(AGREED, (AGREED[0], RUNS_OUT + timedelta(seconds=1)), runs_out_at=RUNS_OUT)

    assert (reached.open_gap_minutes, reached.is_whole) == (1, False)


@given(st.integers(-200, 300), st.integers(0, 400), st.integers(0, 60))
def test_coverage_equals_counting_every_second(start_s: int, length_s: int, grace_s: int) -> None:
    agreed = (AGREED[0], AGREED[0] + timedelta(seconds=120))
    actual = range(start_s, start_s + length_s)

    reached = coverage(
        agreed,
        (AGREED[0] + timedelta(seconds=start_s), AGREED[0] + timedelta(seconds=start_s + length_s)),
        runs_out_at=agreed[1] + timedelta(seconds=grace_s),
    )

    uncovered = sum(not 0 <= second < 120 + grace_s for second in actual)
    in_grace = sum(120 <= second < 120 + grace_s for second in actual)
    assert reached.open_gap_minutes == -(-uncovered // 60)
    assert reached.grace_used_minutes == -(-in_grace // 60)
    assert reached.is_whole is (uncovered == 0)


def test_grace_ends_with_the_policy() -> None:
    assert covered_until(TERMS, at("21T19:00"), at("30T00:00")) == at("21T19:30")
    assert covered_until(TERMS, at("21T19:00"), at("21T19:10")) == at("21T19:10")
