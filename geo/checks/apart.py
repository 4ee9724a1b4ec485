"""Two courses of one line compared: how far apart, and the ribbon of ground between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.network.build import segments
from geo.network.course import Course
from geo.network.sides import keys


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


def ribbon(a: BaseGeometry, b: BaseGeometry, grid: float) -> Ribbon:
    """Hausdorff distance both ways, at vertices and places between; ribbon by polygonising both.

    a, b: lines or multilines on one grid, metres. Stretches that both have vertex for vertex are not
    looked at again.
    """
    distance, link = 0.0, shapely.LineString()
    for one, other in ((a, b), (b, a)):
        alone = _alone(one, other, grid)
        if alone.is_empty:
            continue
        places = Course(alone).stations()
        metres = Course(other).distance(places)
        widest = int(metres.argmax())
        if metres[widest] >= distance:
            distance = float(metres[widest])
            link = shapely.shortest_line(shapely.Point(places[widest]), other)
    if not distance:
        return Ribbon(shapely.MultiPolygon(), 0.0, 0.0, link)
    faces = shapely.get_parts(shapely.polygonize(_closed(a, b)))
    faces = faces[shapely.area(faces) > 0]
    shape = shapely.multipolygons(faces) if len(faces) else shapely.MultiPolygon()
    return Ribbon(shape, float(shapely.area(shape)), distance, link)


def _alone(one: BaseGeometry, other: BaseGeometry, grid: float) -> BaseGeometry:
    """Segments of one that the other does not have, in either direction."""
    mine, theirs = (segments(np.array([g], dtype=object)) for g in (one, other))
    cells = keys(theirs, grid).to_numpy()
    taken = {tuple(c) for c in np.concatenate([cells, cells[:, [2, 3, 0, 1]]]).tolist()}
    lone = np.array([tuple(c) not in taken for c in keys(mine, grid).to_numpy().tolist()], dtype=bool)
    return shapely.multilinestrings(mine.lines()[lone])


def _closed(a: BaseGeometry, b: BaseGeometry) -> NDArray[np.object_]:
    """Arcs of both courses and of the short links between their ends, so that open ends close too."""
    ends = [[shapely.get_point(p, k) for k in (0, -1)] for p in (a, b) if p.geom_type == "LineString"]
    links = []
    if len(ends) == 2:
        for end in ends[0]:
            near = min(ends[1], key=lambda other: shapely.distance(end, other))
            if shapely.distance(end, near) > 0:
                links.append(shapely.linestrings([shapely.get_coordinates(p)[0] for p in (end, near)]))
    return np.asarray(shapely.get_parts(shapely.union_all([a, b, *links])), dtype=object)
