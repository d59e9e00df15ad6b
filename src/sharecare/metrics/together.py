"""Several months as one, from what each month's report tells and nothing else: pure.

Adding up what may be told tells nothing new. A quarter counted afresh would: less its other months it is the month
whose families were too few to be told of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sharecare.metrics.present import SAFETY_FIGURES, WEEKDAYS, parent_time
from sharecare.metrics.privacy import ELSEWHERE, EVERYTHING
from sharecare.metrics.schemas import AreaReport, Figure

# What a share or a rate of a month is of, and so how much it weighs among others.
SHARES_OF = {
    "fill_rate": "requests_counted",
    "coverage": "uses",
    "cross_area_share": "uses",
    **dict.fromkeys(SAFETY_FIGURES, "care_hours"),
}
CELL_DIGITS = (9, 8)  # of the half and the whole mesh around a quarter of one


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a figure: that it lies from `low` to `high`; None where an end is unknown."""

    low: float | None
    high: float | None
    withheld: bool = False

    @property
    def exact(self) -> float | None:
        """The value, where it is known."""
        return self.low if self.low == self.high else None

    @classmethod
    def of(cls, figure: Figure | None) -> "Told":
        """Read a figure of a report."""
        if figure is None or figure.withheld:
            return cls(None, None, withheld=figure is not None)
        if figure.value is not None:
            return cls(figure.value, figure.value)
        return cls(figure.at_least, figure.at_most)


def told(report: AreaReport, name: str) -> Told:
    """Return what a report tells of a figure; nothing of a time before the area's first day."""
    if report.as_of is None:
        return Told(None, None)
    return Told.of(next((figure for figure in report.figures if figure.name == name), None))


def total(reports: Sequence[AreaReport], name: str) -> Told:
    """Return the sum of a count or of hours; where some months withhold theirs, only its lower end is known."""
    parts = [told(report, name) for report in reports if report.as_of is not None]
    known = [part for part in parts if part.low is not None]
    if not known:
        return Told(None, None, withheld=any(part.withheld for part in parts))
    whole = len(known) == len(parts) and all(part.high is not None for part in known)
    return Told(sum(part.low or 0 for part in known), sum(part.high or 0 for part in known) if whole else None)


def share(reports: Sequence[AreaReport], name: str) -> Told:
    """Return a share or a rate over the months that tell theirs, each weighing as much as what it is a share of."""
    parts = [(told(report, name), told(report, SHARES_OF[name]).exact) for report in reports]
    known = [(part, whole) for part, whole in parts if part.low is not None and part.high is not None and whole]
    weight = sum(whole for _, whole in known)
    if not weight:
        return Told(None, None, withheld=any(part.withheld for part, _ in parts))
    low = sum((part.low or 0) * whole for part, whole in known) / weight
    return Told(low, sum((part.high or 0) * whole for part, whole in known) / weight)


def matched_of(counted: Told, opened: Told, matched: Told, filled: Told) -> Told:
    """Return how many of the counted requests were matched, as the four tell it together.

    An offer can come to a request that is withdrawn early all the same: matched requests are told of all opened ones.
    """
    if matched.low is None:
        return matched
    early = None if opened.high is None or counted.low is None else opened.high - counted.low
    low = max(filled.low or 0, 0 if early is None else matched.low - early)
    high = min((end for end in (matched.high, counted.high) if end is not None), default=None)
    return Told(low, high)


def typical(reports: Sequence[AreaReport], name: str) -> Told:
    """Return between which values a median or a percentile over all of the months lies."""
    parts = [told(report, name) for report in reports]
    lows = [part.low for part in parts if part.low is not None]
    highs = [part.high for part in parts if part.high is not None]
    if not lows or not highs:
        return Told(None, None, withheld=any(part.withheld for part in parts))
    return Told(min(lows), max(highs))


def hours_of_week(reports: Sequence[AreaReport]) -> Mapping[str, float]:
    """Return unmet hours by hour of the week, as fine as every month tells them."""
    return _added(reports, "unmet_hours_by_time", _above_hour)


def cells(reports: Sequence[AreaReport]) -> Mapping[str, float]:
    """Return unmet hours by cell, as fine as every month tells them."""
    return _added(reports, "unmet_hours_by_cell", _above_cell)


def supporters_by_cell(reports: Sequence[AreaReport]) -> Mapping[str, float]:
    """Return where supporters live at the end of the last month."""
    return _added(reports[-1:], "supporters_by_cell", _above_cell)


def _added(reports: Sequence[AreaReport], name: str, above: Callable[[str], Sequence[str]]) -> Mapping[str, float]:
    of_months = [one for report in reports for one in report.breakdowns if one.name == name and not one.withheld]
    labels = {group.label for one in of_months for group in one.groups}
    several = len(of_months) > 1
    amounts: dict[str, float] = {}
    for one in of_months:
        for group in one.groups:
            place = next((label for label in reversed(above(group.label)) if label in labels), group.label)
            place = ELSEWHERE if several and place == EVERYTHING and len(labels) > 1 else place
            amounts[place] = amounts.get(place, 0) + group.value
    return dict(sorted(amounts.items()))


def _above_hour(label: str) -> Sequence[str]:
    day, _, hours = label.partition(" ")
    return (parent_time(WEEKDAYS.index(day), int(hours[:2])),) if day in WEEKDAYS else ()


def _above_cell(label: str) -> Sequence[str]:
    if not label.isdecimal():
        return ()
    return [label[:digits] for digits in CELL_DIGITS if len(label) > digits]
