"""Whoever is near enough is found, wherever cells of three levels, the poles and the date line lie."""

from copy import deepcopy
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.test_index import agree
from matching.worlds import ALWAYS_ON, Scene, put_all, scenes
from sharecare.geo import Cell, MeshLevel, cell_of, distance_m
from sharecare.matching import Circle, Kind, MatchingIndex, Query, Supporter, SupporterTable, kernel
from sharecare.matching.world import BenchmarkWorld

LEVELS = st.sampled_from(MeshLevel)


def cells(level: MeshLevel) -> st.SearchStrategy[Cell]:
    rows, columns = level.rows_per_degree * 89, level.columns_per_degree * 180
    return st.builds(Cell, st.just(level), st.integers(-rows, rows), st.integers(-columns, columns - 1))


def moved(cell: Cell, north: int, east: int) -> Cell:
    around = 360 * cell.level.columns_per_degree
    return cell._replace(row=cell.row + north, column=(cell.column + east + around // 2) % around - around // 2)


@settings(max_examples=300, deadline=None)
@given(
    here=LEVELS.flatmap(cells),
    radius_m=st.floats(0, 6_000) | st.sampled_from([1e5, 3e7]),
    side=st.sampled_from([-1, 0, 1]),
    others=st.lists(st.tuples(LEVELS, st.integers(-30, 30), st.integers(-30, 30)), max_size=40),
    far=st.lists(LEVELS.flatmap(cells), max_size=3),
    edge=st.none() | st.integers(0, 60),
)
@example(
    here=Cell(MeshLevel.HALF, 89 * 240 + 200, -28_800),
    radius_m=3_000.0,
    side=0,
    others=[(MeshLevel.THIRD, 0, 14_400), (MeshLevel.QUARTER, 3, -20)],
    far=[],
    edge=None,
)
def test_everyone_within_the_radius_is_found_and_nobody_else(
    *,
    here: Cell,
    radius_m: float,
    side: int,
    others: list[tuple[MeshLevel, int, int]],
    far: list[Cell],
    edge: int | None,
) -> None:
    if side:
        here = here._replace(column=side * 180 * here.level.columns_per_degree - (side > 0))
    near = [moved(here, north, east) for north, east in product(range(-2, 3), repeat=2)]
    scattered = [moved(cell_of(*here.centre, level), north, east) for level, north, east in others]
    there = [cell for cell in (*near, *scattered, *far) if abs(cell.row) < 89.9 * cell.level.rows_per_degree]
    index = MatchingIndex()
    # Loaded, they lie sorted by cell; newcomers that are put would be looked at wherever they live.
    index.load_supporters(
        SupporterTable.of([Supporter(person, person, cell, 4e7, 1, 0, 144, "UTC") for person, cell in enumerate(there)])
    )
    for person in range(len(there)):
        index.set_hours(person, ALWAYS_ON, [])
    far_m = [max(distance_m(*here.centre, *cell.centre), min(here.level, cell.level).nominal_m / 2) for cell in there]
    if edge is not None:  # someone lives right on it
        radius_m = far_m[edge % len(there)] * (1 + 1e-9)
    query = Query(
        -1, -1, here, 0, 60, Kind.PICKUP, 12, 12, max_distance_m=radius_m, circle=Circle.ANYONE, top=len(there)
    )

    found = index.rank(query)
    assert sorted(found.person_ids.tolist()) == [person for person, away_m in enumerate(far_m) if away_m <= radius_m]
    assert found.distance_m.tolist() == pytest.approx([far_m[one] for one in found.person_ids], rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("few", [1, 300])
@pytest.mark.parametrize("top", [1, 3, 20])
def test_the_best_are_the_first_of_all(monkeypatch: pytest.MonkeyPatch, top: int, few: int) -> None:
    monkeypatch.setattr(kernel, "_FEW", few)  # so that communities are looked up, or read
    world = BenchmarkWorld(5_000)
    index = world.index()
    for query in world.queries(150):
        everyone, best = index.rank(replace(query, top=len(index))), index.rank(replace(query, top=top))
        people = everyone.person_ids.tolist()
        assert best.person_ids.tolist() == [*people[: everyone.asks][:top], *people[everyone.asks :][:top]]


@settings(max_examples=50, deadline=None)
@given(scenes)
def test_a_copy_is_an_index_of_its_own(scene: Scene) -> None:
    world, index = scene.world(), MatchingIndex()
    put_all(world, index)
    query = scene.query()
    agree(index, world, query)
    apart, copied = deepcopy(world), deepcopy(index)
    for person_id in list(apart.supporters)[::2]:
        del apart.supporters[person_id]
        copied.remove(person_id)
    agree(copied, apart, query)
    agree(index, world, query)


def test_a_cell_beyond_the_poles_reaches_nobody() -> None:
    index = MatchingIndex()
    index.load_supporters(SupporterTable.of([Supporter(1, 1, cell_of(35.87, 139.72), 4e7, 1, 0, 144, "UTC")]))
    index.set_hours(1, ALWAYS_ON, [])
    for row in (2**40, -(2**40)):
        query = Query(2, 2, Cell(MeshLevel.HALF, row, 0), 0, 60, Kind.PICKUP, 12, 12, 1, 4e7, Circle.ANYONE)
        assert len(index.rank(query)) == 0
