"""From an index and many queries to one problem: everyone who could be asked, not only the first twenty."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sharecare.matching.assign_model import Problem
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Period, Query
from sharecare.matching.zones import DAY, pieces

TIMEZONE = "Asia/Tokyo"
DAILY_LIMIT = 3
_NO_BOOKINGS: Mapping[int, Sequence[Period]] = {}


def problem_from(
    index: MatchingIndex,
    queries: Sequence[Query],
    *,
    timezone: str = TIMEZONE,
    daily_limit: int = DAILY_LIMIT,
    children: Sequence[Collection[int]] = (),
    booked: Mapping[int, Sequence[Period]] = _NO_BOOKINGS,
) -> Problem:
    """Rank every query and keep all asks; a day is one of `timezone`, the area's.

    Raises:
        ValueError: queries whose buffers differ.

    """
    buffers = {query.buffer_min for query in queries} or {0}
    if len(buffers) > 1:
        raise ValueError("requests planned together need the same buffer")
    days = [_local_day(timezone, query.start) for query in queries]
    rankings = [index.rank(replace(query, top=len(index))) for query in queries]
    asks = [~ranking.suggestion for ranking in rankings]
    found = [ranking.person_ids[ask] for ranking, ask in zip(rankings, asks, strict=True)]
    scores = [ranking.score[ask] for ranking, ask in zip(rankings, asks, strict=True)]
    people, supporter = np.unique(np.concatenate([np.zeros(0, np.int64), *found]), return_inverse=True)
    problem = Problem(
        people,
        np.array([query.start for query in queries], np.int64),
        np.array([query.end for query in queries], np.int64),
        np.array(days, np.int64),
        np.arange(len(queries)).repeat([len(some) for some in found]),
        supporter.astype(np.int64),
        np.concatenate([np.zeros(0), *scores]),
        children=children,
        buffer_min=buffers.pop(),
        daily_limit=daily_limit,
    )
    return with_bookings(problem, booked, timezone=timezone)


def with_bookings(problem: Problem, booked: Mapping[int, Sequence[Period]], *, timezone: str = TIMEZONE) -> Problem:
    """Count bookings, by person id, towards the daily limit: each on the day of `timezone` that it starts on.

    That they leave no time for another the index already knows.
    """
    place = {person: at for at, person in enumerate(problem.person_ids.tolist())}
    days = {*problem.day.tolist()}
    return replace(
        problem,
        taken={
            (place[person], day): count
            for person, periods in booked.items()
            if person in place
            for day, count in Counter(_days(periods, timezone, days)).items()
        },
    )


def _days(periods: Iterable[Period], timezone: str, days: Collection[int]) -> Iterator[int]:
    """Give the local day of each booking that starts on one of `days`; of a group care, each family's counts."""
    for start, _ in periods:
        near = {start // DAY - 1, start // DAY, start // DAY + 1}  # no zone is further than a day from UTC
        if not near.isdisjoint(days) and (day := _local_day(timezone, start)) in days:
            yield day


def _local_day(timezone: str, minute: int) -> int:
    (piece,) = pieces(timezone, minute, minute + 1)
    return (minute + piece.offset) // DAY
