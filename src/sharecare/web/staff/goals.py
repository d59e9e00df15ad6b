"""Goals against results: how far, how fast, and how fast it must go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sharecare.metrics.report import RollUps
from sharecare.metrics.schemas import AreaReport, Audience, GoalProgress
from sharecare.metrics.together import Told
from sharecare.web import charts
from sharecare.web.staff.panels import Table, Words
from sharecare.web.staff.saying import Saying

WEEKS_BACK = 4


@dataclass(frozen=True, slots=True)
class GoalCard:
    """One goal as it stands today; `due` is where it would be if every day had brought as much."""

    name: str
    target: str
    result: str
    until: str
    bar: charts.Bar
    needed: str | None  # None once the day has passed
    lately: str | None  # None while too little is known
    is_reached: bool
    is_behind: bool


def goal_cards(known: RollUps, today: date, say: Saying, t: Words) -> list[GoalCard]:
    """Return a card for each goal."""
    now = known.report(today, today, Audience.STAFF)
    then = known.report(today, now.as_of - timedelta(weeks=WEEKS_BACK), Audience.STAFF) if now.as_of else now
    return [_card(goal, now, then, say, t) for goal in now.goals]


def table_of_goals(cards: Sequence[GoalCard], t: Words) -> Table:
    """Return the goals as a table."""
    names = ("goal", "target", "result", "until", "needed", "lately")
    rows = [[card.name, card.target, card.result, card.until, card.needed, card.lately] for card in cards]
    return Table([t(f"staff.head.{name}") for name in names], rows)


def _card(goal: GoalProgress, now: AreaReport, then: AreaReport, say: Saying, t: Words) -> GoalCard:
    name = t(f"staff.goal.{goal.metric}")
    earlier = next((one.result for one in then.goals if one.metric == goal.metric), None)
    lately = None if earlier is None else (goal.result - earlier) / WEEKS_BACK
    due = _due(goal, now.as_of or goal.from_date)
    result = say.number(goal.result)
    return GoalCard(
        name=name,
        target=say.number(goal.target),
        result=result,
        until=say.tongue.full_date(goal.until_date),
        bar=charts.bar(name, result, Told(goal.result, goal.result), of=goal.target, mark=due),
        needed=None if goal.pace_per_week is None else say.number(round(goal.pace_per_week, 1)),
        lately=None if lately is None else say.number(round(lately, 1)),
        is_reached=goal.result >= goal.target,
        is_behind=goal.result < due,
    )


def _due(goal: GoalProgress, as_of: date) -> float:
    days = (goal.until_date - goal.from_date).days + 1
    passed = min(max((as_of - goal.from_date).days + 1, 0), days)
    return goal.target * passed / days
