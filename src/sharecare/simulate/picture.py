"""A comparison as one picture: small multiples of intervals, drawn by hand, for light and dark pages."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, isfinite, log10

from sharecare.simulate.compare import Comparison
from sharecare.simulate.measures import METRICS, Estimate
from sharecare.simulate.words import Language, metric_word, policy_word, written

_COLUMNS = 3
_PANEL_W, _ROW_H, _HEAD_H, _FOOT_H = 380, 26, 34, 30
_LABEL_W, _VALUE_W = 128, 52
_TOP, _MARGIN = 64, 20
_SAME = 1e-6  # figures are written with six decimals
# Dark enough on white, light enough on near-black; who is who stands beside each row, so colour carries nothing alone.
_STYLE = """
svg{color-scheme:light dark}
.page{fill:#fff}.ink{fill:#1d2329}.soft{fill:#59636e}.axis{stroke:#c9d1d9}
.p0{--c:#6e7781}.p1{--c:#9a6700}.p2{--c:#0969da}.p3{--c:#1a7f37}.p4{--c:#8250df}
.span{stroke:var(--c);stroke-width:6;stroke-linecap:round;opacity:.35}.dot{fill:var(--c)}
text{font-family:system-ui,"Hiragino Sans","Noto Sans CJK JP","Noto Sans JP",sans-serif;font-size:12px}
.title{font-size:17px;font-weight:600}.head{font-weight:600;font-size:13px}.small{font-size:11px}
@media (prefers-color-scheme:dark){.page{fill:#0d1117}.ink{fill:#e6edf3}.soft{fill:#9aa5b1}.axis{stroke:#3d444d}
.p0{--c:#9aa5b1}.p1{--c:#d4a72c}.p2{--c:#58a6ff}.p3{--c:#3fb950}.p4{--c:#b392f0}}
"""


def as_svg(result: Comparison, language: Language = "en") -> str:
    """Draw every figure's mean and 95% interval, a panel a figure, a row a policy."""
    policies = list(result.figures)
    panel_h = _HEAD_H + _ROW_H * len(policies) + _FOOT_H
    rows = ceil(len(METRICS) / _COLUMNS)
    width, height = _COLUMNS * _PANEL_W + 2 * _MARGIN, _TOP + rows * panel_h + _MARGIN
    title, note = _titles(result, language)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(_in_words(result, language))}</desc><style>{_STYLE}</style>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        f'<text class="ink title" x="{_MARGIN}" y="30">{escape(title)}</text>',
        f'<text class="soft" x="{_MARGIN}" y="50">{escape(note)}</text>',
    ]
    for number, metric in enumerate(METRICS):
        down, across = divmod(number, _COLUMNS)
        parts.append(f'<g transform="translate({_MARGIN + across * _PANEL_W},{_TOP + down * panel_h})">')
        parts += _panel(metric, policies, [result.summary(policy, metric) for policy in policies], language)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(metric: str, policies: Sequence[str], figures: Sequence[Estimate], language: Language) -> Iterator[str]:
    yield f'<text class="ink head" x="0" y="20">{escape(metric_word(metric, language))}</text>'
    bounds = [bound for figure in figures for bound in figure if isfinite(bound)]
    ticks = _ticks(min(bounds), max(bounds)) if bounds else [0.0, 1.0]
    left, right = _LABEL_W + 8, _PANEL_W - _VALUE_W - 20
    scale = (right - left) / (ticks[-1] - ticks[0])
    bottom = _HEAD_H + _ROW_H * len(policies)
    for tick in ticks:
        x, word = left + (tick - ticks[0]) * scale, _tick(metric, tick)
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD_H - 4}" y2="{bottom}"/>'
        yield f'<text class="soft small" text-anchor="middle" x="{x:.1f}" y="{bottom + 14}">{word}</text>'
    for number, (policy, figure) in enumerate(zip(policies, figures, strict=True)):
        y = _HEAD_H + _ROW_H * number + _ROW_H / 2
        word, value = escape(policy_word(policy, language)), written(metric, figure.mean)
        yield f'<text class="ink small" text-anchor="end" x="{_LABEL_W}" y="{y + 4:.1f}">{word}</text>'
        if not isfinite(figure.mean):
            continue
        low, high = (bound if isfinite(bound) else figure.mean for bound in (figure.low, figure.high))
        x1, x, x2 = (left + (value - ticks[0]) * scale for value in (low, figure.mean, high))
        yield f'<g class="p{number % 5}"><line class="span" x1="{x1:.1f}" x2="{x2:.1f}" y1="{y}" y2="{y}"/>'
        yield f'<circle class="dot" cx="{x:.1f}" cy="{y}" r="4.5"/></g>'
        yield f'<text class="ink" text-anchor="end" x="{_PANEL_W - 22}" y="{y + 4:.1f}">{value}</text>'


def _ticks(low: float, high: float) -> list[float]:
    """Give two to five round steps that enclose the bounds, or one of a size with them where they are one."""
    span = high - low
    if span <= _SAME * max(high, 1.0):
        span = high if high > _SAME else 1.0
    rough = span / 3
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first, last = floor(low / step), max(ceil(high / step), floor(low / step) + 1)
    return [round(number * step, 9) for number in range(first, last + 1)]


def _tick(metric: str, tick: float) -> str:
    return f"{tick * 100:g}%" if written(metric, 0).endswith("%") else f"{tick:g}"


def _titles(result: Comparison, language: Language) -> tuple[str, str]:
    seeds, days = len(result.seeds), result.days
    supporters, requests = round(result.supporters), round(result.requests)
    if language == "ja":
        dots = f"点は{seeds}回の平均、帯は95%信頼区間。" if seeds > 1 else "1回だけなので信頼区間はありません。"
        return (
            f"声かけの方法の比較:{result.town}",
            f"提供会員{supporters}人・{days}日・依頼{requests}件(平均)。{dots}",
        )
    dots = f"dots are means of {seeds} seeds, bars 95% confidence intervals."
    return (
        f"Ways of asking, compared: {result.town}",
        f"{supporters} supporters, {days} days, {requests} requests on average; "  # noqa: ISC004  -- one sentence
        f"{dots if seeds > 1 else 'one seed gives no interval.'}",
    )


def _in_words(result: Comparison, language: Language) -> str:
    """Say the means, for those who can't see the picture."""
    return " ".join(
        f"{metric_word(metric, language)}: "
        + ", ".join(
            f"{policy_word(policy, language)} {written(metric, result.summary(policy, metric).mean)}"
            for policy in result.figures
        )
        + "."
        for metric in METRICS
    )
