"""Trying out ways of asking, and plans, on towns that exist only on paper.

`simulate` lives through policies side by side on the same worlds; `plan` says whom a town should win. What the model
assumes stands in `people.Behaviour`, `model.Rules` and `docs/simulate.md`::

    comparison = simulate(GeneratedTown(TownSpec(members=120)), POLICIES, seeds=range(1, 11), days=30)
    Path("town.svg").write_text(as_svg(comparison), encoding="utf-8")
"""

from sharecare.simulate.compare import Comparison, simulate
from sharecare.simulate.filed import FiledTown
from sharecare.simulate.measures import METRICS, Estimate
from sharecare.simulate.model import Place, Rules, Town
from sharecare.simulate.people import Behaviour
from sharecare.simulate.picture import as_svg
from sharecare.simulate.plan import Plan, PlanLine, Search, plan
from sharecare.simulate.policies import (
    BROADCAST,
    NEAREST_FIRST,
    PACED_WAVES,
    POLICIES,
    WAVES,
    WAVES_WITH_BATCHES,
    Policy,
)
from sharecare.simulate.report import as_csv, as_json
from sharecare.simulate.sensitivity import VARIANTS, sensitivity
from sharecare.simulate.spec import Closure, TownSpec
from sharecare.simulate.town import GeneratedTown

__all__ = [
    "BROADCAST",
    "METRICS",
    "NEAREST_FIRST",
    "PACED_WAVES",
    "POLICIES",
    "VARIANTS",
    "WAVES",
    "WAVES_WITH_BATCHES",
    "Behaviour",
    "Closure",
    "Comparison",
    "Estimate",
    "FiledTown",
    "GeneratedTown",
    "Place",
    "Plan",
    "PlanLine",
    "Policy",
    "Rules",
    "Search",
    "Town",
    "TownSpec",
    "as_csv",
    "as_json",
    "as_svg",
    "plan",
    "sensitivity",
    "simulate",
]
