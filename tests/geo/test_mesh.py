import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sharecare.geo import (
    Cell,
    MeshLevel,
    NoMeshCodeError,
    PointOutOfRangeError,
    cell_from_code,
    cell_of,
    cells_from_codes,
    cells_of,
    centres_of,
    codes_of,
)

LEVELS = st.sampled_from(MeshLevel)
LATITUDES = st.floats(-89.9, 89.9)
LONGITUDES = st.floats(-180, 180)
REAL_DATA = os.environ.get("SHARECARE_REAL_DATA")
needs_real_data = pytest.mark.skipif(not REAL_DATA, reason="SHARECARE_REAL_DATA is not set")


def test_tokyo_tower_has_its_published_codes() -> None:
    codes = [cell_of(35.658581, 139.745433, level).code for level in MeshLevel]
    assert codes == ["53393599", "533935992", "5339359921"]


def test_digit_after_the_third_mesh_counts_quadrants_from_the_south_west() -> None:
    lat, lon = 36.0, 140.0
    quadrants = [(0.001, 0.001), (0.001, 0.007), (0.005, 0.001), (0.005, 0.007)]
    assert [cell_of(lat + n, lon + e).code[-1] for n, e in quadrants] == ["1", "2", "3", "4"]


def test_point_on_a_line_belongs_to_the_north_east() -> None:
    assert cell_of(35.0, 135.0) == Cell(MeshLevel.HALF, 35 * 240, 135 * 160)
    assert cell_of(-1e-9, -1e-9) == Cell(MeshLevel.HALF, -1, -1)


def test_line_between_nanodegrees_lies_where_rounding_puts_it() -> None:
    assert cell_of(1 / 240, 0.0).row == 1  # 4,166,666.67 rounds up, past the line
    assert cell_of(1 / 480, 0.0, MeshLevel.QUARTER).row == 0  # 2,083,333.33 rounds down, short of it


def test_date_line_is_one_line() -> None:
    assert cell_of(10.0, 180.0) == cell_of(10.0, -180.0)


@pytest.mark.parametrize("point", [(89.91, 0), (-90, 0), (0, 180.01), (0, -181), (float("nan"), 0), (0, float("nan"))])
def test_refuses_points_beyond_the_range(point: tuple[float, float]) -> None:
    with pytest.raises(PointOutOfRangeError):
        cell_of(*point)
    with pytest.raises(PointOutOfRangeError):
        cells_of(np.array([0.0, point[0]]), np.array([0.0, point[1]]))


@pytest.mark.parametrize("point", [(-0.1, 139), (66.67, 139), (35, 99.99), (35, 180), (35, -120)])
def test_codes_exist_only_in_the_standards_range(point: tuple[float, float]) -> None:
    cell = cell_of(*point)
    with pytest.raises(NoMeshCodeError):
        _ = cell.code
    with pytest.raises(NoMeshCodeError):
        codes_of(np.array([cell.row]), np.array([cell.column]))


@pytest.mark.parametrize(
    "code", ["", "5339359", "53393599211", "53398599", "53393899", "53803599", "533935995", "５339"]
)
def test_refuses_what_is_no_code(code: str) -> None:
    with pytest.raises(NoMeshCodeError):
        cell_from_code(code)


def test_refuses_a_finer_parent() -> None:
    with pytest.raises(ValueError, match="lies in no QUARTER cell"):
        cell_of(35.0, 135.0).parent(MeshLevel.QUARTER)


@given(st.floats(0, 66.66), st.floats(100, 179.999), LEVELS)
def test_code_leads_back_to_its_cell(lat: float, lon: float, level: MeshLevel) -> None:
    cell = cell_of(lat, lon, level)
    assert cell_from_code(cell.code) == cell
    assert cell_of(*cell.centre, level) == cell
    south, west, north, east = cell.bounds
    assert ((south + north) / 2, (west + east) / 2) == pytest.approx(cell.centre, abs=1e-12)
    assert south - 1e-9 <= lat < north + 1e-9
    assert west - 1e-9 <= lon < east + 1e-9
    assert cell.code.startswith(cell.parent(MeshLevel.THIRD).code)
    assert codes_of(np.array([cell.row]), np.array([cell.column]), level)[0] == int(cell.code)


@given(st.lists(st.tuples(LATITUDES, LONGITUDES)), LEVELS)
@example([(89.9, 180.0), (-89.9, -180.0), (0.0, 0.0)], MeshLevel.QUARTER)
def test_many_points_at_once_agree_with_one(points: list[tuple[float, float]], level: MeshLevel) -> None:
    lat, lon = np.array(points, dtype=np.float64).reshape(-1, 2).T
    rows, columns = cells_of(lat, lon, level)
    cells = [cell_of(*point, level) for point in points]
    assert [Cell(level, *at) for at in zip(rows.tolist(), columns.tolist(), strict=True)] == cells
    centres = zip(*(axis.tolist() for axis in centres_of(rows, columns, level)), strict=True)
    assert list(centres) == [cell.centre for cell in cells]


@given(LATITUDES, LONGITUDES)
def test_parent_holds_the_same_point(lat: float, lon: float) -> None:
    quarter = cell_of(lat, lon, MeshLevel.QUARTER)
    for level in MeshLevel:
        assert quarter.parent(level) == cell_of(lat, lon, level)


@given(st.lists(st.tuples(st.floats(20, 46), st.floats(122, 154), LEVELS), max_size=20))
def test_many_codes_are_read_like_one(points: list[tuple[float, float, MeshLevel]]) -> None:
    cells = [cell_of(*point) for point in points]
    levels, rows, columns = cells_from_codes(np.array([int(cell.code) for cell in cells], np.int64))
    read = zip(levels.tolist(), rows.tolist(), columns.tolist(), strict=True)
    assert [Cell(MeshLevel(level), row, column) for level, row, column in read] == cells


@pytest.mark.parametrize("code", [5_339_000, 53_394_611_121])
def test_codes_of_too_few_or_too_many_digits_are_refused(code: int) -> None:
    with pytest.raises(NoMeshCodeError):
        cells_from_codes(np.array([code]))


@needs_real_data
def test_agrees_with_published_vectors() -> None:
    vectors = json.loads((Path(str(REAL_DATA)) / "vectors/to_meshcode.json").read_text())
    levels = {3: MeshLevel.THIRD, 4: MeshLevel.HALF, 5: MeshLevel.QUARTER}
    checked = [vector for vector in vectors if vector["level"] in levels]
    assert len(checked) >= 3
    for vector in checked:
        assert cell_of(vector["lat"], vector["lon"], levels[vector["level"]]).code == vector["code"]


@needs_real_data
def test_agrees_with_the_official_list_of_cells_by_city() -> None:
    root = Path(str(REAL_DATA))
    with (root / "mesh1km_by_city.csv").open(encoding="utf-8", newline="") as file:
        official = {(row["city_code"], row["mesh1km"]) for row in csv.DictReader(file)}
    cities = {city for city, _ in official}
    with (root / "towns.csv").open(encoding="utf-8", newline="") as file:
        towns = [row for row in csv.DictReader(file) if row["lat"] and row["city_code"] in cities]
    found = [
        (town["city_code"], cell_of(float(town["lat"]), float(town["lon"]), MeshLevel.THIRD).code) in official
        for town in towns
    ]
    assert len(found) > 500
    assert all(found)
