"""Geodesic (大地线) quantities on the ellipsoid of CGCS2000: what certificates and tables state."""

from __future__ import annotations

from typing import Any

import pyproj
import shapely

#: The ellipsoid of EPSG:4490 (GRS 80 axis and flattening as CGCS2000 defines them).
ELLIPSOID = pyproj.Geod(a=6378137.0, rf=298.257222101)


def length_m(geometry: Any) -> float:
    """Length in metres of a line on the ellipsoid; vertices in degrees, EPSG:4490, longitude first."""
    coordinates = (shapely.get_coordinates(part) for part in shapely.get_parts(geometry))
    return float(sum(ELLIPSOID.line_length(c[:, 0], c[:, 1]) for c in coordinates))


def area_m2(geometry: Any) -> float:
    """Area in square metres of a polygon or multipolygon on the ellipsoid, holes taken off."""
    total = 0.0
    for part in shapely.get_parts(geometry):
        for number, ring in enumerate([part.exterior, *part.interiors]):
            c = shapely.get_coordinates(ring)
            ring_area = abs(ELLIPSOID.polygon_area_perimeter(c[:, 0], c[:, 1])[0])
            total += ring_area if number == 0 else -ring_area
    return total
