"""Terms in words, Japanese and English."""

from collections.abc import Callable, Mapping
from typing import Any

from sharecare.areas.words import KINDS, LEVELS, MEANS, Pair

NONE: Pair = ("なし", "none")


def explain(term: str, value: Any, limit: Any, language: str) -> str:  # noqa: ANN401  -- codes and figures of any kind
    """Say which term fails, with the value and the limit."""
    tongue = 0 if language == "ja" else 1
    text, in_words = _TEXTS[term]
    return text[tongue].format(value=in_words(value)[tongue], limit=in_words(limit)[tongue])


def _coded(words: Mapping[Any, Pair]) -> Callable[[Any], Pair]:
    def pair(codes: Any) -> Pair:  # noqa: ANN401  -- one code, or several
        several = codes if isinstance(codes, tuple) else (codes,)
        found = [words[code] for code in several] or [NONE]
        return "・".join(ja for ja, _ in found), ", ".join(en for _, en in found)

    return pair


def _age(months: int) -> Pair:
    years, rest = divmod(months, 12)
    ja = (f"{years}歳" if years else "") + (f"{rest}か月" if rest or not years else "")
    counts = ((years, "year"), (rest, "month"))
    en = " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count)
    return ja, en or "0 months"


def _count(number: int) -> Pair:
    return f"{number}人", str(number)


def _hours(window: tuple[str, str]) -> Pair:
    start, end = window
    next_day = end.startswith("+")
    end = end.removeprefix("+")
    return f"{start}〜{'翌' if next_day else ''}{end}", f"{start}–{end}{' the next day' if next_day else ''}"


_TEXTS: Mapping[str, tuple[Pair, Callable[[Any], Pair]]] = {
    "kind": (
        ("{value}は保険の対象外です(対象: {limit})。", "The insurance does not cover {value} (covered: {limit})."),
        _coded(KINDS),
    ),
    "means": (
        ("{value}での送迎は保険の対象外です(対象: {limit})。",
         "The insurance does not cover a pick-up {value} (covered: {limit})."),
        _coded(MEANS),
    ),
    "children": (
        ("お子さんが{value}です。保険の対象は一度に{limit}までです。",
         "There are {value} children; the insurance covers {limit} at a time."),
        _count,
    ),
    "too_young": (
        ("お子さんが{value}です。保険の対象は{limit}からです。",
         "The child is {value} old; the insurance covers children from {limit}."),
        _age,
    ),
    "too_old": (
        ("お子さんが{value}です。保険の対象は{limit}までです。",
         "The child is {value} old; the insurance covers children up to {limit}."),
        _age,
    ),
    "hours": (
        ("{value}は保険の対象時間({limit})の外にかかります。",
         "{value} reaches outside the hours the insurance covers ({limit})."),
        _hours,
    ),
    "level": (
        ("サポーターの認定段階は「{value}」です。保険の対象は「{limit}」からです。",
         "The supporter's level is “{value}”; the insurance asks for “{limit}” or higher."),
        _coded(LEVELS),
    ),
}  # fmt: skip
