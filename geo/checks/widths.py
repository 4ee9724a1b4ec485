"""Widths (宽度) of gaps, overlaps and slivers: the diameter of the largest circle inside."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

#: perimeter²/area beyond which a shape is a strip (100 times as long as wide), and the vertex count
#: from which the search for its circle is slow: 0.3 s for 800 vertices, and an upload can hold thousands.
STRIP = 400.0
MANY = 40


def widths(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Width of each polygon or multipolygon: 2·r of its maximum inscribed circle, to 2 %.

    polygons: (n,) valid, of any unit. Returns (n,) in that unit, 0 where there is no area.
    """
    answer = np.zeros(len(polygons))
    area, perimeter = shapely.area(polygons), shapely.length(polygons)
    some = (area > 0) & (perimeter > 0)
    strip = some & (perimeter**2 > STRIP * area) & (shapely.get_num_coordinates(polygons) > MANY)
    for i in np.flatnonzero(strip):
        answer[i] = _strip(polygons[i])
    round_ = np.flatnonzero(some & ~strip)
    if len(round_):
        # r is at least area/perimeter whatever the shape, so this is 2 % of r or better.
        tolerance = 0.02 * area[round_] / perimeter[round_]
        circles = shapely.maximum_inscribed_circle(polygons[round_], tolerance=tolerance)
        answer[round_] = 2 * shapely.length(circles)
    return answer


def _strip(polygon: shapely.Geometry) -> float:
    """Width of a strip: its widest place lies half way along a side of the triangles that fill it."""
    best = 0.0
    for part in shapely.get_parts(polygon):
        triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(part))
        if not len(triangles):
            continue
        corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
        middles = np.concatenate(
            [(corners + np.roll(corners, -1, axis=1)).reshape(-1, 2) / 2, corners.mean(axis=1)]
        )
        ends = shapely.get_coordinates(shapely.boundary(part))
        # Joins between rings come along as sides: they only cross holes, and make no place wider.
        sides = shapely.STRtree(shapely.linestrings(np.stack([ends[:-1], ends[1:]], axis=1)))
        _, distance = sides.query_nearest(shapely.points(middles), return_distance=True, all_matches=False)
        best = max(best, 2 * float(distance.max()))
    return best
