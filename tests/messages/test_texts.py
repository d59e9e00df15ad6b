"""Every kind of message in both languages."""

from collections.abc import Mapping
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sharecare.messages.rules import APP_ONLY, MessageKind, pause_after
from sharecare.messages.texts import PLACES, SECRET_PATHS, Rendered, needed_facts, render, secret_path
from sharecare.messages.texts_en import EN
from sharecare.messages.texts_ja import JA
from sharecare.messages.words import WORDS, Text, Tongue

JAPANESE = Tongue("ja", ZoneInfo("Asia/Tokyo"))
ENGLISH = Tongue("en", ZoneInfo("Asia/Tokyo"))
# Every fact that any text needs.
FACTS: dict[str, Any] = {
    "kind": "pickup",
    "means": "foot",
    "start_at": "2026-11-21T08:30:00+00:00",
    "end_at": "2026-11-21T10:00:00+00:00",
    "new_end_at": "2026-11-21T10:30:00+00:00",
    "at": "2026-11-21T08:32:00+00:00",
    "end": "start",
    "ages": [2, 5],
    "distance_m": 700,
    "credential": "first_aid",
    "expires_at": None,
    "thanks_yen": 1500,
    "costs_yen": 0,
    "name": "鈴木 花子",
    "community": "さくら組",
    "reason": "発熱のため",
    "cover_number": "SK-2026-000012",
    "gap_minutes": 10,
    "minutes": 10,
    "aggregate": "premium",
    "percent": 80,
    "policy_number": "SK-2026",
    "incident": "near_miss",
    "report": "first",
    "due_at": "2026-11-21T15:00:00+00:00",
    "claim_number": "SK-2026-C0001",
    "claim_state": "submitted",
    "bordereau": "supports",
    "adjustment": 1,
    "month": "2026-10",
    "new_start_at": "2026-11-21T08:45:00+00:00",
    "dates": 12,
    "people": 101,
    "guests": 2,
    "token": "s3cret",
}


def words_of(kind: MessageKind, texts: Mapping[MessageKind, Text]) -> set[str]:
    return {word for text in texts[kind] for _, word, _, _ in Formatter().parse(text) if word}


def test_every_kind_has_a_text_in_both_languages_and_no_text_is_left_over() -> None:
    assert set(JA) == set(MessageKind)
    assert set(EN) == set(MessageKind)


def test_every_word_is_used_by_some_text() -> None:
    used = set().union(*(words_of(kind, texts) for kind in MessageKind for texts in (JA, EN)))

    assert used == set(WORDS)


@pytest.mark.parametrize("kind", MessageKind)
def test_both_languages_say_the_same(kind: MessageKind) -> None:
    assert words_of(kind, JA) == words_of(kind, EN)


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_is_told_from_the_facts_it_names_alone(kind: MessageKind) -> None:
    facts = {fact: FACTS[fact] for fact in needed_facts(kind)}

    for tongue in (JAPANESE, ENGLISH):
        rendered = render(kind, facts, tongue)
        assert rendered.title
        assert rendered.body
        assert rendered.path == PLACES.get(kind)
        assert "s3cret" not in rendered.title + rendered.body


def test_a_request_is_told_so_that_nobody_must_sign_in_to_decide() -> None:
    facts = {**FACTS, "request_id": 12}

    assert render(MessageKind.ASKED, facts, JAPANESE) == Rendered(
        title="送迎(徒歩)のお願い 11月21日(土) 17:30〜19:00",
        body="2歳・5歳のお子さん、約700mのところです。できそうなら手をあげ、難しいときはそのように伝えてください。"
        "理由はいりません。ほかの方に決まったら、すぐにお知らせします。",
        path="/requests/12",
    )
    assert render(MessageKind.ASKED, facts, ENGLISH) == Rendered(
        title="Can you help? Pick-up (on foot), Sat 21 Nov, 17:30–19:00",
        body="Children aged 2 and 5, about 700 m away. Offer if you can, decline if you can't; "
        "we tell you as soon as it is closed.",
        path="/requests/12",
    )


def test_a_message_about_a_booking_leads_to_the_booking() -> None:
    assert render(MessageKind.END_PROMPT, FACTS | {"request_id": 1, "booking_id": 2}, ENGLISH).path == "/bookings/2"


