"""A period's days taken together: who and what stands behind each figure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sharecare.metrics.figures import DayFigures, Flow, RequestLine, SafetyLine, Size, Stock, UseLine
from sharecare.metrics.privacy import Backing, Side

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """Lines cut in two."""

    part: Sequence[T]
    rest: Sequence[T]

    @classmethod
    def of(cls, lines: Iterable[T], holds: Callable[[T], bool]) -> "Cut[T]":
        """Cut lines by whether something holds of them."""
        known = list(lines)
        return cls([one for one in known if holds(one)], [one for one in known if not holds(one)])


@dataclass(frozen=True, slots=True)
class Tally:
    """What a report is made of: the period's lines, and the members at its end."""

    requests: Sequence[RequestLine]
    uses: Sequence[UseLine]
    safety: Sequence[SafetyLine]
    active: dict[int, int]
    days: Sequence[Flow]
    stock: Stock

    @classmethod
    def of(cls, days: Sequence[DayFigures], stock: Stock) -> "Tally":
        """Merge days; members who have left since were active, but are members no more."""
        flows = [day.flow for day in days]
        active = {who: family for flow in flows for who, family in flow.active.items()}
        return cls(
            requests=[line for flow in flows for line in flow.requests],
            uses=[line for flow in flows for line in flow.uses],
            safety=[line for flow in flows for line in flow.safety],
            active={who: family for who, family in active.items() if who not in set(stock.gone)},
            days=flows,
            stock=stock,
        )

    @property
    def counted(self) -> list[RequestLine]:
        """Requests that were not withdrawn early."""
        return [line for line in self.requests if not line.withdrawn_early]

    @property
    def unmet(self) -> list[RequestLine]:
        """Requests that were neither filled nor withdrawn early."""
        return [line for line in self.counted if not line.filled]

    @property
    def active_side(self) -> Side:
        """Members who did something."""
        return Side(len(self.active), Backing(len(set(self.active.values()))))

    @property
    def inactive_side(self) -> Side:
        """Members who did nothing; of their families only those are counted in which nobody did."""
        members, active = self.stock.members, self.active_side
        families = max(0, members.families - (active.backing.families or 0))
        return Side(members.people - active.count, Backing(families))

    @property
    def supporters_offering(self) -> int:
        """The most supporters who offered hours on one day: at least so many stand behind utilisation."""
        return max((flow.offered.supporters for flow in self.days if flow.offered), default=0)

    @property
    def offered_minutes(self) -> int:
        """Minutes offered on the days that are closed."""
        return sum(flow.offered.minutes for flow in self.days if flow.offered)

    @property
    def booked_minutes(self) -> int:
        """Minutes booked inside offered hours on the days that are closed."""
        return sum(flow.offered.booked_minutes for flow in self.days if flow.offered)


def side_of_requests(lines: Sequence[RequestLine]) -> Side:
    """Return requests with the families behind them."""
    return Side(len(lines), Backing(len({line.family for line in lines})))


def side_of_care(lines: Sequence[SafetyLine] | Sequence[UseLine]) -> Side:
    """Return uses, or what went wrong in them, with the families and supporters behind them."""
    families, supporters = {line.family for line in lines}, {line.supporter for line in lines}
    return Side(len(lines), Backing(len(families), len(supporters)))


def side_of(size: Size) -> Side:
    """Return people with the families behind them."""
    return Side(size.people, Backing(size.families))
