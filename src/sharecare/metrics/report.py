"""An area's report: the stored days of a period, as an audience may see them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area, Goal
from sharecare.areas.queries import goals_of, settings_of
from sharecare.areas.rules import AreaSettings, GoalMetric, Level
from sharecare.metrics.days import days_between
from sharecare.metrics.figures import DayFigures, Stock, SupporterGroup
from sharecare.metrics.models import AreaDay
from sharecare.metrics.present import Lens, breakdowns_of, figures_of
from sharecare.metrics.schemas import AreaReport, Audience, GoalProgress
from sharecare.metrics.tally import Tally
from sharecare.metrics.words import PUBLIC

DAYS_A_WEEK = 7
STAFF_TOTALS = frozenset({"members", "uses"})


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals behind the goals, which staff see however few stand behind them; None before anything is known."""

    uses: int | None
    members: int | None


@dataclass(frozen=True, slots=True)
class RollUps:
    """The stored days of an area, from which reports of several periods are made without asking again."""

    area: Area
    goals: Sequence[Goal]
    days: Mapping[date, DayFigures]
    earlier: tuple[date | None, Stock]  # the last day known before them
    since: date | None  # the first day that anything is known of

    def report(self, first_day: date, last_day: date, audience: Audience) -> AreaReport:
        """Return the report of a period, both days included, as far as the roll-ups know them."""
        goals = [] if audience is Audience.PUBLIC else self.goals
        as_of, stock = self._latest(last_day)
        lens = lens_for(audience, settings_of(self.area), {goal.metric for goal in goals})
        tally = Tally.of(self._within(first_day, last_day), stock)
        figures = figures_of(tally, lens)
        until = {day: figures for day, figures in self.days.items() if day <= last_day}
        return AreaReport(
            area=self.area.slug,
            first_day=first_day,
            last_day=last_day,
            as_of=as_of,
            audience=audience,
            k=lens.k,
            figures=[figure for figure in figures if audience is not Audience.PUBLIC or figure.name in PUBLIC],
            breakdowns=[] if audience is Audience.PUBLIC else breakdowns_of(tally, lens),
            goals=[_progress(goal, until, stock, as_of) for goal in goals if as_of is not None],
        )

    def totals(self, first_day: date, last_day: date) -> Totals:
        """Return the uses of a period and the members at its end, for the area's own staff."""
        as_of, stock = self._latest(last_day)
        if as_of is None:
            return Totals(None, None)
        uses = sum(len(figures.flow.uses) for figures in self._within(first_day, last_day))
        return Totals(uses, stock.members.people)

    def _within(self, first_day: date, last_day: date) -> list[DayFigures]:
        return [self.days[day] for day in days_between(first_day, last_day) if day in self.days]

    def _latest(self, last_day: date) -> tuple[date | None, Stock]:
        """Return the members at the end of the last day that is known."""
        day = max((day for day in self.days if day <= last_day), default=None)
        return self.earlier if day is None else (day, self.days[day].stock)


async def report(
    session: AsyncSession, *, area: Area, first_day: date, last_day: date, audience: Audience
) -> AreaReport:
    """Return an area's figures of a period, both days included, as far as the roll-ups know them.

    Periods must be fixed, such as months: two that overlap tell their difference.
    """
    known = await roll_ups(session, area=area, first_day=first_day, last_day=last_day)
    return known.report(first_day, last_day, audience)


async def roll_ups(session: AsyncSession, *, area: Area, first_day: date, last_day: date) -> RollUps:
    """Read an area's days once, with those that its goals count from."""
    goals = await goals_of(session, area.id)
    since = min([first_day, *(goal.from_date for goal in goals)])
    days = await _days(session, area.id, since, last_day)
    first_ever, last_before, stock = await _before(session, area.id, since)
    return RollUps(area, goals, days, (last_before, stock), first_ever or min(days, default=None))


def while_running(made: AreaReport) -> AreaReport:
    """Return a report as staff may see it before its last day is over: the totals behind the goals alone.

    The rest moves with every single request, and the difference of two looks is one family.
    """
    totals = [figure for figure in made.figures if figure.name in STAFF_TOTALS]
    return made.model_copy(update={"figures": totals, "breakdowns": []})


def lens_for(audience: Audience, settings: AreaSettings, goals: Iterable[str]) -> Lens:
    """Return how finely an audience sees; the totals behind the goals stay visible to the area's own staff."""
    if audience is Audience.OPERATOR:
        return Lens(k=0)
    if audience is Audience.STAFF:
        return Lens(k=settings.k_staff, totals=STAFF_TOTALS, certified_is_told=GoalMetric.CERTIFIED_SUPPORTERS in goals)
    return Lens(k=settings.k_public, needs_supporters=True, hides_zero=True)


async def _days(session: AsyncSession, area_id: int, first: date, last: date) -> dict[date, DayFigures]:
    within = select(AreaDay).where(AreaDay.area_id == area_id, col(AreaDay.day) >= first, col(AreaDay.day) <= last)
    return {row.day: DayFigures.model_validate(row.figures) for row in await session.exec(within)}


async def _before(session: AsyncSession, area_id: int, first: date) -> tuple[date | None, date | None, Stock]:
    """Return the first and the last day known before a day, and who were members then."""
    first_ever = select(func.min(AreaDay.day)).where(AreaDay.area_id == area_id).scalar_subquery()
    rows = select(AreaDay, first_ever).where(AreaDay.area_id == area_id, col(AreaDay.day) < first)
    found = (await session.exec(rows.order_by(col(AreaDay.day).desc()).limit(1))).first()
    if found is None:
        return None, None, Stock()
    row, first_ever_day = found
    return first_ever_day, row.day, DayFigures.model_validate(row.figures).stock


def _progress(goal: Goal, known: Mapping[date, DayFigures], stock: Stock, as_of: date | None) -> GoalProgress:
    result = _result(goal, known, stock)
    return GoalProgress(
        metric=GoalMetric(goal.metric),
        target=goal.target,
        result=result,
        from_date=goal.from_date,
        until_date=goal.until_date,
        pace_per_week=pace(goal.target - result, (goal.until_date - as_of).days if as_of else 0),
    )


def _result(goal: Goal, known: Mapping[date, DayFigures], stock: Stock) -> int:
    if goal.metric == GoalMetric.MEMBERS:
        return stock.members.people
    if goal.metric == GoalMetric.CERTIFIED_SUPPORTERS:
        return stock.levels.get(Level.CERTIFIED, SupporterGroup()).people
    within = (figures for day, figures in known.items() if goal.from_date <= day <= goal.until_date)
    return sum(len(figures.flow.uses) for figures in within)


def pace(missing: int, days_left: int) -> float | None:
    """Return what each week must add: 0 once the goal is reached, None where no day is left to reach it."""
    if missing <= 0:
        return 0.0
    return missing * DAYS_A_WEEK / days_left if days_left > 0 else None
