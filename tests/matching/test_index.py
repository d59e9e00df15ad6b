from collections.abc import Callable

import pytest
from hypothesis import given, settings

from matching.reference import World, rank
from matching.worlds import ALWAYS_ON, Scene, load_all, minutes, put_all, scenes
from sharecare.geo import cell_of
from sharecare.matching import Circle, Kind, MatchingIndex, Query, Supporter


def agree(index: MatchingIndex, world: World, query: Query) -> None:
    expected, found = rank(world, query), index.rank(query)
    assert found.person_ids.tolist() == [c.person_id for c in expected]
    assert found.free_minutes.tolist() == [c.free_minutes for c in expected]
    assert found.suggestion.tolist() == [c.availability < 1 for c in expected]
    for column in ("score", "distance_m", "distance", "trust", "availability"):
        figures = [getattr(c, column) for c in expected]
        assert getattr(found, column).tolist() == pytest.approx(figures, rel=1e-9, abs=1e-9)
    facts = index.explain(query, found.person_ids.tolist())
    assert [fact.person_id for fact in facts] == [c.person_id for c in expected]
    assert [fact.circle for fact in facts] == [c.circle for c in expected]
    assert [fact.mutual_friend_ids for fact in facts] == [c.mutual_friends for c in expected]
    assert [fact.community_ids for fact in facts] == [c.communities for c in expected]
    assert [fact.free_minutes for fact in facts] == [c.free_minutes for c in expected]


@settings(max_examples=400, deadline=None)
@given(scenes)
def test_index_agrees_with_the_book(scene: Scene) -> None:
    world, index = scene.world(), MatchingIndex()
    scene.pick([put_all, load_all])(world, index)
    for _ in range(4):
        agree(index, world, scene.query())


@pytest.mark.parametrize("bring", [put_all, load_all])
def test_bookings_that_overlap_burden_a_supporter_once(bring: Callable[[World, MatchingIndex], None]) -> None:
    here, start = cell_of(35.87, 139.72), minutes(2026, 6, 20)
    anna, ben = (
        Supporter(person, person, here, 3000.0, 1, 0, 144, "Asia/Tokyo", weekly=ALWAYS_ON, busy=busy)
        for person, busy in [
            (1, [(start - 2000, start - 1910)]),
            (2, [(start - 2010, start - 1950), (start - 2010, start - 1960), (start - 2000, start - 1940)]),
        ]
    )
    world, index = World({1: anna, 2: ben}), MatchingIndex()
    bring(world, index)
    query = Query(3, 3, here, start, start + 60, Kind.PICKUP, 12, 12, circle=Circle.ANYONE)
    assert index.rank(query).person_ids.tolist() == [2, 1]
    agree(index, world, query)
