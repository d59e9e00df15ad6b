"""Why someone was found, in words people may read: no score, no factor, no name of a third person."""

from sharecare.matching.model import Facts
from sharecare.matching.words import Circle

_KILOMETRE = 1000


def rounded_m(distance_m: float) -> int:
    """Round to 100 m, all that anyone is told."""
    return round(distance_m / 100) * 100


def in_words(facts: Facts, language: str, *, to_supporter: bool = False) -> list[str]:
    """Say how far, how close and how long, in Japanese for `ja` and English for anything else.

    It is said to the family, or `to_supporter`: to whoever was found.
    """
    ja = language == "ja"
    ties = _ties(facts, ja=ja) or _level(facts, ja=ja, own=to_supporter)
    return [_distance(rounded_m(facts.distance_m), ja=ja), *ties, _time(facts, ja=ja)]


def _distance(metres: int, *, ja: bool) -> str:
    if metres >= _KILOMETRE:
        return f"約{metres / _KILOMETRE:.1f}km" if ja else f"about {metres / _KILOMETRE:.1f} km"
    return f"約{metres}m" if ja else f"about {metres} m"


def _ties(facts: Facts, *, ja: bool) -> list[str]:
    words: list[str] = []
    if facts.friend:
        words.append("シェア友" if ja else "your friend")
    if mutual := len(facts.mutual_friend_ids):
        words.append(f"シェア友{mutual}人の友だち" if ja else f"friend of {mutual} of your friends")
    if shared := len(facts.community_ids):
        words.append(f"同じグループが{shared}つ" if ja else f"in {shared} of your communities")
    return words


def _level(facts: Facts, *, ja: bool, own: bool) -> list[str]:
    """Say what lets someone be asked to whom nobody is tied."""
    if facts.circle < Circle.OPEN:
        return []
    if own:
        return ["あなたの認定で受けられます" if ja else "your level is enough"]
    return ["認定サポーター" if ja else "certified supporter"]


def _time(facts: Facts, *, ja: bool) -> str:
    if facts.free_minutes == facts.window_minutes:
        return "はじめから終わりまでできます" if ja else "free for the whole time"
    return f"{facts.free_minutes}分ならできます" if ja else f"free for {facts.free_minutes} minutes of it"
