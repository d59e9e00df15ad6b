"""Mesh cells and distances: pure, and all that matching ever knows of where people live."""

from sharecare.geo.distance import distance_m, distances_m
from sharecare.geo.mesh import (
    MAX_LATITUDE,
    MAX_LONGITUDE,
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

__all__ = [
    "MAX_LATITUDE",
    "MAX_LONGITUDE",
    "Cell",
    "MeshLevel",
    "NoMeshCodeError",
    "PointOutOfRangeError",
    "cell_from_code",
    "cell_of",
    "cells_from_codes",
    "cells_of",
    "centres_of",
    "codes_of",
    "distance_m",
    "distances_m",
]
