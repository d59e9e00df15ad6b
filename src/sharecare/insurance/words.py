"""Terms in words, Japanese and English."""

from collections.abc import Callable, Mapping
from typing import Any

from sharecare.areas.words import KINDS, LEVELS, MEANS, Pair

NONE: Pair = ("なし", "none")


def in_years(months: int, language: str) -> str:
    """Say an age."""
    return _age(months)[0 if language == "ja" else 1]


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

PERILS: Mapping[str, Pair] = {
    "liability": ("施設賠償責任", "liability"),
    "property": ("受託者賠償責任", "property in care"),
    "injury": ("傷害", "injury"),
}
EXCLUSIONS: Mapping[str, Pair] = {
    "intent": ("故意による事故", "acts done on purpose"),
    "driving": ("自動車の運転による事故", "driving a car"),
    "illness": ("病気そのもの", "illness itself"),
    "disaster": ("地震・噴火・津波・戦争など", "earthquake, eruption, tsunami, war and the like"),
    "own_family": ("サポーターの同居の家族の損害", "losses of the supporter's own household"),
    "normal_wear": ("物の自然な消耗・劣化", "wear and tear"),
}
STATES: Mapping[str, Pair] = {
    "quoted": ("見積もり", "quoted"),
    "bound": ("成立・開始前", "bound, not begun"),
    "in_force": ("補償中", "in force"),
    "ended": ("終了", "ended"),
    "voided": ("取消し", "voided"),
}
# The certificate's own words; a payment is promised nowhere.
CERTIFICATE: Mapping[str, Pair] = {
    "issuer": ("ShareCare {area}", "ShareCare {area}"),
    "title": ("補償の証明書", "Certificate of cover"),
    "number": ("補償番号", "Certificate number"),
    "window": ("補償される時間", "Covered time"),
    "grace": ("引き渡しの遅れに備え、{until}まで({minutes}分)自動で延びます。",
              "Extends by itself until {until} ({minutes} minutes) if the handover is late."),
    "insurer": ("引受保険会社", "Insurer"),
    "policy": ("保険証券番号", "Policy"),
    "kind": ("支援の内容", "Support"),
    "children": ("お子さんの人数", "Children"),
    "count": ("{count}人", "{count}"),
    "none": ("なし", "none"),
    "qr_note": ("いま有効かを確かめる", "Check that it is valid"),
    "perils": ("補償の内容", "What is insured"),
    "peril": ("種類", "Peril"),
    "limit": ("1事故の支払限度額", "Limit per accident"),
    "deductible": ("免責金額", "Deductible"),
    "terms": ("補償の条件", "Terms"),
    "kinds": ("対象の支援", "Kinds of support"),
    "means": ("送迎の手段", "Means of travel"),
    "ages": ("お子さんの年齢", "Children's ages"),
    "months": ("{least}〜{most}", "{least} to {most}"),
    "at_most": ("一度に預かる人数", "Children at a time"),
    "hours": ("対象の時間帯", "Hours"),
    "temperature": ("預かる前の体温", "Temperature before care"),
    "degrees": ("{degrees}℃以下", "{degrees} °C or less"),
    "exclusions": ("補償の対象にならないもの", "What is not insured"),
    "notice": (
        ("この証明書は、上の時間の支援が保険契約の対象として登録されていることを示すものです。保険金のお支払いを約束するものではありません。"
        "お支払いの有無と金額は、事故の内容を確かめたうえで、保険会社が契約にもとづいて判断します。"
        "延長や早い終了は、始まる前または時間のうちにアプリで合意したものだけが補償されます。"),
        ("This certificate shows that the support at the time above is registered under the policy. It promises no "
        "payment: whether and how much is paid, the insurer decides by the policy once the facts are known. An "
        "extension or early end is covered only if both sides agreed on it in the app in time."),
    ),
    "issued": ("{at}に作成", "Made {at}"),
}  # fmt: skip
