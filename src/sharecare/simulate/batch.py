"""Whom to ask first for each request of a batch: nobody twice at overlapping times."""

from collections.abc import Sequence

from sharecare.simulate.model import Candidates, Need


def assign_greedily(wanted: Sequence[tuple[Need, Candidates]]) -> dict[int, Candidates]:
    """Give each request, by number, its one person: best scores first, earlier requests first among equals."""
    pairs = sorted(
        (-round(score, 9), place, row)
        for place, (_, found) in enumerate(wanted)
        for row, score in enumerate(found.score.tolist())
    )
    given: dict[int, Candidates] = {}
    taken: dict[int, list[Need]] = {}
    for _, place, row in pairs:
        need, found = wanted[place]
        person = int(found.person_ids[row])
        if need.number not in given and not any(_clash(need, other) for other in taken.get(person, ())):
            given[need.number] = found.take(slice(row, row + 1))
            taken.setdefault(person, []).append(need)
    return given


def _clash(one: Need, other: Need) -> bool:
    buffer = max(one.query.buffer_min, other.query.buffer_min)
    return one.query.start < other.query.end + buffer and other.query.start < one.query.end + buffer
