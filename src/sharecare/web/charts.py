"""Figures as geometry, for the macros of `charts.html`: pure.

A chart is drawn in units of its own and scaled to its card, so that its text stays readable on a phone. What is only
known as a range is drawn as one; what is unknown has no mark, and its table says why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10

from sharecare.metrics.present import PART_OF_DAY_HOURS, SATURDAY, WEEKDAYS
from sharecare.metrics.privacy import EVERYTHING
from sharecare.metrics.together import Told

WIDTH, HEIGHT = 300, 170
LEFT, RIGHT, TOP, BOTTOM = 34, 296, 12, 144
TOPS = (2, 4, 6, 8, 10)
MOST_LABELS = 6
SHADES = 5
ROW, ROW_GAP, HEAT_LEFT, HEAT_TOP = 20, 2, 34, 18
DIGIT, NUMBER_DROP = 8, 4  # a digit's width; from the middle of a block to the foot of its number
FIRST_HOUR, LAST_HOUR = 6, 21  # of a week in which nothing lies outside
NOTHING = Told(None, None)


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series: its figure, and that of the same step of the period before."""

    label: str
    now: Told
    before: Told = NOTHING
    strong: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns over time, on lines that give their scale."""

    boxes: Sequence[Box]
    ticks: Sequence[Label]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class Line:
    """A line over time, the one before it, and a goal to reach."""

    now: str
    before: str
    dots: Sequence[Label]
    goal: float | None
    ticks: Sequence[Label]
    labels: Sequence[Label]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a part from 0 to 1: as far as it surely reaches, as far as it may, and a mark beside it."""

    label: str
    shown: str
    sure: float
    maybe: float
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """A week by its hours; what is told coarser is one larger block. Numbers stand where there is room."""

    boxes: Sequence[Box]
    numbers: Sequence[Label]
    hours: Sequence[Label]
    days: Sequence[Label]
    width: float
    height: float


def columns(points: Sequence[Point]) -> Columns:
    """Return a column for each step, the one of the period before drawn beside it."""
    top = _top(told for point in points for told in (point.now, point.before))
    step = (RIGHT - LEFT) / max(1, len(points))
    paired = any(point.before.low is not None for point in points)
    wide = min(step * (0.36 if paired else 0.66), 44)
    boxes: list[Box] = []
    for place, point in enumerate(points):
        middle = LEFT + (place + 0.5) * step
        if paired:
            boxes += _column(point.before, middle - wide, wide, top, "before", point.label)
        left = middle if paired else middle - wide / 2
        boxes += _column(point.now, left, wide, top, "now" if point.strong else "before", point.label)
    return Columns(boxes, _ticks(top), _labels(points, step))


def line(points: Sequence[Point], *, goal: int | None = None) -> Line:
    """Return a line through what is known of each step."""
    tops = [told for point in points for told in (point.now, point.before)]
    top = _top([*tops, Told(goal, goal)])
    step = (RIGHT - LEFT) / max(1, len(points))
    now, before = ([_spot(told, place, step, top) for place, told in enumerate(of)] for of in _both(points))
    dots = [
        Label(*spot, f"{point.label}: {_number(point.now.low)}")
        for spot, point in zip(now, points, strict=True)
        if spot is not None
    ]
    return Line(
        now=_path(now),
        before=_path(before),
        dots=dots,
        goal=None if goal is None else _height(goal, top),
        ticks=_ticks(top),
        labels=_labels(points, step),
    )


def bar(label: str, shown: str, told: Told, *, of: float = 1, mark: float | None = None) -> Bar:
    """Return a bar of a figure against a whole."""
    low = told.low or 0
    high = low if told.high is None else told.high
    return Bar(label, shown, _part(low, of), _part(high, of), None if mark is None else _part(mark, of))


