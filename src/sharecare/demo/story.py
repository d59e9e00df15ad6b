"""Telling how the demo's month went, to people and to programs."""

from typing import Any

from rich.console import Console
from rich.table import Table

from sharecare.console import choose
from sharecare.demo.service import Demo

GOALS = {"members": ("会員", "members"), "uses": ("行われた支援", "uses")}
WHO = {
    "parent": ("保護者", "parent"),
    "supporter": ("サポーター", "supporter"),
    "staff": ("地区の運営", "staff"),
    "insurer": ("保険会社", "insurer"),
}


def as_json(made: Demo) -> dict[str, Any]:
    """Return the figures of the month as plain values."""
    figures = {figure.name: figure.value for figure in made.report.figures}
    levels = next(one for one in made.report.breakdowns if one.name == "supporters_by_level")
    certified = sum(group.value for group in levels.groups if group.label == "certified")
    return {
        "area": made.report.area,
        "first_day": made.report.first_day,
        "last_day": made.report.last_day,
        "members": _whole(figures["members"]),
        "supporters": _whole(figures["supporters"]),
        "certified_supporters": _whole(certified),
        "requests": _whole(figures["requests"]),
        "bookings": made.bookings,
        "uses": _whole(figures["uses"]),
        "fill_rate": figures["fill_rate"],
        "median_minutes_to_booking": figures["minutes_to_booking_median"],
        "care_hours": figures["care_hours"],
        "coverage_share": figures["coverage"],
        "unmet_hours": figures["unmet_hours"],
        "goals": [{"metric": goal.metric, "target": goal.target, "result": goal.result} for goal in made.report.goals],
        "logins": [{"who": login.who, "email": login.email, "password": login.password} for login in made.logins],
        "elapsed_s": made.elapsed_s,
    }


def tell_story(made: Demo) -> None:
    """Print a short story of the month."""
    told, console = as_json(made), Console(highlight=False)
    console.print(
        choose(
            "[bold]美園地区の30日({first_day} 〜 {last_day})[/]\n"
            "{members}人の会員(うち支援者{supporters}人、認定{certified_supporters}人)が{requests}件のお願いを出し、"
            "{fill:.0%}が成立しました。\n"
            "成立までの中央値は{wait}分。{uses}回、{care_hours:.0f}時間の支援が行われ、"
            "{coverage_share:.0%}に保険が有効でした。\n"
            "まだ応えられていないお願いは{unmet_hours:.0f}時間分です。",
            "[bold]Thirty days in Misono ({first_day} to {last_day})[/]\n"
            "{members} members ({supporters} supporters, {certified_supporters} certified) opened {requests} requests; "
            "{fill:.0%} became a booking.\n"
            "Half of those were booked within {wait} minutes. {uses} supports of {care_hours:.0f} hours took place, "
            "{coverage_share:.0%} of them covered for their whole time.\n"
            "{unmet_hours:.0f} hours of need went unmet.",
        ).format(**told, fill=told["fill_rate"], wait=_whole(told["median_minutes_to_booking"]))
    )
    console.print(_goals(made), _logins(made))


def _goals(made: Demo) -> Table:
    table = Table(title=choose("目標と実績", "Goals and results"), title_justify="left")
    for heading in (choose("指標", "metric"), choose("目標", "target"), choose("実績", "result"), ""):
        table.add_column(heading)
    for goal in made.report.goals:
        share = min(goal.result / goal.target, 1)
        bar = "█" * round(share * 20) + "░" * (20 - round(share * 20))
        table.add_row(choose(*GOALS[goal.metric]), str(goal.target), str(goal.result), f"{bar} {share:.0%}")
    return table


def _logins(made: Demo) -> Table:
    table = Table(title=choose("サインイン", "Sign-ins"), title_justify="left")
    for heading in ("", choose("メールアドレス", "e-mail"), choose("パスワード", "password")):
        table.add_column(heading)
    for login in made.logins:
        table.add_row(choose(*WHO[login.who]), login.email, login.password)
    return table


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
