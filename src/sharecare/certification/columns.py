"""What `rules.Ladder.step_expiries` works out, for many people at once: pure, on columns."""

import numpy as np
import numpy.typing as npt

from sharecare.batches import NULL
from sharecare.certification.rules import OPEN, STEPS, CredentialKind, Ladder, Needed
from sharecare.clock import to_minutes

Ints = npt.NDArray[np.int64]
OPEN_MIN = to_minutes(OPEN)


def all_needed(ladder: Ladder) -> list[Needed]:
    """Return everything a ladder rests on, from its lowest step up, and the notification last."""
    return [*(needed for step in STEPS for needed in ladder.needed_for(step)), Needed(CredentialKind.NOTIFICATION)]


def standing_columns(ladder: Ladder, person_ids: Ints, what: Ints, until: Ints) -> list[Ints]:
    """Return the ids of those who hold something, and until when each step and the notification hold.

    Args:
        ladder: of the area of all of them.
        person_ids: one for each credential; nobody's others may be missing.
        what: places in `all_needed`, -1 for something else.
        until: in minutes, `NULL` for what doesn't lapse; `NULL` in the result means never reached.

    """
    people, who = np.unique(person_ids, return_inverse=True)
    latest = np.full((len(people), len(all_needed(ladder))), NULL)
    counts = what >= 0
    np.maximum.at(latest, (who[counts], what[counts]), np.where(until == NULL, OPEN_MIN, until)[counts])
    ends, reached, first = [], np.full(len(people), OPEN_MIN), 0
    for step in STEPS:
        after = first + len(ladder.needed_for(step))
        reached = latest[:, first:after].min(axis=1, initial=OPEN_MIN).clip(max=reached)
        ends.append(reached)
        first = after
    return [people, *ends, latest[:, first]]
