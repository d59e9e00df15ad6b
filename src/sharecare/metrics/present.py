"""Turning a tally into the figures that an audience may see."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sharecare.areas.rules import Level
from sharecare.journal.rules import FactKind
from sharecare.metrics.figures import RequestLine, UseLine
from sharecare.metrics.privacy import EVERYTHING, Backing, Leaf, Side, Span, merged, span_above, span_of
from sharecare.metrics.schemas import Breakdown, Figure, Portion, Words
from sharecare.metrics.tally import Cut, Tally, side_of, side_of_care, side_of_requests
from sharecare.metrics.words import BREAKDOWNS, FIGURES

MINUTES_AN_HOUR = 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY = 5
PART_OF_DAY_HOURS = 3
BELOW, ABOVE, BELOW_CERTIFIED = "below_trained", "trained_or_certified", "below_certified"
SAFETY_FIGURES = {
    "near_misses_per_1000_hours": FactKind.NEAR_MISS_REPORTED,
    "incidents_per_1000_hours": FactKind.INCIDENT_REPORTED,
    "claims_per_1000_hours": FactKind.CLAIM_FILED,
}
LEVEL_PATHS = {
    Level.REGISTERED: ("registered", BELOW),
    Level.IDENTIFIED: ("identified", BELOW),
    Level.TRAINED: ("trained", ABOVE),
    Level.CERTIFIED: ("certified", ABOVE),
}


@dataclass(frozen=True, slots=True)
class Lens:
    """How finely an audience sees; `totals` are shown however few stand behind them."""

    k: int
    totals: frozenset[str] = frozenset()
    certified_is_told: bool = False
    needs_supporters: bool = False
    hides_zero: bool = False

    def sees(self, side: Side) -> bool:
        """Say whether a whole may be told."""
        return side.backing.reaches(self.k) if self.hides_zero else side.passes(self.k)


def figures_of(tally: Tally, lens: Lens) -> list[Figure]:
    """Return every figure in the order in which a report shows them."""
    return [
        *_members(tally, lens),
        *_requests(tally, lens),
        *_waiting(tally, lens),
        *_uses(tally, lens),
        *_safety(tally, lens),
        *_utilisation(tally, lens),
        *_ties(tally, lens),
        _total("unmet_hours", side_of_requests(tally.unmet), _hours(sum(map(_minutes, tally.unmet))), lens),
    ]


def breakdowns_of(tally: Tally, lens: Lens) -> list[Breakdown]:
    """Return every breakdown; each adds up to a total."""
    kinds = Cut.of(tally.uses, lambda line: line.pickup)
    by_kind = {"pickup": kinds.part, "care": kinds.rest}
    return [
        _levels(tally, lens),
        _homes(tally, lens),
        _breakdown("uses_by_kind", [_use_leaf(label, of, len(of)) for label, of in by_kind.items()], lens),
        _breakdown(
            "care_hours_by_kind",
            [_use_leaf(label, of, sum(line.minutes for line in of)) for label, of in by_kind.items()],
            lens,
            shown=_hours,
        ),
        _breakdown("unmet_hours_by_cell", [_cell_leaf(line) for line in tally.unmet], lens, shown=_hours),
        _breakdown("unmet_hours_by_time", _time_leaves(tally.unmet), lens, shown=_hours),
    ]


def _members(tally: Tally, lens: Lens) -> list[Figure]:
    stock = tally.stock
    supporting = _if(stock.supporters.people, wanted=lens.needs_supporters)
    whole = Side(stock.members.people, Backing(stock.members.families, supporting))
    requesters = _span(side_of(stock.requesters), side_of(stock.non_requesters), whole, lens)
    supporters = _span(side_of(stock.supporters), side_of(stock.non_supporters), whole, lens)
    if lens.certified_is_told and not _uncertified(tally).passes(lens.k):
        supporters = None  # the goal tells how many are certified, and so this would tell how many are not
    active = _span(tally.active_side, tally.inactive_side, whole, lens)
    return [
        _total("members", whole, whole.count, lens),
        _count("requesters", requesters, whole),
        _count("supporters", supporters, whole),
        _count("active_members", active, whole),
        _share("active_share", active, whole),
    ]


def _requests(tally: Tally, lens: Lens) -> list[Figure]:
    counted = Cut.of(tally.requests, lambda line: not line.withdrawn_early)
    filled = Cut.of(counted.part, lambda line: line.filled)
    offering = {who for line in counted.part for who in line.offered_by}
    families = side_of_requests(counted.part).backing.families
    whole = Side(len(counted.part), Backing(families, _if(len(offering), wanted=lens.needs_supporters)))
    opened = _opened(counted, lens)
    fill = _span(side_of_requests(filled.part), side_of_requests(filled.rest), whole, lens)
    everything = side_of_requests(tally.requests)
    return [
        _count("requests", opened, everything),
        _total("requests_counted", whole, whole.count, lens),
        _count("matched", _matched(tally, opened, fill, lens), everything),
        _count("filled", fill, whole),
        _share("fill_rate", fill, whole),
    ]


def _opened(counted: Cut[RequestLine], lens: Lens) -> Span | None:
    if not lens.sees(side_of_requests([*counted.part, *counted.rest])):
        return None
    if not lens.sees(side_of_requests(counted.part)):
        whole = len(counted.part) + len(counted.rest)
        return Span(whole, whole)
    return span_above(len(counted.part), side_of_requests(counted.rest), k=lens.k)


def _matched(tally: Tally, opened: Span | None, filled: Span | None, lens: Lens) -> Span | None:
    """Return what may be told of matched requests beside those opened and those filled, which lie on either side."""
    if opened is None or filled is None:
        return None
    matched = Cut.of(tally.requests, lambda line: bool(line.offered_by))
    lost = side_of_requests([line for line in matched.part if not line.filled])
    sides = (side_of_requests(matched.part), side_of_requests(matched.rest), lost)
    if opened.is_exact and filled.is_exact and all(side.passes(lens.k) for side in sides):
        return Span(len(matched.part), len(matched.part))
    return Span(filled.low, opened.high)


def _waiting(tally: Tally, lens: Lens) -> list[Figure]:
    figures = []
    for name in ("minutes_to_offer", "minutes_to_booking"):
        lines = [line for line in tally.requests if getattr(line, name) is not None]
        minutes = sorted(getattr(line, name) for line in lines)
        behind = side_of_requests(lines)
        figures.append(_total(f"{name}_median", behind, statistics.median(minutes) if minutes else None, lens))
        figures.append(_total(f"{name}_p90", behind, percentile(minutes, 90), lens))
    return figures


def _uses(tally: Tally, lens: Lens) -> list[Figure]:
    whole = side_of_care(tally.uses)
    covered = Cut.of(tally.uses, lambda line: line.covered)
    elsewhere = Cut.of(tally.uses, lambda line: line.from_elsewhere)
    gaps = sum(line.gap_minutes for line in covered.rest)
    return [
        _total("uses", whole, whole.count, lens),
        _total("care_hours", whole, _hours(sum(line.minutes for line in tally.uses)), lens),
        _share("coverage", _span(*_use_sides(covered), whole, lens), whole),
        _total("gap_minutes", side_of_care(covered.rest), gaps, lens),
        _share("cross_area_share", _span(*_use_sides(elsewhere), whole, lens), whole),
    ]


def _safety(tally: Tally, lens: Lens) -> list[Figure]:
    hours = _hours(sum(line.minutes for line in tally.uses))
    figures = []
    for name, kind in SAFETY_FIGURES.items():
        lines = [line for line in tally.safety if line.kind == kind]
        figures.append(_total(name, side_of_care(lines), len(lines) * 1000 / hours if hours else None, lens))
    return figures


def _utilisation(tally: Tally, lens: Lens) -> list[Figure]:
    offered, booked = tally.offered_minutes, tally.booked_minutes
    behind = Side(offered, Backing(supporters=tally.supporters_offering))
    return [
        _total("offered_hours", behind, _hours(offered), lens),
        _total("booked_hours", behind, _hours(booked), lens),
        _total("utilisation", behind, booked / offered if offered else None, lens),
    ]


def _ties(tally: Tally, lens: Lens) -> list[Figure]:
    stock = tally.stock
    whole = side_of(stock.members)
    mean = stock.friendships / whole.count if whole.count else None
    tied = _span(side_of(stock.well_tied), side_of(stock.less_tied), whole, lens)
    return [_total("friends_mean", whole, mean, lens), _share("well_tied_share", tied, whole)]


def _levels(tally: Tally, lens: Lens) -> Breakdown:
    leaves = {
        level: Leaf(LEVEL_PATHS[level], frozenset(group.families), group.people)
        for level, group in tally.stock.levels.items()
    }
    told = leaves.pop(Level.CERTIFIED, None) if lens.certified_is_told else None
    breakdown = _breakdown("supporters_by_level", leaves.values(), lens)
    if told is not None and told.amount and not breakdown.withheld:
        for group in breakdown.groups:
            group.label = BELOW_CERTIFIED if group.label == EVERYTHING else group.label
        breakdown.groups.append(Portion(label=told.path[0], value=told.amount))
    return breakdown


def _uncertified(tally: Tally) -> Side:
    groups = [group for level, group in tally.stock.levels.items() if level is not Level.CERTIFIED]
    families = {family for group in groups for family in group.families}
    return Side(sum(group.people for group in groups), Backing(len(families)))


def _homes(tally: Tally, lens: Lens) -> Breakdown:
    homes = tally.stock.homes.items()
    leaves = [Leaf(_cell_path(cell), frozenset(group.families), group.people) for cell, group in homes]
    # Groups add up to all supporters: where their number is no figure to be told, neither are these.
    told = not lens.certified_is_told or _uncertified(tally).passes(lens.k)
    return _breakdown("supporters_by_cell", leaves if told else [], lens)


def _cell_leaf(line: RequestLine) -> Leaf:
    return Leaf(_cell_path(line.cell), frozenset({line.family}), _minutes(line))


def _cell_path(cell: int | None) -> tuple[str, str, str]:
    # A code's first nine digits name the 500 m cell around it, its first eight the 1 km cell.
    code = str(cell or "unknown")
    return code, code[:9], code[:8]


def _time_leaves(lines: Iterable[RequestLine]) -> list[Leaf]:
    return [
        Leaf(_time_path(hour), frozenset({line.family}), minutes)
        for line in lines
        for hour, minutes in line.unmet_minutes.items()
    ]


def _time_path(hour_of_week: int) -> tuple[str, str]:
    weekday, hour = divmod(hour_of_week, 24)
    return f"{WEEKDAYS[weekday]} {hour:02}-{hour + 1:02}", parent_time(weekday, hour)


def parent_time(weekday: int, hour: int) -> str:
    """Return the part of the week that an hour lies in: weekdays or weekend, by three hours."""
    first = hour // PART_OF_DAY_HOURS * PART_OF_DAY_HOURS
    days = "weekend" if weekday >= SATURDAY else "weekdays"
    return f"{days} {first:02}-{first + PART_OF_DAY_HOURS:02}"


def _use_leaf(label: str, lines: Sequence[UseLine], amount: int) -> Leaf:
    families, supporters = (frozenset(ids) for ids in ({u.family for u in lines}, {u.supporter for u in lines}))
    return Leaf((label,), families, amount, supporters)


def _use_sides(cut: Cut[UseLine]) -> tuple[Side, Side]:
    return side_of_care(cut.part), side_of_care(cut.rest)


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the least value that so many percent of the values don't exceed (nearest rank)."""
    return ordered[-(-percent * len(ordered) // 100) - 1] if ordered else None


def _minutes(line: RequestLine) -> int:
    return sum(line.unmet_minutes.values())


def _hours(minutes: float) -> float:
    return minutes / MINUTES_AN_HOUR


def _if(count: int, *, wanted: bool) -> int | None:
    return count if wanted else None


def _span(part: Side, rest: Side, whole: Side, lens: Lens) -> Span | None:
    return span_of(part, rest, k=lens.k) if lens.sees(whole) else None


def _figure(name: str, **told: float | bool | None) -> Figure:
    unit, ja, en = FIGURES[name]
    return Figure.model_validate({"name": name, "unit": unit, "definition": Words(ja=ja, en=en), **told})


def _total(name: str, behind: Side, value: float | None, lens: Lens) -> Figure:
    seen = name in lens.totals or lens.sees(behind)
    return _figure(name, value=value) if seen else _figure(name, withheld=True)


def _count(name: str, span: Span | None, whole: Side) -> Figure:
    return _spanned(name, span, 1) if whole.count else _figure(name, value=0 if span else None, withheld=span is None)


def _share(name: str, span: Span | None, whole: Side) -> Figure:
    return _spanned(name, span, whole.count) if whole.count else _figure(name, withheld=span is None)


def _spanned(name: str, span: Span | None, divisor: int) -> Figure:
    if span is None:
        return _figure(name, withheld=True)
    low, high = span.low / divisor, span.high / divisor
    return _figure(name, value=low) if span.is_exact else _figure(name, at_least=low, at_most=high)


def _breakdown(name: str, leaves: Iterable[Leaf], lens: Lens, *, shown: Callable[[float], float] = float) -> Breakdown:
    groups = merged(leaves, k=lens.k)
    unit, ja, en = BREAKDOWNS[name]
    return Breakdown(
        name=name,
        unit=unit,
        groups=[Portion(label=group.label, value=shown(group.amount)) for group in groups or ()],
        withheld=groups is None,
        definition=Words(ja=ja, en=en),
    )
