"""What figures and policies are called, in Japanese and English."""

from math import isfinite
from typing import Literal

Language = Literal["ja", "en"]

POLICY_WORDS = {
    "broadcast": ("一斉に声をかける", "Broadcast"),
    "nearest_first": ("近い順", "Nearest first"),
    "waves": ("三段階の声かけ", "Waves"),
    "waves_with_batches": ("割り当て+三段階", "Waves with batches"),
    "paced_waves": ("少人数ずつの三段階", "Paced waves"),
}
# Title, and what is better; the unit stands in how a value is written.
METRIC_WORDS = {
    "fill_rate": ("成立率(多いほどよい)", "Fill rate (more is better)"),
    "median_min": ("成立までの分・中央値", "Minutes to booking, median"),
    "p90_min": ("成立までの分・90%点", "Minutes to booking, 90th percentile"),
    "distance_m": ("平均距離(m)", "Mean distance, m"),
    "messages_per_fill": ("成立1件あたりの通知数", "Messages per filled request"),
    "messages_per_supporter_week": ("提供会員1人・週あたりの通知数", "Messages per supporter and week"),
    "gini": ("負担の偏り(ジニ係数)", "Gini of load over supporters"),
    "acquainted_share": ("知り合い・友の友の割合", "Share with acquaintances"),
    "turned_away_per_fill": ("成立1件あたりの断られた申し出", "Offers in vain per filled request"),
}
HOUR_WORDS = {
    "weekday_morning": ("平日の朝(6:30–9:00)", "Weekday mornings, 6:30–9:00"),
    "weekday_day": ("平日の昼(8:30–17:00)", "Weekdays, 8:30–17:00"),
    "weekday_evening": ("平日の夕方(16:00–20:00)", "Weekday evenings, 16:00–20:00"),
    "weekend": ("土日(8:00–18:00)", "Weekends, 8:00–18:00"),
}
_SHARES = {"fill_rate", "acquainted_share"}
_WHOLE = {"median_min", "p90_min", "distance_m"}


def policy_word(policy: str, language: Language) -> str:
    return POLICY_WORDS.get(policy, (policy, policy))[language == "en"]


def metric_word(metric: str, language: Language) -> str:
    return METRIC_WORDS[metric][language == "en"]


def hours_word(hours: str, language: Language) -> str:
    return HOUR_WORDS.get(hours, (hours, hours))[language == "en"]


def written(metric: str, value: float) -> str:
    """Write a figure as a reader expects it: per cent, whole, or with two decimals; a dash where there is none."""
    if not isfinite(value):
        return "–"
    if metric in _SHARES:
        return f"{value:.1%}"
    return f"{value:.0f}" if metric in _WHOLE else f"{value:.2f}"
