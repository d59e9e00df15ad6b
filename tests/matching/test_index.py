import pytest
from hypothesis import given, settings

from matching.reference import World, rank
from matching.worlds import Scene, load_all, put_all, scenes
from sharecare.matching import MatchingIndex, Query


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
