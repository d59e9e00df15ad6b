"""Panels of how things stand: cover, requests met, waiting, ties, levels, unmet need."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sharecare.areas.rules import Level
from sharecare.areas.words import LEVELS
from sharecare.metrics.present import SAFETY_FIGURES, WEEKDAYS
from sharecare.metrics.privacy import ELSEWHERE, EVERYTHING
from sharecare.metrics.schemas import Unit
from sharecare.metrics.together import Told, hours_of_week, matched_of, share, told, total, typical
from sharecare.web import charts
from sharecare.web.staff.panels import Cell, Panel, Scene, Table, ends, rounded

FUNNEL = ("requests_counted", "matched", "filled")
WAITS = ("minutes_to_offer", "minutes_to_booking")
INCIDENTS = "incidents_per_1000_hours"  # what the panel of safety puts first
# Every group of levels that a report may show, from the lowest.
LADDER = (
    "registered",
    "identified",
    "below_trained",
    "trained",
    "trained_or_certified",
    "below_certified",
    "certified",
    ELSEWHERE,
    EVERYTHING,
)
LONGEST_WAIT = 60.0  # minutes; the least that the scale of waiting reaches


class _Row(NamedTuple):
    name: str
    told: Told
    unit: Unit
    whole: float = 1
    mark: float | None = None


def coverage(scene: Scene) -> Panel:
    """Show how many supports were insured throughout; the goal is all of them."""
    return _of_one_share(scene, "coverage")


def trust(scene: Scene) -> Panel:
    """Show how many members have enough people to turn to."""
    now, before = (told(reports[-1], "well_tied_share") for reports in (scene.now, scene.before))
    mean = scene.say.told(told(scene.now[-1], "friends_mean"))
    rows = [_Row("well_tied_share", now, Unit.SHARE, 1, before.exact)]
    beside = [scene.t("staff.friends_mean", n=mean)]
    return _bars(scene, "trust", rows, now, before, Unit.SHARE, beside=beside)


def fill(scene: Scene) -> Panel:
    """Show how many requests found someone, of those that were not withdrawn early."""
    counts = {name: total(scene.now, name) for name in FUNNEL}
    asked = counts["requests_counted"]
    counts["matched"] = matched_of(asked, total(scene.now, "requests"), counts["matched"], counts["filled"])
    whole = asked.high or asked.low or 0
    rows = [_Row(name, count, Unit.COUNT, whole) for name, count in counts.items()]
    now, before = (share(reports, "fill_rate") for reports in (scene.now, scene.before))
    return _bars(scene, "fill_rate", rows, now, before, Unit.SHARE)


def waiting(scene: Scene) -> Panel:
    """Show how long people waited: half of them, and nine in ten."""
    names = [f"{name}_{how}" for name in WAITS for how in ("median", "p90")]
    waits = {name: typical(scene.now, name) for name in names}
    longest = max([LONGEST_WAIT, *(wait.high for wait in waits.values() if wait.high is not None)])
    rows = [_Row(name, wait, Unit.MINUTES, longest, _before(scene, name)) for name, wait in waits.items()]
    now, before = (typical(reports, "minutes_to_booking_median") for reports in (scene.now, scene.before))
    return _bars(scene, "waiting", rows, now, before, Unit.MINUTES)


def safety(scene: Scene) -> Panel:
    """Show what went wrong, or nearly, per 1,000 hours of care."""
    rates = {name: share(scene.now, name) for name in SAFETY_FIGURES}
    most = max([1.0, *(rate.high for rate in rates.values() if rate.high is not None)])
    rows = [_Row(name, rate, Unit.RATE, most, share(scene.before, name).exact) for name, rate in rates.items()]
    now, before = rates[INCIDENTS], share(scene.before, INCIDENTS)
    panel = _bars(scene, "safety", rows, now, before, Unit.RATE, beside=[scene.t("staff.safety_text")])
    return replace(panel, few=any(rate.withheld for rate in rates.values()))


def levels(scene: Scene) -> Panel:
    """Show how far supporters have come."""
    breakdown = next(one for one in scene.now[-1].breakdowns if one.name == "supporters_by_level")
    most = max((group.value for group in breakdown.groups), default=0)
    groups = sorted(breakdown.groups, key=lambda group: LADDER.index(group.label))
    rows = [_Row(group.label, Told(group.value, group.value), Unit.COUNT, most) for group in groups]
    bars = [charts.bar(_level(scene, row.name), scene.say.told(row.told), row.told, of=row.whole) for row in rows]
    table = [[bar.label, rounded(row.told.exact)] for bar, row in zip(bars, rows, strict=True)]
    supporters, before = (told(reports[-1], "supporters") for reports in (scene.now, scene.before))
    return Panel(
        "levels",
        "bars",
        bars if len(bars) > 1 else None,
        Table(scene.head("level", "now"), table),
        headline=scene.say.told(supporters),
        before=scene.say.told(before),
        period=scene.months,
        few=breakdown.withheld,
        beside=[f"{bar.label}: {bar.shown}" for bar in bars] if len(bars) == 1 else [],
    )


def unmet(scene: Scene) -> Panel:
    """Show when requests found nobody, as finely as may be told."""
    groups = hours_of_week(scene.now)
    names = {label: when(scene, label) for label in groups}
    tips = {label: f"{names[label]}: {scene.say.number(amount, Unit.HOURS)}" for label, amount in groups.items()}
    rows = [[names[label], rounded(amount)] for label, amount in groups.items()]
    days = [scene.t(f"staff.day.{day}") for day in WEEKDAYS]
    now, before = (total(reports, "unmet_hours") for reports in (scene.now, scene.before))
    elsewhere = [tips[ELSEWHERE]] if ELSEWHERE in tips else []
    blocks = [tip for label, tip in tips.items() if label != ELSEWHERE]
    is_drawn = len(blocks) > 1  # one block alone is a sentence
    return Panel(
        "unmet",
        "heat",
        charts.heat(groups, tips, days) if is_drawn else None,
        Table(scene.head("when", "hours"), rows),
        headline=scene.say.told(now, Unit.HOURS),
        before=scene.say.told(before, Unit.HOURS),
        period=scene.months,
        few=now.withheld,
        beside=([scene.t("staff.heat_text")] if is_drawn else blocks) + elsewhere,
    )


def when(scene: Scene, label: str) -> str:
    """Write a group of hours."""
    days, _, hours = label.partition(" ")
    if not hours:
        return scene.t(f"staff.{'all_hours' if label == EVERYTHING else 'other_hours'}")
    start, _, end = hours.partition("-")
    return f"{scene.t(f'staff.day.{days}')} {int(start)}:00–{int(end)}:00"


def _of_one_share(scene: Scene, name: str) -> Panel:
    now, before = (share(reports, name) for reports in (scene.now, scene.before))
    return _bars(scene, name, [_Row(name, now, Unit.SHARE, 1, before.exact)], now, before, Unit.SHARE)


def _bars(
    scene: Scene, name: str, rows: list[_Row], now: Told, before: Told, unit: Unit, *, beside: Sequence[str] = ()
) -> Panel:
    bars = [
        charts.bar(
            scene.t(f"staff.bar.{row.name}"),
            scene.say.told(row.told, row.unit),
            row.told,
            of=row.whole,
            mark=row.mark,
        )
        for row in rows
    ]
    cells: list[list[Cell]] = [[bar.label, *ends(row.told)] for bar, row in zip(bars, rows, strict=True)]
    return Panel(
        name,
        "bars",
        bars if len(rows) > 1 and any(row.told.low is not None for row in rows) else None,
        Table(scene.head("figure", "at_least", "at_most"), cells),
        headline=scene.say.told(now, unit),
        before=scene.say.told(before, unit),
        period=scene.months,
        few=now.withheld,
        beside=beside,
    )


def _before(scene: Scene, name: str) -> float | None:
    return typical(scene.before, name).exact


def _level(scene: Scene, label: str) -> str:
    own = {level.name.casefold(): LEVELS[level] for level in Level}
    return scene.say.tongue.choose(own[label]).capitalize() if label in own else scene.t(f"staff.level.{label}")
