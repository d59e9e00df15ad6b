"""Facts in words: moments as the person's wall clock shows them, codes in the person's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sharecare.areas.words import KINDS, MEANS, Pair

Facts = Mapping[str, Any]

KILOMETRE = 1000
MYRIAD = 10_000  # 万; a myriad of them is 億
_WEEKDAYS = ("月火水木金土日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ENDS: Mapping[str, Pair] = {
    "start": ("お子さんの預かり", "has taken over your child"),
    "finish": ("お子さんの引き渡し", "has handed your child over"),
}
_CREDENTIALS: Mapping[str, Pair] = {
    "identity": ("本人確認", "identity check"),
    "course_unit": ("講習", "course unit"),
    "first_aid": ("緊急救命講習", "first aid"),
    "training_session": ("研修", "training session"),
    "interview": ("面談", "interview"),
    "notification": ("認可外保育施設の届出", "childcare notification"),
    "criminal_record_check": ("犯罪事実確認", "criminal-record confirmation"),
}

AGGREGATES: Mapping[str, Pair] = {
    "supports": ("支援の件数", "number of supports"),
    "premium": ("保険料", "premium"),
    "claims": ("期間中の支払限度額", "limit for all claims"),
}

_INCIDENTS: Mapping[str, Pair] = {"near_miss": ("ヒヤリハット", "near miss"), "incident": ("事故", "incident")}
_REPORTS: Mapping[str, Pair] = {"first": ("第1報", "first report"), "second": ("第2報", "second report")}
_CLAIMS: Mapping[str, Pair] = {
    "filed": ("記録しました", "put down"),
    "submitted": ("保険会社へ送りました", "sent to the insurer"),
    "settled": ("保険会社の判断が出ました", "the insurer has decided"),
    "declined": ("保険会社の判断が出ました", "the insurer has decided"),
    "withdrawn": ("取り下げました", "withdrawn"),
}


# What of a claim's life an insurer hears from others; what it decided itself, it knows.
_CLAIM_STEPS: Mapping[str, Pair] = {
    "filed": ("新しく記録されました", "put down"),
    "submitted": ("審査のために送られました", "submitted for your decision"),
    "withdrawn": ("取り下げられました", "withdrawn"),
}
_BORDEREAUX: Mapping[str, Pair] = {"supports": ("支援の一覧", "Supports"), "claims": ("請求の一覧", "Claims")}


class Text(NamedTuple):
    """One message in one language; words in braces are filled in."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """How one person is spoken to."""

    language: str
    zone: ZoneInfo

    def choose(self, pair: Pair) -> str:
        return pair[0] if self.language == "ja" else pair[1]

    def day(self, at: datetime) -> str:
        return self.choose(
            (
                f"{at.month}月{at.day}日({_WEEKDAYS[0][at.weekday()]})",
                f"{_WEEKDAYS[1][at.weekday()]} {at.day} {_MONTHS[at.month - 1]}",
            )
        )

    def full_date(self, day: date) -> str:
        return self.choose((f"{day.year}年{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]} {day.year}"))

    def month(self, day: date) -> str:
        return self.choose((f"{day.year}年{day.month}月", f"{_MONTHS[day.month - 1]} {day.year}"))

    def clock(self, at: datetime) -> str:
        return self.choose((f"{at.hour}:{at.minute:02}", f"{at.hour:02}:{at.minute:02}"))

    def moment(self, iso: str) -> str:
        at = datetime.fromisoformat(iso).astimezone(self.zone)
        return f"{self.day(at)}{self.choose((' ', ', '))}{self.clock(at)}"

    def deadline(self, iso: str) -> str:
        """Return by when something is to be done; midnight is the end of the day that people think of."""
        at = datetime.fromisoformat(iso).astimezone(self.zone)
        if at.time() != time():
            return self.moment(iso)
        return f"{self.day(at - timedelta(days=1))}{self.choose((' ', ', '))}24:00"

    def window(self, start_iso: str, end_iso: str) -> str:
        start, end = (datetime.fromisoformat(iso).astimezone(self.zone) for iso in (start_iso, end_iso))
        until = self.clock(end) if end.date() == start.date() else self.moment(end_iso)
        return self.span(self.moment(start_iso), until)

    def yen(self, amount: int) -> str:
        return self.choose((f"{amount:,}円", f"¥{amount:,}"))

    def limit(self, amount: int) -> str:
        """Return a large round sum as people write it: 5,000万円, 1億円."""
        if self.language != "ja" or not amount or amount % MYRIAD:
            return self.yen(amount)
        many, rest = divmod(amount // MYRIAD, MYRIAD)
        return (f"{many:,}億" if many else "") + (f"{rest:,}万" if rest else "") + "円"

    def span(self, first: str, last: str) -> str:
        return f"{first}{self.choose(('〜', '–'))}{last}"


def _care(facts: Facts, tongue: Tongue) -> str:
    said, means = tongue.choose(KINDS[facts["kind"]]), facts.get("means")
    kind = said[0].upper() + said[1:]  # it opens a title or a sentence
    if means is None:
        return kind
    how = tongue.choose(MEANS[means])
    return tongue.choose((f"{kind}({how})", f"{kind} ({how})"))


def _ages(facts: Facts, tongue: Tongue) -> str:
    *rest, last = map(str, facts["ages"])
    ja = "・".join(f"{age}歳" for age in facts["ages"])
    en = f"Children aged {', '.join(rest)} and {last}" if rest else f"A child aged {last}"
    return tongue.choose((ja, en))


def _guests(facts: Facts, tongue: Tongue) -> str:
    count = facts["guests"]
    return tongue.choose((f"お子さん{count}人", "A child" if count == 1 else f"{count} children"))


def _distance(facts: Facts, tongue: Tongue) -> str:
    metres = facts["distance_m"]
    far = metres >= KILOMETRE
    return tongue.choose(
        (
            f"約{metres / KILOMETRE:.1f}km" if far else f"約{metres}m",
            f"about {metres / KILOMETRE:.1f} km" if far else f"about {metres} m",
        )
    )


def _expiry(facts: Facts, tongue: Tongue) -> str:
    expires_at = facts["expires_at"]
    return tongue.choose(("なし", "none")) if expires_at is None else tongue.moment(expires_at)


def _bordereau(facts: Facts, tongue: Tongue) -> str:
    said, number = tongue.choose(_BORDEREAUX[facts["bordereau"]]), facts["adjustment"]
    return said + tongue.choose((f"(訂正{number})", f" (adjustment {number})")) if number else said


def _plain(fact: str) -> tuple[frozenset[str], Callable[[Facts, Tongue], str]]:
    return frozenset({fact}), lambda facts, _tongue: str(facts[fact])


def _yen(fact: str) -> tuple[frozenset[str], Callable[[Facts, Tongue], str]]:
    return frozenset({fact}), lambda facts, tongue: tongue.yen(facts[fact])


# The words that texts may use, each with the facts it is made of.
WORDS: Mapping[str, tuple[frozenset[str], Callable[[Facts, Tongue], str]]] = {
    "care": (frozenset({"kind"}), _care),
    "window": (
        frozenset({"start_at", "end_at"}),
        lambda facts, tongue: tongue.window(facts["start_at"], facts["end_at"]),
    ),
    "new_end": (frozenset({"new_end_at"}), lambda facts, tongue: tongue.moment(facts["new_end_at"])),
    "new_start": (frozenset({"new_start_at"}), lambda facts, tongue: tongue.moment(facts["new_start_at"])),
    "when": (frozenset({"at"}), lambda facts, tongue: tongue.moment(facts["at"])),
    "handover": (frozenset({"end"}), lambda facts, tongue: tongue.choose(_ENDS[facts["end"]])),
    "ages": (frozenset({"ages"}), _ages),
    "distance": (frozenset({"distance_m"}), _distance),
    "credential": (
        frozenset({"credential"}),
        lambda facts, tongue: tongue.choose(_CREDENTIALS[facts["credential"]]),
    ),
    "expiry": (frozenset({"expires_at"}), _expiry),
    "thanks": _yen("thanks_yen"),
    "costs": _yen("costs_yen"),
    "name": _plain("name"),
    "community": _plain("community"),
    "reason": (
        frozenset({"reason"}),
        lambda facts, tongue: facts["reason"] or tongue.choose(("記載なし", "not given")),
    ),
    "cover_number": _plain("cover_number"),
    "gap_minutes": _plain("gap_minutes"),
    "minutes": _plain("minutes"),
    "aggregate": (frozenset({"aggregate"}), lambda facts, tongue: tongue.choose(AGGREGATES[facts["aggregate"]])),
    "percent": _plain("percent"),
    "policy_number": _plain("policy_number"),
    "incident": (frozenset({"incident"}), lambda facts, tongue: tongue.choose(_INCIDENTS[facts["incident"]])),
    "report": (frozenset({"report"}), lambda facts, tongue: tongue.choose(_REPORTS[facts["report"]])),
    "due": (frozenset({"due_at"}), lambda facts, tongue: tongue.deadline(facts["due_at"])),
    "bordereau": (frozenset({"bordereau", "adjustment"}), _bordereau),
    "month": (frozenset({"month"}), lambda facts, tongue: tongue.month(date.fromisoformat(f"{facts['month']}-01"))),
    "claim_number": _plain("claim_number"),
    "claim_step": (frozenset({"claim_state"}), lambda facts, tongue: tongue.choose(_CLAIM_STEPS[facts["claim_state"]])),
    "claim_state": (frozenset({"claim_state"}), lambda facts, tongue: tongue.choose(_CLAIMS[facts["claim_state"]])),
    "dates": _plain("dates"),
    "people": _plain("people"),
    "guests": (frozenset({"guests"}), _guests),
}
