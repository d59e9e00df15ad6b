"""Messages as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any
from urllib.parse import quote

from sharecare.messages.rules import SECRET, TOWARDS, MessageKind
from sharecare.messages.texts_en import EN
from sharecare.messages.texts_ja import JA
from sharecare.messages.words import WORDS, Tongue

# Where the one secret in a message leads; pages use the same paths.
SECRET_PATHS: Mapping[MessageKind, str] = {
    MessageKind.CONFIRM_ADDRESS: "/confirm",
    MessageKind.RESET_PASSWORD: "/reset",
    MessageKind.GUARDIAN_INVITED: "/join-family",
}

# Where one acts on what is about no request and no booking, and where staff act on a booking that isn't theirs.
PLACES: Mapping[MessageKind, str] = {
    MessageKind.PASSWORD_CHANGED: "/me/devices",
    MessageKind.GUARDIAN_JOINED: "/me/family",
    MessageKind.FRIEND_ASKED: "/neighbours",
    MessageKind.FRIENDS_MADE: "/neighbours",
    MessageKind.MEMBERSHIP_ASKED: "/neighbours/communities",
    MessageKind.MEMBERSHIP_APPROVED: "/neighbours/communities",
    MessageKind.CREDENTIAL_CONFIRMED: "/supporter",
    MessageKind.CREDENTIAL_REFUSED: "/supporter",
    MessageKind.CREDENTIAL_REVOKED: "/supporter",
    MessageKind.CREDENTIAL_LAPSING: "/supporter",
    MessageKind.NO_SHOW_TO_DECIDE: "/staff?to=to-do",
    MessageKind.NOBODY_ANSWERS: "/staff?to=desk",
    MessageKind.HOW_LONG_AT_DESK: "/staff?to=desk",
    MessageKind.SETTLED_AT_DESK: "/staff?to=desk",
    MessageKind.HANDOVER_TO_CHECK: "/staff?to=desk",
    MessageKind.COVER_GAP_OPEN: "/staff?to=desk",
    MessageKind.END_TO_CHECK: "/staff?to=desk",
    MessageKind.AREA_HAS_NO_POLICY: "/staff?to=policies",
    MessageKind.AGGREGATE_NEAR: "/staff?to=policies",
    MessageKind.AGGREGATE_REACHED: "/staff?to=policies",
    MessageKind.INCIDENT_FILED: "/staff?to=incidents",
    MessageKind.SERIOUS_ACCIDENT: "/staff?to=incidents",
    MessageKind.NO_LONGER_SERIOUS: "/staff?to=incidents",
    MessageKind.REPORT_NEAR: "/staff?to=incidents",
    MessageKind.REPORT_OVERDUE: "/staff?to=incidents",
    MessageKind.RECORDS_READ_IN_BULK: "/staff?to=members",
}


# Where the other messages lead: to the first of these things that they name.
_FOLDERS: Mapping[str, str] = {
    "claim_id": "claims",
    "bordereau_id": "bordereaux",
    "incident_id": "incidents",
    "booking_id": "bookings",
    "series_id": "series",
    "request_id": "requests",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in one person's language; `path` leads to where one acts on it."""

    title: str
    body: str
    path: str | None


def render(kind: MessageKind, facts: Mapping[str, Any], tongue: Tongue) -> Rendered:
    """Put a message into words for one person."""
    title, body = (JA if tongue.language == "ja" else EN)[kind]
    return Rendered(title=_filled(title, facts, tongue), body=_filled(body, facts, tongue), path=_path(kind, facts))


def secret_path(kind: MessageKind, facts: Mapping[str, Any]) -> str | None:
    """Return the path that carries a message's secret, if it still holds one: for the mail, never for the app."""
    if SECRET not in facts:
        return None
    onwards = f"&next={quote(facts[TOWARDS], safe='')}" if TOWARDS in facts else ""
    return f"{SECRET_PATHS[kind]}?token={facts[SECRET]}{onwards}"


@cache
def needed_facts(kind: MessageKind) -> frozenset[str]:
    """Return the facts that a kind can't be told without."""
    words = {word for text in (*JA[kind], *EN[kind]) for word in _words_in(text)}
    secret = {SECRET} if kind in SECRET_PATHS else set()
    return frozenset().union(secret, *(WORDS[word][0] for word in words))


def _filled(text: str, facts: Mapping[str, Any], tongue: Tongue) -> str:
    return text.format_map({word: WORDS[word][1](facts, tongue) for word in _words_in(text)})


def _words_in(text: str) -> list[str]:
    return [word for _, word, _, _ in Formatter().parse(text) if word is not None]


def _path(kind: MessageKind, facts: Mapping[str, Any]) -> str | None:
    if kind in PLACES:
        return PLACES[kind]
    for fact, folder in _FOLDERS.items():
        if fact in facts:
            return f"/{folder}/{facts[fact]}"
    return None
