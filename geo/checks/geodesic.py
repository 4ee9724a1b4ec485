"""Lengths and areas on the ellipsoid (椭球面长度、面积) for checks of stated numbers."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks.scene import Scene

#: CGCS2000 has the flattening and the axis of GRS 80.
ELLIPSOID = pyproj.Geod(ellps="GRS80")


def geographic(scene: Scene, shapes: NDArray[np.object_]) -> NDArray[np.object_] | None:
    """Geometries in EPSG:4490, longitude first; None where the scene has no authorised way there."""
    moved = scene.plane.to_geographic(shapes)
    return None if moved is None else np.asarray(moved, dtype=object)


def length(shape: BaseGeometry) -> float:
    """Metres along a line of longitude and latitude, all parts together; NaN where a coordinate is none."""
    total = 0.0
    for part in shapely.get_parts(shape):
        coordinates = shapely.get_coordinates(part)
        if not _on_earth(coordinates):
            return float("nan")
        total += ELLIPSOID.line_length(coordinates[:, 0], coordinates[:, 1])
    return total


def area(shape: BaseGeometry) -> float:
    """Square metres of a polygon of longitude and latitude, holes taken off; NaN as for `length`."""
    total = 0.0
    for part in shapely.get_parts(shape):
        rings = [part.exterior, *part.interiors]
        for number, ring in enumerate(rings):
            coordinates = shapely.get_coordinates(ring)
            if not _on_earth(coordinates):
                return float("nan")
            enclosed = abs(ELLIPSOID.polygon_area_perimeter(coordinates[:, 0], coordinates[:, 1])[0])
            total += enclosed if number == 0 else -enclosed
    return total


def _on_earth(coordinates: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(coordinates).all() and (np.abs(coordinates[:, 1]) <= 90).all())
