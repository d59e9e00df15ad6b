"""Nothing that was refused, given twice or is no number makes the compiled part read or write beyond the columns.

`make sanitize` runs these too: without it a read beyond an array may well find something.
"""

from dataclasses import replace

import numpy as np
import pytest

from sharecare.geo import cell_of
from sharecare.matching import Circle, Kind, Link, MatchingIndex, Query, Supporter, SupporterTable, WeeklyHours

MONDAY = 29_500_020 - 29_500_020 % 10_080 + 5_760
ANNA = Supporter(1, 1, cell_of(35.87, 139.72), 3000.0, 1, 0, 144, "Asia/Tokyo", weekly=[WeeklyHours(0, 0, 1440)])
QUERY = Query(3, 3, ANNA.cell, MONDAY, MONDAY + 60, Kind.PICKUP, 12, 12, circle=Circle.ANYONE)


def test_a_refused_load_leaves_everything_as_it_was() -> None:
    # Rankings read the columns unchecked: half a load once made them read beyond these.
    index = MatchingIndex()
    busy = [(MONDAY - 1000 + 60 * at, MONDAY - 1000 + 60 * at + 30) for at in range(3)]
    index.put(replace(ANNA, busy=busy))
    before = index.rank(QUERY).candidates.tolist()
    many = np.arange(70_000)
    start = MONDAY + many
    with pytest.raises(ValueError, match="ends after it starts"):
        index.load_busy(np.full(len(many), ANNA.person_id), start, np.where(many == 0, start - 1, start + 1))
    with pytest.raises(ValueError, match="twice"):
        index.load_supporters(SupporterTable.of([replace(ANNA, person_id=at) for at in (*range(5, 6000), 5)]))
    with pytest.raises(ValueError, match="themselves"):
        index.set_links(8000, [Link(other, 0.5, 0.5) for other in (*range(8001, 14_000), 8000)])
    for requester in (5999, 8000, 13_999):
        assert index.rank(replace(QUERY, requester_id=requester)).candidates.tolist() == before


def test_a_pair_that_was_given_twice_is_listed_no_further_than_there_is_room() -> None:
    index = MatchingIndex()
    index.put(ANNA)
    pair = np.full(200, ANNA.person_id), np.full(200, QUERY.requester_id)
    index.load_links(*pair, a_to_b=np.full(200, 0.6), b_to_a=np.full(200, 0.6), friend=np.ones(200, np.bool_))
    assert len(index.rank(replace(QUERY, circle=Circle.FRIENDS, top=10**6))) == 1


def test_limits_that_are_no_numbers_reach_nobody() -> None:
    index = MatchingIndex()
    index.put(ANNA)
    assert len(index.rank(QUERY)) == 1
    assert len(index.rank(replace(QUERY, max_distance_m=float("nan")))) == 0
    index.put(replace(ANNA, travel_radius_m=float("nan")))
    assert len(index.rank(QUERY)) == 0
