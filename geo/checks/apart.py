"""Two courses of one line compared: how far apart, and the ribbon of ground between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

#: Points to look at along a line at most; on longer lines they stand farther apart than a metre.
MANY = 20_000


@dataclass(frozen=True)
class Ribbon:
    """The ground between two courses: its polygons, its area, and the greatest distance (metres)."""

    shape: BaseGeometry
    area: float
    distance: float
    link: BaseGeometry

    @property
    def place(self) -> BaseGeometry:
        """The ribbon, or where it has no area the widest place."""
        return self.link if self.shape.is_empty else self.shape


def ribbon(a: BaseGeometry, b: BaseGeometry) -> Ribbon:
    """Hausdorff distance both ways, at vertices and every metre between; ribbon by polygonising both.

    a, b: lines or multilines in one plane, metres.
    """
    distance, link = 0.0, shapely.LineString()
    for one, other in ((a, b), (b, a)):
        step = max(1.0, shapely.length(one) / MANY)
        points = shapely.points(shapely.get_coordinates(shapely.segmentize(one, step)))
        shapely.prepare(other)
        metres = shapely.distance(other, points)
        widest = int(metres.argmax())
        if metres[widest] >= distance:
            distance = float(metres[widest])
            link = shapely.shortest_line(points[widest], other)
    faces = shapely.get_parts(shapely.polygonize([*_closed(a, b)]))
    faces = faces[shapely.area(faces) > 0]
    shape = shapely.multipolygons(faces) if len(faces) else shapely.MultiPolygon()
    return Ribbon(shape, float(shapely.area(shape)), distance, link)


def _closed(a: BaseGeometry, b: BaseGeometry) -> np.ndarray:
    """Arcs of both courses and of the short links between their ends, so that open ends close too."""
    ends = [[shapely.get_point(p, k) for k in (0, -1)] for p in (a, b) if p.geom_type == "LineString"]
    links = []
    if len(ends) == 2:
        for end in ends[0]:
            near = min(ends[1], key=lambda other: shapely.distance(end, other))
            if shapely.distance(end, near) > 0:
                links.append(shapely.linestrings([shapely.get_coordinates(p)[0] for p in (end, near)]))
    return np.asarray(shapely.get_parts(shapely.union_all([a, b, *links])), dtype=object)
