"""Town blocks in the order in which people count them; settings that are older than their bounds."""

from datetime import UTC, datetime, time, timedelta

import pytest
from pydantic import ValidationError

from sharecare.areas.rules import as_counted, kept_settings
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.metrics.rules import rules_at


def test_blocks_are_in_the_order_of_their_numbers() -> None:
    # By their characters they stood as 一, 三, 二, 五, 六, 四.
    named = [
        "中野田",
        *(f"美園{number}丁目" for number in ("一", "二", "三", "四", "九", "十", "十一", "二十", "二十三")),
    ]

    assert sorted(sorted(named), key=as_counted) == named
    assert as_counted("北一条二丁目東") == ("北一条", 2, "東")


def test_what_was_kept_before_there_were_bounds_counts_as_the_nearest_that_is_allowed() -> None:
    # One figure beyond its bound, and nothing of the area could be read any more.
    kept = {
        "k_public": 20_000,
        "thanks": {"base_yen": 200_000},
        "care_from": "07:30:00+09:00",
        "escalation_minutes": 0,
        "buffer_minutes": 20,
    }

    settings, beyond = kept_settings(kept)

    told = settings.k_public, settings.thanks.base_yen, settings.care_from, settings.escalation_minutes
    assert told == (10_000, 100_000, time(7, 30), 1)
    assert settings.buffer_minutes == 20
    assert beyond == {
        "k_public": 20_000,
        "thanks.base_yen": 200_000,
        "care_from": "07:30:00+09:00",
        "escalation_minutes": 0,
    }


def test_the_journal_keeps_what_it_was_told_and_is_read_likewise() -> None:
    # Figures rest on it: one line beyond its bound, and no day could be counted any more.
    now = datetime(2026, 6, 1, tzinfo=UTC)
    told = Fact(kind=FactKind.AREA_CHANGED, at=now, area_id=1, data={"settings": {"k_public": 20_000}})

    assert rules_at([told], area_id=1, before=now + timedelta(days=1)).k_public == 10_000


def test_what_has_no_nearest_is_refused() -> None:
    with pytest.raises(ValidationError):
        kept_settings({"child_min_months": 30, "child_max_months": 20})
