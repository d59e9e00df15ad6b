"""Alice asks, Bob supports, Charlie asks too: nobody's results tell where inside a cell anyone lives."""

from hypothesis import given
from hypothesis import strategies as st

from sharecare.geo import MeshLevel, cell_of
from sharecare.matching import Circle, Kind, MatchingIndex, Query, Supporter, WeeklyHours

ALICE, BOB, CHARLIE = 1, 2, 3
Homes = tuple[tuple[float, float], tuple[float, float]]
INSIDE = st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98))
CORNER = 8608, 22355


def point(share: tuple[float, float]) -> tuple[float, float]:
    """Give a point inside one half-mesh cell."""
    return (CORNER[0] + share[0]) / 240, (CORNER[1] + share[1]) / 160


def everything_shown(alice: tuple[float, float], bob: tuple[float, float], level: MeshLevel) -> object:
    index = MatchingIndex()
    hours = [WeeklyHours(weekday, 0, 1440) for weekday in range(7)]
    index.put(Supporter(BOB, BOB, cell_of(*bob, level), 3000.0, 1, 0, 144, "Asia/Tokyo", weekly=hours))
    shown = []
    for asker, home in ((ALICE, alice), (CHARLIE, (35.88, 139.71))):
        for limit in (250.0, 500.0, 1500.0, 3000.0):
            query = Query(
                asker, asker, cell_of(*home, level), 29_500_020, 29_500_080, Kind.PICKUP, 36, 36,
                max_distance_m=limit, circle=Circle.ANYONE,
            )  # fmt: skip
            found = index.rank(query)
            facts = index.explain(query, found.person_ids.tolist())
            shown.append((found.person_ids.tolist(), found.score.tolist(), found.distance_m.tolist(), facts))
    return shown


@given(st.tuples(INSIDE, INSIDE), st.tuples(INSIDE, INSIDE), st.sampled_from([MeshLevel.HALF, MeshLevel.THIRD]))
def test_moving_inside_the_cell_changes_nothing_anyone_sees(before: Homes, after: Homes, level: MeshLevel) -> None:
    (alice, bob), (new_alice, new_bob) = before, after
    assert everything_shown(point(alice), point(bob), level) == everything_shown(
        point(new_alice), point(new_bob), level
    )
