"""Facts in words."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sharecare.areas.rules import CareKind, Means
from sharecare.certification.rules import CredentialKind
from sharecare.messages.words import WORDS, Tongue

JAPANESE = Tongue("ja", ZoneInfo("Asia/Tokyo"))
ENGLISH = Tongue("en", ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("word", "facts", "ja", "en"),
    [
        ("care", {"kind": "pickup", "means": "car"}, "送迎(車)", "Pick-up (by car)"),
        ("care", {"kind": "own_home", "means": None}, "サポーター宅での預かり", "Care at the supporter's home"),
        (
            "window",
            {"start_at": "2026-11-21T17:30:00+09:00", "end_at": "2026-11-21T19:00:00+09:00"},
            "11月21日(土) 17:30〜19:00",
            "Sat 21 Nov, 17:30–19:00",
        ),
        (
            "window",
            {"start_at": "2026-12-31T22:00:00+09:00", "end_at": "2027-01-01T07:05:00+09:00"},
            "12月31日(木) 22:00〜1月1日(金) 7:05",
            "Thu 31 Dec, 22:00–Fri 1 Jan, 07:05",
        ),
        ("ages", {"ages": [2]}, "2歳", "A child aged 2"),
        ("ages", {"ages": [0, 2, 5]}, "0歳・2歳・5歳", "Children aged 0, 2 and 5"),
        ("distance", {"distance_m": 900}, "約900m", "about 900 m"),
        ("distance", {"distance_m": 1200}, "約1.2km", "about 1.2 km"),
        ("expiry", {"expires_at": None}, "なし", "none"),
        ("expiry", {"expires_at": "2027-03-31T15:00:00+00:00"}, "4月1日(木) 0:00", "Thu 1 Apr, 00:00"),
        ("thanks", {"thanks_yen": 1500}, "1,500円", "¥1,500"),
        ("reason", {"reason": ""}, "記載なし", "not given"),
        ("reason", {"reason": "熱 {name}"}, "熱 {name}", "熱 {name}"),
        ("handover", {"end": "finish"}, "お子さんの引き渡し", "has handed your child over"),
    ],
)
def test_a_fact_reads_as_people_write_it(word: str, facts: dict[str, Any], ja: str, en: str) -> None:
    say = WORDS[word][1]

    assert (say(facts, JAPANESE), say(facts, ENGLISH)) == (ja, en)


@pytest.mark.parametrize(
    ("yen", "ja"),
    [
        (50_000_000, "5,000万円"),
        (100_000_000, "1億円"),
        (150_000_000, "1億5,000万円"),
        (10_000, "1万円"),
        (12_345, "12,345円"),
        (0, "0円"),
    ],
)
def test_a_limit_is_counted_in_myriads_where_people_do(yen: int, ja: str) -> None:
    # 50,000,000円 has to be counted out; nobody writes it so.
    assert (JAPANESE.limit(yen), ENGLISH.limit(yen)) == (ja, f"¥{yen:,}")


def test_a_moment_is_that_of_the_persons_own_zone() -> None:
    assert Tongue("ja", ZoneInfo("Pacific/Honolulu")).moment("2026-11-21T17:30:00+09:00") == "11月20日(金) 22:30"


@pytest.mark.parametrize("kind", CareKind)
@pytest.mark.parametrize("means", Means)
def test_every_kind_and_means_has_its_words(kind: CareKind, means: Means) -> None:
    assert WORDS["care"][1]({"kind": kind, "means": means}, JAPANESE)


@pytest.mark.parametrize("credential", CredentialKind)
def test_every_credential_has_its_words(credential: CredentialKind) -> None:
    assert WORDS["credential"][1]({"credential": credential}, JAPANESE)
