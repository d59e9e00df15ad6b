"""Results as text: JSON with everything, CSV with a row a figure."""

import csv
import json
from dataclasses import asdict
from io import StringIO
from math import isfinite

from sharecare.simulate.compare import Comparison
from sharecare.simulate.measures import METRICS, Estimate
from sharecare.simulate.plan import Plan
from sharecare.simulate.policies import BROADCAST


def as_json(result: Comparison | Plan) -> str:
    """Write all of a result; figures that don't exist are null."""
    facts = _comparison(result) if isinstance(result, Comparison) else _plan(result)
    return json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_csv(result: Comparison | Plan) -> str:
    """Write a comparison's figures with their intervals and their distance from broadcast; or a plan's lines."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if isinstance(result, Comparison):
        writer.writerow(("policy", "metric", "mean", "low", "high", "difference", "difference_low", "difference_high"))
        for policy in result.figures:
            for metric in METRICS:
                figures = (*result.summary(policy, metric), *_against(result, policy, metric))
                writer.writerow((policy, metric, *(_rounded(figure) for figure in figures)))
    else:
        writer.writerow(("stage", "cell", "place", "hours", "level", "count", "fill_rate", "low", "high"))
        for line in result.lines:
            after = (_rounded(figure) for figure in result.fill_rates[line.stage])
            level = line.level.name.lower()
            writer.writerow((line.stage, line.cell, line.place, line.hours, level, line.count, *after))
    return out.getvalue()


def _comparison(result: Comparison) -> dict[str, object]:
    return {
        "town": result.town,
        "days": result.days,
        "seeds": list(result.seeds),
        "requests": result.requests,
        "supporters": result.supporters,
        "assigner": result.assigner,
        "reachable": _estimate(result.reachable),
        "policies": {
            policy: {
                metric: {
                    **_estimate(result.summary(policy, metric)),
                    "difference": _estimate(_against(result, policy, metric)),
                    "by_seed": [_rounded(figures[metric]) for figures in runs],
                }
                for metric in METRICS
            }
            for policy, runs in result.figures.items()
        },
    }


def _plan(result: Plan) -> dict[str, object]:
    return {
        "town": result.town,
        "policy": result.policy,
        "target": result.target,
        "reached": result.reached,
        "days": result.days,
        "seeds": list(result.seeds),
        "supporters": result.supporters,
        "newcomers": result.newcomers,
        "without_anyone": _estimate(result.without_anyone),
        "fill_rates": [_estimate(rate) for rate in result.fill_rates],
        "lines": [{**asdict(line), "level": line.level.name.lower()} for line in result.lines],
    }


def _against(result: Comparison, policy: str, metric: str) -> Estimate:
    first = BROADCAST.name if BROADCAST.name in result.figures else next(iter(result.figures))
    return result.difference(policy, metric, first)


def _estimate(figure: Estimate) -> dict[str, float | None]:
    return {name: _rounded(value) for name, value in figure._asdict().items()}


def _rounded(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None
