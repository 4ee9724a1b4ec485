"""Widths (宽度) of gaps, overlaps and slivers: the diameter of the largest circle inside."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

#: perimeter²/area from which a shape is a strip (about 13 times as long as wide). GEOS's search for the
#: circle divides boxes that strips fill badly: up to 0.5 s each, and an upload can hold thousands.
STRIP = 60.0


def widths(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Width of each polygon or multipolygon: 2·r of its maximum inscribed circle, to about 2 %.

    polygons: (n,) valid, of any unit. Returns (n,) in that unit, 0 where there is no area.
    """
    answer = np.zeros(len(polygons))
    if not len(polygons):
        return answer
    area, perimeter = shapely.area(polygons), shapely.length(polygons)
    some = (area > 0) & (perimeter > 0)
    strip = some & (perimeter**2 > STRIP * area)
    for i in np.flatnonzero(strip):
        answer[i] = max(_strip(part) for part in shapely.get_parts(polygons[i]))
    round_ = np.flatnonzero(some & ~strip)
    if len(round_):
        # r is at least area/perimeter whatever the shape, so this is 2 % of r or better.
        tolerance = 0.02 * area[round_] / perimeter[round_]
        circles = shapely.maximum_inscribed_circle(polygons[round_], tolerance=tolerance)
        answer[round_] = 2 * shapely.length(circles)
    return answer


def _strip(polygon: shapely.Geometry) -> float:
    """Width of a strip. Triangles fill it from side to side, so its widest place is near the middle of
    one of their sides or their own inscribed circle; a few steps uphill find it."""
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    if not len(triangles):
        return 0.0
    corners = shapely.get_coordinates(triangles).reshape(-1, 4, 2)[:, :3]
    opposite = np.linalg.norm(np.roll(corners, -1, axis=1) - np.roll(corners, -2, axis=1), axis=2)
    inside = (corners * opposite[..., None]).sum(axis=1) / opposite.sum(axis=1)[:, None]
    start = np.concatenate([(corners + np.roll(corners, -1, axis=1)).reshape(-1, 2) / 2, inside])
    ends, ring = shapely.get_coordinates(shapely.get_rings(polygon), return_index=True)
    along = ring[:-1] == ring[1:]
    sides = shapely.STRtree(shapely.linestrings(np.stack([ends[:-1][along], ends[1:][along]], axis=1)))

    def reach(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        _, metres = sides.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
        return np.asarray(metres)

    metres = reach(start)
    best = np.argsort(metres)[-2:]
    at, radius = start[best], metres[best]
    step = radius / 2
    shapely.prepare(polygon)
    turns = np.stack([np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1)
    for _ in range(10):
        if (step < 0.01 * radius).all():
            break
        around = at[:, None] + step[:, None, None] * turns
        there = reach(around.reshape(-1, 2)).reshape(len(at), 8)
        there[~shapely.contains_xy(polygon, around[..., 0], around[..., 1])] = 0
        pick = there.argmax(axis=1)
        row = np.arange(len(at))
        better = there[row, pick] > radius
        at[better] = around[row, pick][better]
        radius = np.maximum(radius, there[row, pick])
        step = np.where(better, step, step / 2)
    return 2 * float(radius.max())
