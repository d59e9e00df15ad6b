"""What a dashboard shows: each panel a headline, a chart, and the same as a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from sharecare.metrics.periods import Period, Span, Step, months_between, plus_months
from sharecare.metrics.report import RollUps
from sharecare.metrics.schemas import AreaReport, Audience, Unit
from sharecare.metrics.together import Told, told, total
from sharecare.web import charts
from sharecare.web.staff.saying import Saying

MONTHS_DRAWN = 12
Cell = str | float | None
Words = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's figures; both ends of what is only known as a range."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One card of the dashboard; `kind` names the macro that draws its chart."""

    name: str
    kind: str
    chart: object  # None where a figure says it all
    table: Table
    headline: str
    before: str = ""
    period: str = ""
    few: bool = False  # fewer families than may be told of
    beside: Sequence[str] = ()  # what a chart can't draw


@dataclass(slots=True)
class Scene:
    """A period of an area and the one before, as its staff may see them, and the words for it."""

    known: RollUps
    period: Period
    say: Saying
    t: Words
    now: list[AreaReport] = field(init=False)
    before: list[AreaReport] = field(init=False)

    def __post_init__(self) -> None:
        months = Period(Step.CUSTOM, self.period.months[0][0], self.period.months[-1][1])
        self.now = self.reports(months.months)
        self.before = self.reports(months.before.months)

    def reports(self, months: Sequence[Span]) -> list[AreaReport]:
        """Return what each month tells the area's staff."""
        return [self.known.report(*month, Audience.STAFF) for month in months]

    @property
    def has_details(self) -> bool:
        """Whether the months that details are of have any."""
        return any(report.as_of is not None for report in self.now)

    @property
    def months(self) -> str:
        """The months that details are of."""
        return self.say.months(self.period.months)

    @property
    def goal_of_members(self) -> int | None:
        """How many members the area wants."""
        return next((goal.target for goal in self.known.goals if goal.metric == "members"), None)

    def head(self, *names: str) -> list[str]:
        """Return the headings of a table."""
        return [self.t(f"staff.head.{name}") for name in names]


def first_day_drawn(period: Period) -> date:
    """Return the first day that a dashboard of a period needs."""
    months = Period(Step.CUSTOM, period.months[0][0], period.months[-1][1])
    year = plus_months(period.months[-1][0], 1 - MONTHS_DRAWN)
    return min(year, months.before.first, period.before.first, period.before.parts[0][0])


def uses(scene: Scene) -> Panel:
    """Show completed supports over the period, beside those of the one before."""
    points = _points(scene, lambda span: scene.known.totals(*span).uses)
    return _over_period(scene, "uses", "columns", charts.columns(points) if _is_series(points) else None, points)


def members(scene: Scene) -> Panel:
    """Show members over the period, and the number wanted."""
    points = _points(scene, lambda span: scene.known.totals(*span).members)
    line = charts.line(points, goal=scene.goal_of_members) if _is_series(points) else None
    return _over_period(scene, "members", "line", line, points)


def by_month(scene: Scene, name: str, unit: Unit) -> Panel:
    """Show a figure of a year's months; those of the period stand out."""
    last = scene.period.months[-1][0]
    months = months_between(plus_months(last, 1 - MONTHS_DRAWN), last)
    started = [report for report in scene.reports(months) if report.as_of is not None]
    points = [
        charts.Point(
            scene.say.part((report.first_day, report.last_day), Step.QUARTER),
            told(report, name),
            strong=(report.first_day, report.last_day) in scene.period.months,
        )
        for report in started
    ]
    now, before = total(scene.now, name), total(scene.before, name)
    rows = [
        [scene.say.tongue.month(report.first_day), *ends(point.now)]
        for report, point in zip(started, points, strict=True)
    ]
    return Panel(
        name,
        "columns",
        charts.columns(points) if _is_series(points) else None,
        Table(scene.head("month", "at_least", "at_most"), rows),
        headline=scene.say.told(now, unit),
        before=scene.say.told(before, unit),
        period=scene.months,
        few=now.withheld,
    )


def ends(told: Told) -> tuple[float | None, float | None]:
    """Return both ends of what is known, for a table."""
    return rounded(told.low), rounded(told.high)


def rounded(value: float | None) -> float | None:
    """Return a value with no more places than a table needs."""
    return None if value is None else int(value) if value == int(value) else round(value, 3)


def _points(scene: Scene, count: Callable[[Span], int | None]) -> list[charts.Point]:
    """Return the steps of the period, each with that of the one before; of two months one may have a week more."""
    pairs = zip_longest(scene.period.parts, scene.period.before.parts[: len(scene.period.parts)])
    return [
        charts.Point(
            scene.say.part(part, scene.period.step),
            _known(count(part)),
            charts.NOTHING if earlier is None else _known(count(earlier)),
        )
        for part, earlier in pairs
    ]


def _is_series(points: Sequence[charts.Point]) -> bool:
    """Say whether there is more than one figure to draw."""
    return sum(told.low is not None for point in points for told in (point.now, point.before)) > 1


def _known(count: int | None) -> Told:
    return Told(count, count)


def _over_period(scene: Scene, name: str, kind: str, chart: object, points: Sequence[charts.Point]) -> Panel:
    now, before = (
        _known(getattr(scene.known.totals(*period.span), name)) for period in (scene.period, scene.period.before)
    )
    rows = [
        [scene.say.days(part), point.now.exact, point.before.exact]
        for part, point in zip(scene.period.parts, points, strict=True)
    ]
    return Panel(
        name,
        kind,
        chart,
        Table(scene.head("days", "now", "before"), rows),
        headline=scene.say.told(now),
        before=scene.say.told(before),
        period=scene.say.period(scene.period),
    )
