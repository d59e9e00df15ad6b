"""The codes that everyone meets, as people say them: Japanese, English."""

from collections.abc import Mapping

Pair = tuple[str, str]

KINDS: Mapping[str, Pair] = {
    "pickup": ("送迎", "pick-up"),
    "own_home": ("サポーター宅での預かり", "care at the supporter's home"),
    "child_home": ("依頼者宅での預かり", "care at the child's home"),
    "event": ("イベント会場での預かり", "care at an event"),
}
MEANS: Mapping[str, Pair] = {
    "foot": ("徒歩", "on foot"),
    "bicycle": ("自転車", "by bicycle"),
    "transit": ("電車・バス", "by public transport"),
    "car": ("車", "by car"),
}
LEVELS: Mapping[int, Pair] = {
    0: ("登録", "registered"),
    1: ("本人確認済み", "identified"),
    2: ("講習修了", "trained"),
    3: ("認定サポーター", "certified"),
}
