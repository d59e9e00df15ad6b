import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from sharecare.geo import distance_m, distances_m

JAPAN_LATITUDES = st.floats(20.4, 45.6)
JAPAN_LONGITUDES = st.floats(122.9, 154.0)
BEARINGS = st.floats(0, 360)


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
