"""What is wrong with a field, in the person's language."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

# pydantic says these in English itself.
_JAPANESE = {
    "missing": "入力してください。",
    "extra_forbidden": "この項目は使えません。",
    "string_too_short": "{min_length}文字以上で入力してください。",
    "string_too_long": "{max_length}文字以内で入力してください。",
    "string_type": "文字で入力してください。",
    "int_parsing": "整数で入力してください。",
    "int_type": "整数で入力してください。",
    "float_parsing": "数値で入力してください。",
    "float_type": "数値で入力してください。",
    "bool_parsing": "「はい」か「いいえ」で入力してください。",
    "enum": "次のいずれかを選んでください: {expected}",
    "literal_error": "次のいずれかを選んでください: {expected}",
    "greater_than": "{gt}より大きい値にしてください。",
    "greater_than_equal": "{ge}以上にしてください。",
    "less_than": "{lt}より小さい値にしてください。",
    "less_than_equal": "{le}以下にしてください。",
    "too_short": "{min_length}件以上必要です。",
    "too_long": "{max_length}件までです。",
    "date_from_datetime_parsing": "日付として読み取れません。",
    "date_parsing": "日付として読み取れません。",
    "date_type": "日付として読み取れません。",
    "datetime_parsing": "日時として読み取れません。",
    "datetime_from_date_parsing": "日時として読み取れません。",
    "time_parsing": "時刻として読み取れません。",
    "time_type": "時刻として読み取れません。",
    "timezone_aware": "日時には時差(+09:00 など)を付けてください。",
    "unstorable": "保存できない文字が含まれています。",
    "my_number": "マイナンバーのように見える番号が含まれています。ここには保存できません。",
    "json_invalid": "JSON として読み取れません。",
    "value_error": "内容を確かめてください。",
}
# Ours: (Japanese, English).
_OWN = {
    # pydantic's, whose English shows people a regular expression.
    "string_pattern_mismatch": ("形式が正しくありません。", "this is not written as it should be"),
    "means_missing": ("移動の手段を選んでください。", "say how the child travels"),
    "means_needless": (
        "移動の手段と行き先は、送迎のときだけです。",
        "only a pick-up has a means of travel and a second place",
    ),
    "place_missing": ("行事の場所を入力してください。", "say where the event is"),
    "child_twice": ("同じお子さんが2回選ばれています。", "each child once"),
    "common_password": (
        "このパスワードはすぐに推測されます。別のものにしてください。",
        "this password is among the first that are tried; choose another",
    ),
    "not_a_name": ("ふだん呼ばれているお名前を入力してください。", "write the name as people say it"),
    "no_role": (
        "「お願いしたい」か「手伝いたい」を選んでください。",
        "choose requester, supporter or both",
    ),
    "birth_date_missing": ("手伝う方は、生年月日を入力してください。", "supporters give their date of birth"),
    "half_a_point": ("緯度と経度の両方が必要です。", "give both latitude and longitude"),
    "nowhere": ("町名を選ぶか、地図で場所を選んでください。", "give a point or a town block"),
    "ages_reversed": ("年齢の下限が上限を超えています。", "the youngest age can't be above the oldest"),
    "clock_reversed": (
        "時間のおわりは、はじめより後にしてください。終日は 00:00 から 24:00 までです。",
        "the hours must end after they begin; all day is 00:00 to 24:00",
    ),
    "means_unnamed": ("送迎の手段を選んでください。", "name the means of travel covered on a pick-up"),
    "policy_reversed": ("契約のおわりは、はじめより後にしてください。", "a policy ends after it begins"),
    "travel_missing": ("送迎のときの移動手段を選んでください。", "say how you travel on a pick-up"),
    "hours_reversed": ("終わりの日は、始まりの日以降にしてください。", "hours end on or after the date they begin"),
    "near_miss_harm": (
        "ヒヤリハットでは、けがや破損はありません。あったときは「事故」として報告してください。",
        "a near miss hurts nobody and breaks nothing: report an incident",
    ),
    "who_was_hurt": (
        "けが、手当て、治るまでの日数、意識や命のことを書くときは、けがをした人も選んでください。",
        "say who was hurt, or leave out injury, treatment, days, unconsciousness and death",
    ),
    "child_not_hurt": (
        "けがをしたお子さんを選べるのは、お子さんがけがをしたときだけです。",
        "a child is named where a child was hurt",
    ),
    "told_before": (
        "連絡した時刻が、起きた時刻より前になっています。",
        "somebody was told before it happened",
    ),
    "starts_reversed": ("遅いほうの開始が、早いほうより前になっています。", "the last start is before the first"),
    "shares_sum": ("割合の合計を1にしてください。", "the shares must sum to 1"),
    "weights_sum": ("三つの割合の合計を100%にしてください。", "the three shares must sum to 1 (100%)"),
    "levels_sum": ("割合の合計は1までです。", "the shares sum to 1 at most"),
    "holidays_reversed": ("休みの終わりが始まりより前です。", "the last day of a holiday is before its first"),
    "no_supporters": (
        "手伝う人がひとりもいません。人数か割合を増やしてください。",
        "nobody supports: raise the members or the share who do",
    ),
    "awake_too_short": (
        "起きている時間は1時間以上にしてください(wakes_min は sleeps_min より前)。",
        "people are awake for an hour at least, wakes_min before sleeps_min",
    ),
    "far_moment": ("1970年から2199年までの日時にしてください。", "give a moment from 1970 to 2199"),
    "far_day": ("1900年から2199年までの日付にしてください。", "give a date from 1900 to 2199"),
    "not_on_the_wall": (
        "時差を付けずに、時計の時刻だけを入力してください(06:00 など)。",
        "give the time on the wall, without an offset",
    ),
    "goal_reversed": (
        "目標の終わりは、始まりの日以降にしてください。",
        "a goal ends on or after the day it begins",
    ),
}


def wrong(kind: str) -> PydanticCustomError:
    """Return the error to raise in a validator."""
    return PydanticCustomError(kind, _OWN[kind][1])


def in_words(error: Mapping[str, Any], language: str) -> str:
    """Return what one of pydantic's errors says, in Japanese (`ja`) or English (anything else)."""
    if error["type"] in _OWN:
        return _OWN[error["type"]][0 if language == "ja" else 1]
    template = _JAPANESE.get(error["type"]) if language == "ja" else None
    return template.format(**error.get("ctx", {})) if template else str(error["msg"])