@pytest.mark.parametrize(
    ("due_at", "ja", "en"),
    [
        ("2026-11-21T15:00:00+00:00", "11月21日(土) 24:00", "Sat 21 Nov, 24:00"),
        ("2026-11-21T14:59:00+00:00", "11月21日(土) 23:59", "Sat 21 Nov, 23:59"),
    ],
)
def test_a_day_ends_at_24_and_not_at_0_of_the_next(due_at: str, ja: str, en: str) -> None:
    facts = FACTS | {"due_at": due_at}

    assert ja in render(MessageKind.REPORT_OVERDUE, facts, JAPANESE).title
    assert en in render(MessageKind.REPORT_OVERDUE, facts, ENGLISH).title


def test_who_joins_a_group_is_counted_and_not_named() -> None:
    facts = {fact: FACTS[fact] for fact in needed_facts(MessageKind.OTHERS_JOINED)}

    assert render(MessageKind.OTHERS_JOINED, facts, JAPANESE).body.startswith(
        "同じ時間に、ほかのご家庭のお子さん2人が加わりました。"
    )
    assert render(MessageKind.OTHERS_JOINED, facts | {"guests": 1}, ENGLISH).body.startswith(
        "A child of another family joined"
    )
    assert "name" not in facts


def test_what_an_insurer_is_told_names_the_month_or_the_claim_and_leads_there() -> None:
    sent = {"bordereau_id": 7, "bordereau": "supports", "month": "2026-10", "adjustment": 0, "policy_number": "SK-1"}
    claim = {"claim_id": 9, "claim_number": "SK-1-C0001", "claim_state": "filed", "policy_number": "SK-1"}

    assert render(MessageKind.BORDEREAU_SENT, sent, JAPANESE).title == "2026年10月の支援の一覧が届きました"
    corrected = render(MessageKind.BORDEREAU_SENT, sent | {"adjustment": 2}, ENGLISH)
    assert (corrected.title, corrected.path) == (
        "Bordereau of Oct 2026 came in: Supports (adjustment 2)",
        "/bordereaux/7",
    )
    filed = render(MessageKind.CLAIM_FOR_INSURER, claim, JAPANESE)
    assert (filed.title, filed.path) == ("保険の請求 SK-1-C0001: 新しく記録されました", "/claims/9")


def test_what_staff_are_told_leads_to_their_own_pages() -> None:
    facts = FACTS | {"booking_id": 2, "incident_id": 3}

    assert render(MessageKind.INCIDENT_FILED, facts, ENGLISH).path == "/staff?to=incidents"
    assert render(MessageKind.NOBODY_ANSWERS, facts, ENGLISH).path == "/staff?to=desk"
    assert render(MessageKind.INCIDENT_TOLD, facts, ENGLISH).path == "/incidents/3"


def test_a_secret_is_in_the_mails_path_and_nowhere_else() -> None:
    assert {kind: secret_path(kind, FACTS) for kind in SECRET_PATHS} == {
        MessageKind.CONFIRM_ADDRESS: "/confirm?token=s3cret",
        MessageKind.RESET_PASSWORD: "/reset?token=s3cret",
        MessageKind.GUARDIAN_INVITED: "/join-family?token=s3cret",
    }
    assert secret_path(MessageKind.RESET_PASSWORD, {}) is None
    onwards = FACTS | {"towards": "/join-family?token=a&b"}
    path = "/confirm?token=s3cret&next=%2Fjoin-family%3Ftoken%3Da%26b"
    assert secret_path(MessageKind.CONFIRM_ADDRESS, onwards) == path
    assert "join-family" not in str(render(MessageKind.CONFIRM_ADDRESS, onwards, ENGLISH))


def test_what_stays_in_the_app_asks_for_nothing() -> None:
    assert {MessageKind.FRIENDS_MADE, MessageKind.THANKS_RECORDED, MessageKind.NOTE_TAKEN} == APP_ONLY


def test_pauses_between_tries_grow() -> None:
    assert [pause_after(tries).total_seconds() / 60 for tries in (1, 2, 3, 4)] == [1, 4, 16, 64]