def heat(amounts: Mapping[str, float], tips: Mapping[str, str], days: Sequence[str]) -> Heat:
    """Return a week's hours by how much lies in each; a block of several is as dark as its mean hour."""
    spans = {label: span for label in amounts if (span := _hours_in(label)) is not None}
    first = min([FIRST_HOUR, *(span[2] for span in spans.values() if span[2] or span[3] < len(WEEKDAYS))])
    last = max([LAST_HOUR, *(span[3] for label, span in spans.items() if label != EVERYTHING)])
    wide = (WIDTH - HEAT_LEFT) / (last - first)
    density = {label: amounts[label] / _size(spans[label], first, last) for label in spans}
    darkest = max(density.values(), default=0) or 1
    boxes = [Box(HEAT_LEFT, HEAT_TOP, WIDTH - HEAT_LEFT, len(WEEKDAYS) * ROW - ROW_GAP, "shade-0")]
    numbers = []
    for label, (first_day, last_day, start, end) in spans.items():
        left, right = max(start, first), min(end, last)
        number = _number(amounts[label])
        if (right - left) * wide - ROW_GAP >= DIGIT * len(number):
            middle = round(HEAT_LEFT + ((left + right) / 2 - first) * wide, 1)
            foot = HEAT_TOP + ROW * (first_day + last_day + 1) / 2 + NUMBER_DROP
            numbers.append(Label(middle, foot, number))
        shade = min(SHADES, 1 + int(SHADES * density[label] / darkest)) if density[label] else 0
        boxes.append(
            Box(
                round(HEAT_LEFT + (left - first) * wide, 1),
                HEAT_TOP + first_day * ROW,
                round((right - left) * wide - ROW_GAP, 1),
                (last_day - first_day + 1) * ROW - ROW_GAP,
                f"shade-{shade}",
                tips[label],
            )
        )
    marks = range(first, last + 1, PART_OF_DAY_HOURS)
    return Heat(
        boxes=boxes,
        numbers=numbers,
        hours=[Label(round(HEAT_LEFT + (hour - first) * wide, 1), HEAT_TOP - 6, str(hour)) for hour in marks],
        days=[Label(0, HEAT_TOP + place * ROW + ROW * 0.7, day) for place, day in enumerate(days)],
        width=WIDTH,
        height=HEAT_TOP + len(WEEKDAYS) * ROW,
    )


def _hours_in(label: str) -> tuple[int, int, int, int] | None:
    """Return the first and last weekday and the hours that a group's label names; None where it names none."""
    if label == EVERYTHING:
        return 0, len(WEEKDAYS) - 1, 0, 24
    days, _, hours = label.partition(" ")
    start, _, end = hours.partition("-")
    if days == "weekdays":
        return 0, SATURDAY - 1, int(start), int(end)
    if days == "weekend":
        return SATURDAY, len(WEEKDAYS) - 1, int(start), int(end)
    return (WEEKDAYS.index(days), WEEKDAYS.index(days), int(start), int(end)) if days in WEEKDAYS else None


def _size(span: tuple[int, int, int, int], first: int, last: int) -> int:
    first_day, last_day, start, end = span
    return (last_day - first_day + 1) * (min(end, last) - max(start, first))


def _column(told: Told, left: float, wide: float, top: float, kind: str, label: str) -> list[Box]:
    """Return a column as high as its figure; a range is drawn on top of its lower end."""
    if told.low is None:
        return []
    low = _height(told.low, top)
    tip = f"{label}: {_number(told.low)}"
    x, wide = round(left, 1), round(wide, 1)
    boxes = [Box(x, low, wide, round(BOTTOM - low, 1), kind, tip)]
    if told.high != told.low:
        high = TOP if told.high is None else _height(told.high, top)
        until = "+" if told.high is None else f"-{_number(told.high)}"
        boxes.append(Box(x, high, wide, round(low - high, 1), f"{kind} range", tip + until))
    return boxes


def _both(points: Sequence[Point]) -> tuple[list[Told], list[Told]]:
    return [point.now for point in points], [point.before for point in points]


def _spot(told: Told, place: int, step: float, top: float) -> tuple[float, float] | None:
    return None if told.low is None else (round(LEFT + (place + 0.5) * step, 1), _height(told.low, top))


def _path(spots: Sequence[tuple[float, float] | None]) -> str:
    """Return the path through what is known; over what isn't, the line breaks."""
    steps, pen_up = [], True
    for spot in spots:
        if spot is not None:
            steps.append(f"{'M' if pen_up else 'L'}{spot[0]} {spot[1]}")
        pen_up = spot is None
    return " ".join(steps)


def _top(tolds: Iterable[Told]) -> float:
    """Return the end of the scale: a round figure above everything that is drawn."""
    most = max((end for told in tolds for end in (told.low, told.high) if end is not None), default=0)
    power = 10.0 ** max(0, int(log10(most))) if most >= 1 else 1.0
    return next(top * power for top in (*TOPS, 20) if top * power >= most)


def _ticks(top: float) -> list[Label]:
    return [Label(LEFT - 5, _height(value, top), _number(value)) for value in (0, top / 2, top)]


def _labels(points: Sequence[Point], step: float) -> list[Label]:
    every = -(-len(points) // MOST_LABELS) or 1
    return [
        Label(round(LEFT + (place + 0.5) * step, 1), BOTTOM + 16, point.label)
        for place, point in enumerate(points)
        if (len(points) - 1 - place) % every == 0
    ]


def _height(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * value / top, 1)


def _part(value: float, of: float) -> float:
    return round(max(0.0, min(1.0, value / of)) if of else 0.0, 4)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
