"""Whether a finding hangs on an assumption: the same comparison with one assumption changed at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from sharecare.simulate.compare import DAYS, SEEDS, Comparison, simulate
from sharecare.simulate.model import Town
from sharecare.simulate.people import Behaviour
from sharecare.simulate.policies import BROADCAST, WAVES_WITH_BATCHES, Policy

_AS_IS = Behaviour()
VARIANTS: Mapping[str, Behaviour] = MappingProxyType(
    {
        "as assumed": _AS_IS,
        "half as willing": replace(_AS_IS, willing_stranger=0.125, willing_friend=0.3),
        "one and a half times as willing": replace(_AS_IS, willing_stranger=0.375, willing_friend=0.9),
        "trust counts nothing": replace(_AS_IS, willing_stranger=0.35, willing_friend=0.35),
        "distance counts nothing": replace(_AS_IS, reach_m=1e9),
        "never tired of messages": replace(_AS_IS, tiring_messages=1e9),
        "tired at half as many": replace(_AS_IS, tiring_messages=5.0),
        "tired at twice as many": replace(_AS_IS, tiring_messages=20.0),
        "answers in 10 minutes": replace(_AS_IS, delay_median_min=10.0),
        "answers in 60 minutes": replace(_AS_IS, delay_median_min=60.0),
        "nobody says no": replace(_AS_IS, declines=0.0),
    }
)


def sensitivity(
    town: Town,
    policies: Sequence[Policy] = (BROADCAST, WAVES_WITH_BATCHES),
    seeds: Sequence[int] = SEEDS,
    days: int = DAYS,
) -> dict[str, Comparison]:
    """Compare the policies once for each set of assumptions, always on the same worlds."""
    return {name: simulate(town, policies, seeds, days, behaviour=behaviour) for name, behaviour in VARIANTS.items()}
