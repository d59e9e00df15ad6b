"""How two people stand to each other, and what that is worth."""

import unicodedata
from datetime import timedelta
from enum import StrEnum

from sharecare.areas.rules import Level

# Upper-case letters and digits that nobody mistakes for one another, read aloud or by hand: 24⁸ ≈ 10¹¹ codes.
CODE_ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
CODE_LENGTH = 8
CODE_LIFE = timedelta(minutes=10)
INVITATION_LIFE = timedelta(days=14)
TOLD_AGAIN_AFTER = timedelta(days=1)  # of the same act of the same person
MOST_STEWARDED = 10
TIES_THAT_SUFFICE = 3  # people one can turn to: with one or two, nobody may be free

# What a tie is worth before any support, and how supports add to it (`strength`).
FRIEND_BASE = 0.6
VOUCH_BASE = 0.5
VOUCH_NEEDS = Level.IDENTIFIED
SMALL_COMMUNITY = 300
_FADE = 0.8
_MOST_SUPPORTS = 10


class FriendState(StrEnum):
    """How a person stands to another, as one of the two sees it."""

    ASKED_BY_ME = "asked_by_me"
    ASKED_BY_THEM = "asked_by_them"
    WAITING_TO_MEET = "waiting_to_meet"
    FRIENDS = "friends"
    PARTED = "parted"  # they met, and neither approves now


class CommunityKind(StrEnum):
    """What brings the members together."""

    NURSERY = "nursery"
    SCHOOL = "school"
    LESSON = "lesson"
    CIRCLE = "circle"
    NEIGHBOURHOOD = "neighbourhood"
    OTHER = "other"


class MembershipState(StrEnum):
    """How the signed-in person stands to a community."""

    NONE = "none"
    ASKED = "asked"
    MEMBER = "member"
    STEWARD = "steward"


def pair(one_id: int, other_id: int) -> tuple[int, int]:
    """Return two ids in the order in which their tie is stored."""
    return min(one_id, other_id), max(one_id, other_id)


def friend_state(*, mine: bool, theirs: bool, met: bool) -> FriendState | None:
    """Return how two people stand from the approvals of both; None where there is nothing between them."""
    if mine and theirs:
        return FriendState.FRIENDS if met else FriendState.WAITING_TO_MEET
    if mine:
        return FriendState.ASKED_BY_ME
    if theirs:
        return FriendState.ASKED_BY_THEM
    return FriendState.PARTED if met else None


def read_code(typed: str) -> str:
    """Return a meeting code as it was shown, however it was typed: small or full-width letters, spaces, hyphens."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())


def base_strength(*, friends: bool, vouched: bool, voucher_level: Level) -> float:
    """Return what a link rests on before any support, seen from the person who trusts.

    A vouch counts while its voucher is at least identified; that the two have met is settled when it is given.
    """
    if friends:
        return FRIEND_BASE
    return VOUCH_BASE if vouched and voucher_level >= VOUCH_NEEDS else 0.0


def strength(base: float, supports: int) -> float:
    """Return a link's strength after some supports were completed without incident."""
    return 1 - (1 - base) * _FADE ** min(supports, _MOST_SUPPORTS)


def community_weight(members: int) -> float:
    """Return what sharing a community counts for; where everybody belongs, it says little."""
    return 0.2 if members <= SMALL_COMMUNITY else 0.05
