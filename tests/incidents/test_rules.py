"""What is serious, by when it is reported, and how a claim may move."""

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from sharecare.incidents.rules import ClaimState, Step, claim_may_become, due_dates, is_serious
from sharecare.incidents.schemas import IncidentDraft

TOKYO = ZoneInfo("Asia/Tokyo")
NEAR_MISS = {"kind": "near_miss", "occurred_at": "2026-06-02T17:20:00+09:00", "place": "園", "what": "つまずきかけた"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("death", "unconscious", "days", "serious"),
    [
        (False, False, None, False),
        (False, False, 29, False),
        (False, False, 30, True),
        (True, False, None, True),
        (False, True, 0, True),
    ],
)
def test_death_unconsciousness_and_thirty_days_are_serious(
    *, death: bool, unconscious: bool, days: int | None, serious: bool
) -> None:
    assert is_serious(death=death, unconscious=unconscious, treatment_days=days) is serious


@pytest.mark.parametrize(
    ("known", "same_day", "next_day", "one_month"),
    [
        ("2026-06-02T17:20", "2026-06-03T00:00", "2026-06-04T00:00", "2026-07-03T00:00"),
        ("2026-06-02T23:59", "2026-06-03T00:00", "2026-06-04T00:00", "2026-07-03T00:00"),
        ("2026-06-03T00:00", "2026-06-04T00:00", "2026-06-05T00:00", "2026-07-04T00:00"),
        ("2026-12-31T08:00", "2027-01-01T00:00", "2027-01-02T00:00", "2027-02-01T00:00"),
        ("2027-01-31T08:00", "2027-02-01T00:00", "2027-02-02T00:00", "2027-03-01T00:00"),
    ],
)
def test_reports_are_due_at_the_ends_of_local_days(known: str, same_day: str, next_day: str, one_month: str) -> None:
    assert due_dates(at(known), TOKYO) == {
        Step.SAME_DAY: at(same_day),
        Step.NEXT_DAY: at(next_day),
        Step.ONE_MONTH: at(one_month),
    }


MOVES = {
    ("filed", "submitted"),
    ("filed", "withdrawn"),
    *(("submitted", closed) for closed in ("settled", "declined", "withdrawn")),
    *((closed, "submitted") for closed in ("settled", "declined", "withdrawn")),
}


@pytest.mark.parametrize(("before", "after"), list(product(ClaimState, ClaimState)))
def test_each_move_of_a_claim_is_legal_or_not(before: ClaimState, after: ClaimState) -> None:
    assert claim_may_become(before, after) is (before == after or (before, after) in MOVES)


@pytest.mark.parametrize("harm", [{"injured": "child"}, {"damage": "眼鏡"}, {"injured": "child", "injury": "すりむき"}])
def test_a_near_miss_hurts_nobody(harm: dict[str, str]) -> None:
    IncidentDraft.model_validate(NEAR_MISS)

    with pytest.raises(ValidationError, match="a near miss hurts nobody"):
        IncidentDraft.model_validate(NEAR_MISS | harm)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"injury": "すりむき"}, "say who was hurt"),
        ({"death": True}, "say who was hurt"),
        ({"injured": "supporter", "child_id": 1}, "a child is named where a child was hurt"),
        ({"what": "番号は 1234 5678 9018"}, "My Number"),
    ],
)
def test_a_report_is_consistent(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        IncidentDraft.model_validate(NEAR_MISS | {"kind": "incident"} | change)
