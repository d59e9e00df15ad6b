from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.reference import World
from matching.test_index import agree
from matching.worlds import PEOPLE, Scene, load_all, put_all, scenes
from sharecare.geo import cell_of
from sharecare.matching import (
    Circle,
    DatedHours,
    Kind,
    Level,
    Link,
    MatchingIndex,
    Query,
    Supporter,
    SupporterTable,
    UnknownSupporterError,
    WeeklyHours,
    kernel,
    people,
    rows,
    store,
)
from sharecare.matching.words import ALWAYS

Change = Callable[[Scene, World, MatchingIndex, int], None]


def put(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    world.supporters[person] = scene.supporter(person)
    index.put(world.supporters[person])


def remove(_: Scene, world: World, index: MatchingIndex, person: int) -> None:
    world.supporters.pop(person, None)
    index.remove(person)


def book(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    busy = [scene.period() for _ in range(scene.rng.randint(0, 4))]
    if person in world.supporters:
        world.supporters[person] = replace(world.supporters[person], busy=busy)
        index.set_busy(person, busy)
    else:
        with pytest.raises(UnknownSupporterError):
            index.set_busy(person, busy)


def offer(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    """Change what a supporter offers and holds, and perhaps where they live; the hours given must not matter."""
    fresh = scene.supporter(person)
    if person in world.supporters:
        before = world.supporters[person]
        fresh = replace(fresh, cell=scene.pick([before.cell, fresh.cell]), unavailable=before.unavailable)
        kept = replace(fresh, weekly=before.weekly, dated=before.dated, busy=before.busy)
        if index.set_profile(fresh):
            world.supporters[person] = kept
        else:
            assert fresh.cell != before.cell
    else:
        assert not index.set_profile(fresh)


def set_hours(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    fresh = scene.supporter(person)
    if person in world.supporters:
        world.supporters[person] = replace(world.supporters[person], weekly=fresh.weekly, dated=fresh.dated)
        for _ in range(2):  # twice is as good as once
            index.set_hours(person, fresh.weekly, fresh.dated)
    else:
        with pytest.raises(UnknownSupporterError):
            index.set_hours(person, fresh.weekly, fresh.dated)


def link(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    links = scene.links(person)
    world.set_links(person, links)
    index.set_links(person, links)


def join(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    world.communities[person] = set(scene.some([1, 2], 2))
    index.set_communities(person, [(id_, world.weights[id_]) for id_ in world.communities[person]])


def weigh(scene: Scene, world: World, index: MatchingIndex, _: int) -> None:
    id_ = scene.pick([*world.weights])
    world.weights[id_] = scene.pick([0.2, 0.05])
    index.set_community_weight(id_, world.weights[id_])


def block(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    world.blocks[person] = set(scene.people(2))
    index.set_blocks(person, world.blocks[person])


def suspend(scene: Scene, world: World, index: MatchingIndex, person: int) -> None:
    suspended = scene.pick((0, 1)) == 1
    (world.suspended.add if suspended else world.suspended.discard)(person)
    index.set_suspended(person, suspended=suspended)


CHANGES: list[Change] = [put, put, remove, book, offer, set_hours, link, join, weigh, block, suspend]


@settings(max_examples=250, deadline=None)
@given(scenes, st.integers(0, 40))
def test_index_after_changes_equals_one_made_afresh(scene: Scene, changes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        # So that a handful of people make the tail, the newcomers and the pools overflow, and tables come in parts.
        patch.setattr(store, "_TAIL", 3)
        patch.setattr(people, "_MOST_NEW", 4)
        patch.setattr(rows, "_LEAST_ROOM", 8)
        patch.setattr(rows, "_CHUNK", 4)
        patch.setattr(kernel, "_FEW", scene.pick([1, 300]))
        world, index = scene.world(), MatchingIndex()
        scene.pick([put_all, load_all])(world, index)
        for _ in range(changes):
            scene.pick(CHANGES)(scene, world, index, scene.rng.randint(1, PEOPLE))
        for _ in range(3):
            agree(index, world, scene.query())
        assert len(index) == len(world.supporters)


@pytest.mark.parametrize(
    "fault",
    [
        {"weekly": [WeeklyHours(7, 0, 60)]},
        {"weekly": [WeeklyHours(0, 60, 60)]},
        {"dated": [DatedHours(0, 0, 1441, adds=True)]},
        {"busy": [(60, 60)]},
        {"timezone": "Asia/Edo"},
    ],
)
def test_refused_supporter_changes_nothing(fault: dict[str, Any]) -> None:
    anna = Supporter(1, 1, cell_of(35.87, 139.72), 3000.0, 1, 0, 144, "Asia/Tokyo", weekly=[WeeklyHours(0, 0, 1440)])
    index = MatchingIndex()
    index.put(anna)
    for refused in (replace(anna, **fault), replace(anna, person_id=2, **fault)):
        with pytest.raises((ValueError, ZoneInfoNotFoundError)):
            index.put(refused)
    monday = 29_500_020 - 29_500_020 % 10_080 + 5_760
    query = Query(3, 3, anna.cell, monday, monday + 60, Kind.PICKUP, 12, 12, circle=Circle.ANYONE)
    assert len(index) == 1
    assert index.rank(query).free_minutes.tolist() == [60]


def test_refused_hours_and_profile_change_nothing() -> None:
    monday = 29_500_020 - 29_500_020 % 10_080 + 5_760
    anna = Supporter(1, 1, cell_of(35.87, 139.72), 3000.0, 1, 0, 144, "Asia/Tokyo", weekly=[WeeklyHours(0, 0, 1440)])
    index = MatchingIndex()
    index.put(anna)
    with pytest.raises(ValueError, match="weekday"):
        index.set_hours(1, [WeeklyHours(7, 0, 60)], [])
    with pytest.raises(ZoneInfoNotFoundError):
        index.set_profile(replace(anna, timezone="Asia/Edo", capacity=5))
    query = Query(3, 3, anna.cell, monday, monday + 60, Kind.PICKUP, 12, 12, circle=Circle.ANYONE)
    assert index.rank(query).free_minutes.tolist() == [60]
    assert len(index.rank(replace(query, children=2))) == 0


def test_a_level_holds_until_the_minute_it_lapses() -> None:
    anna = Supporter(1, 1, cell_of(35.87, 139.72), 3000.0, 1, 0, 144, "Asia/Tokyo")
    index = MatchingIndex()
    index.put(replace(anna, level=Level.TRAINED, level_valid_until=(100, 50, ALWAYS)))
    index.put(replace(anna, person_id=2, level=Level.CERTIFIED))
    levels = [[level.name for level in index.levels([2, 1], minute)] for minute in (49, 50, 99, 100)]
    lapsing = ["TRAINED", "IDENTIFIED", "IDENTIFIED", "REGISTERED"]
    assert levels == [["CERTIFIED", level] for level in lapsing]
    assert index.levels([], 0) == []


def test_table_with_a_supporter_twice_is_refused() -> None:
    anna = Supporter(1, 1, cell_of(35.87, 139.72), 3000.0, 1, 0, 144, "Asia/Tokyo")
    with pytest.raises(ValueError, match="twice"):
        MatchingIndex().load_supporters(SupporterTable.of([anna, anna]))


def test_hours_of_an_unknown_supporter_are_refused() -> None:
    index = MatchingIndex()
    index.load_supporters(SupporterTable.of([]))
    with pytest.raises(UnknownSupporterError):
        index.load_busy(np.array([5]), np.array([0]), np.array([60]))


def test_nobody_is_linked_to_themselves() -> None:
    with pytest.raises(ValueError, match="themselves"):
        MatchingIndex().set_links(1, [Link(1, 0.6, 0.6)])
