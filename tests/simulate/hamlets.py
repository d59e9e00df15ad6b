"""Small towns, and people who answer as a test wants."""

from dataclasses import replace

from sharecare.simulate import Behaviour, GeneratedTown, TownSpec

HAMLET = GeneratedTown(TownSpec(name="hamlet", members=60, needs_a_day_per_member=1 / 15, warm_up_days=2))
SILENT = replace(Behaviour(), willing_stranger=0.0, willing_friend=0.0)
EAGER = replace(
    Behaviour(),
    willing_stranger=1.0,
    willing_friend=1.0,
    reach_m=1e12,
    tiring_messages=1e12,
    delay_median_min=0.0,
    wakes_min=0,
    sleeps_min=1440,
)
