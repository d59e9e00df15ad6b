from itertools import product

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from sharecare.geo import Cell, MeshLevel, distance_m, distances_m, grid_distances_m, grid_point
from sharecare.geo.grid import band, cell_numbers, distances_within, half_step, numbers_within

JAPAN_LATITUDES = st.floats(20.4, 45.6)
JAPAN_LONGITUDES = st.floats(122.9, 154.0)
BEARINGS = st.floats(0, 360)
LEVELS = st.sampled_from(MeshLevel)


@pytest.mark.parametrize(("limit_m", "tolerance_m"), [(10_000, 0.002), (50_000, 0.2)])
@given(lat=JAPAN_LATITUDES, lon=JAPAN_LONGITUDES, bearing=BEARINGS, share=st.floats(0, 1))
def test_agrees_with_the_geodesic_in_japan(
    *, limit_m: int, tolerance_m: float, lat: float, lon: float, bearing: float, share: float
) -> None:
    there = geodesic(meters=limit_m * share).destination((lat, lon), bearing)
    exact = geodesic((lat, lon), (there.latitude, there.longitude)).meters
    assert distance_m(lat, lon, there.latitude, there.longitude) == pytest.approx(exact, abs=tolerance_m)


@given(st.lists(st.tuples(st.floats(-89.9, 89.9), st.floats(-180, 180)), min_size=2, max_size=8))
def test_many_distances_agree_with_one(points: list[tuple[float, float]]) -> None:
    lat, lon = np.array(points).T
    found = distances_m(lat[:1], lon[:1], lat, lon)
    expected = [distance_m(*points[0], *point) for point in points]
    assert found.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-9)


def test_distance_wraps_at_the_date_line() -> None:
    assert distance_m(0, 179.995, 0, -179.995) == pytest.approx(distance_m(0, 0, 0, 0.01), rel=1e-9)


def cells(level: MeshLevel) -> st.SearchStrategy[Cell]:
    rows, columns = level.rows_per_degree * 89, level.columns_per_degree * 180
    return st.builds(Cell, st.just(level), st.integers(-rows, rows), st.integers(-columns, columns - 1))


@given(LEVELS.flatmap(cells), st.lists(LEVELS.flatmap(cells), min_size=1, max_size=6))
def test_grid_distance_is_the_distance_between_centres(here: Cell, there: list[Cell]) -> None:
    points = np.array([grid_point(*cell) for cell in there])
    found = grid_distances_m(*grid_point(*here), points[:, 0], points[:, 1])
    expected = [distance_m(*here.centre, *cell.centre) for cell in there]
    assert found.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(
    here=LEVELS.flatmap(cells)
    | st.builds(Cell, st.just(MeshLevel.HALF), st.integers(-20_000, 20_000), st.sampled_from([-28_800, 28_799])),
    radius_m=st.floats(0, 4_000) | st.sampled_from([20_000.0, 1e5]),
    steps=st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=1),
    far=LEVELS.flatmap(cells),
)
def test_ruler_measures_alike_within_its_radius_and_beyond_it_elsewhere(
    *, here: Cell, radius_m: float, steps: list[tuple[int, int]], far: Cell
) -> None:
    around = 360 * here.level.columns_per_degree
    near = [
        here._replace(row=here.row + north, column=(here.column + east + around // 2) % around - around // 2)
        for north, east in steps
    ]
    ys, xs = np.array([grid_point(*cell) for cell in (*near, far)]).T
    inside = np.abs(ys) < 90 * 960
    expected = grid_distances_m(*grid_point(*here), ys[inside], xs[inside])
    found = distances_within(*grid_point(*here), ys[inside], xs[inside], radius_m)
    within = expected <= radius_m
    assert found[within].tolist() == expected[within].tolist()
    assert (found[~within] > radius_m).all()


@given(
    here=LEVELS.flatmap(cells) | st.builds(Cell, st.just(MeshLevel.HALF), st.just(89 * 240 + 200), st.just(-28_800)),
    level=LEVELS,
    radius_m=st.floats(0, 4_000),
    side=st.sampled_from([-1, 0, 1]),
    data=st.data(),
)
def test_band_covers_every_cell_within_the_radius(
    *, here: Cell, level: MeshLevel, radius_m: float, side: int, data: st.DataObject
) -> None:
    here = here if side == 0 else here._replace(column=side * 180 * here.level.columns_per_degree - (side > 0))
    y, x = grid_point(*here)
    west, beyond = numbers_within(level, y, x, radius_m).reshape(2, -1)
    around = 360 * level.columns_per_degree
    row, column = y // (2 * half_step(level)), x // (2 * half_step(level))
    spread = st.integers(-10, 10)
    steps = data.draw(st.lists(st.tuples(spread, spread | st.integers(-around // 2, around // 2)), max_size=30))
    for north, east in [*product(range(-2, 3), repeat=2), *steps]:
        there = Cell(level, row + north, (column + east + around // 2) % around - around // 2)
        ys, xs = np.array([grid_point(*there)]).T
        inside = bool(grid_distances_m(y, x, ys, xs)[0] <= radius_m) and abs(there.row) < 90 * level.rows_per_degree
        number = cell_numbers(level, *np.array([there[1:]]).T)
        times = np.count_nonzero((west <= number) & (number < beyond))
        assert times <= 1
        assert times == 1 or not inside
    assert (np.diff(west) > 0).all()


def test_rows_in_reach_are_remembered_up_to_so_many_bytes() -> None:
    # 8,192 latitudes were, whatever they took: 1.3 MB each with no limit to the distance.
    far = [band(MeshLevel.QUARTER, y, 3e7) for y in range(40)]
    assert band(MeshLevel.QUARTER, 39, 3e7) is far[39]
    assert band(MeshLevel.QUARTER, 0, 3e7) is not far[0]
    assert sum(one.bounds.nbytes for one in far) > 2**24
