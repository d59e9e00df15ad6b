"""Figures and periods in words."""

from dataclasses import dataclass

from sharecare.messages.words import Tongue
from sharecare.metrics.periods import Period, Span, Step
from sharecare.metrics.schemas import Unit
from sharecare.metrics.together import Told

HOUR = 60  # minutes
NONE = "–"


@dataclass(frozen=True, slots=True)
class Saying:
    """How figures and periods are written for one reader."""

    tongue: Tongue

    def number(self, value: float, unit: Unit = Unit.COUNT) -> str:
        """Write a value as its unit is written."""
        if unit is Unit.SHARE:
            return f"{value:.0%}"
        if unit is Unit.MINUTES:
            return self._minutes(round(value))
        if unit is Unit.HOURS:
            hours = f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
            return self.tongue.choose((f"{hours}時間", f"{hours} h"))
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"

    def told(self, told: Told, unit: Unit = Unit.COUNT) -> str:
        """Write what is known of a figure."""
        if told.low is None:
            return NONE
        low = self.number(told.low, unit)
        if told.high is None:
            return self.tongue.choose((f"{low}以上", f"{low} or more"))
        high = self.number(told.high, unit)
        return low if low == high else self.tongue.choose((f"{low}〜{high}", f"{low} to {high}"))

    def period(self, period: Period) -> str:
        """Write a period in full."""
        if period.step is Step.WEEK:
            return self.days(period.span)
        if period.step is Step.QUARTER:
            quarter = (period.first.month + 2) // 3
            return self.tongue.choose((f"{period.first.year}年 第{quarter}四半期", f"Q{quarter} {period.first.year}"))
        return self.months(period.months)

    def months(self, months: list[Span]) -> str:
        """Write one month, or from which to which."""
        first, last = self.tongue.month(months[0][0]), self.tongue.month(months[-1][0])
        return first if len(months) == 1 else self.tongue.choose((f"{first}〜{last}", f"{first} to {last}"))

    def days(self, span: Span) -> str:
        """Write the first and the last day."""
        first, last = (self.tongue.full_date(day) for day in span)
        return first if span[0] == span[1] else self.tongue.choose((f"{first}〜{last}", f"{first} to {last}"))

    def part(self, span: Span, step: Step) -> str:
        """Write a step of a chart in the least room."""
        first, last = span
        if step is Step.WEEK:
            return self.tongue.choose(("月火水木金土日"[first.weekday()], f"{first:%a}"))
        if step is Step.MONTH:
            return self.tongue.choose((f"{last.month}/{last.day}", f"{last.day} {last:%b}"))
        return self.tongue.choose((f"{first.month}月", f"{first:%b}"))

    def _minutes(self, minutes: int) -> str:
        hours, rest = divmod(minutes, HOUR)
        if not hours:
            return self.tongue.choose((f"{rest}分", f"{rest} min"))
        if not rest:
            return self.tongue.choose((f"{hours}時間", f"{hours} h"))
        return self.tongue.choose((f"{hours}時間{rest}分", f"{hours} h {rest} min"))
