"""Generalise (公开图形概括): what the public sees of outlines and settled lines.

One coverage for both, so that a line and the units on either side of it cannot disagree: settled lines are
laid into the outlines in use, the coverage is simplified with its shared borders kept, and every vertex is
moved to a coarse grid, the same vertex to the same place in every shape. No vertex stays exact; and a grid
point that happens to lie at a marker or a tripoint is given up for its neighbour.
Source: practice of public maps (positions no better than about 50 m; a setting).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.crs.plane import METRES_PER_DEGREE, STORED, Plane
from geo.network.borders import shared_borders

#: A published vertex stays this far from every exact position, in metres.
CLEARANCE_M = 10.0
#: A settled line that is this near to the outline in use, in metres, is that outline.
SAME_M = 0.01
#: How far a settled line's end may lie from the outline in use and still be joined to it, in tolerances.
REACH = 4.0


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled line: its two units, and its exact geometry, EPSG:4490."""

    code: str
    left: str
    right: str
    geometry: shapely.LineString


@dataclass(frozen=True, slots=True)
class Public:
    """Generalised shapes, EPSG:4490: MultiPolygons of units and LineStrings of lines, by code."""

    units: dict[str, shapely.MultiPolygon]
    lines: dict[str, shapely.LineString]


def generalise(
    outlines: Mapping[str, BaseGeometry],
    settled: Sequence[Settled],
    exact: NDArray[np.float64],
    *,
    zone: int,
    tolerance_m: float,
) -> Public:
    """The public shapes of a district.

    outlines: units' outlines in use by code, a coverage, EPSG:4490. settled: lines to lay into them.
    exact: (n, 2) longitude and latitude of markers and tripoints. zone: EPSG code of the metre plane.
    A line along the rim of the outlines is a stretch of their generalised rim; another one whose units have no
    outline is simplified by itself.
    """
    plane = Plane.of_zone(zone, STORED)
    polygons = {code: plane.project(shape) for code, shape in outlines.items()}
    reach = REACH * max(tolerance_m, 1.0)
    laid: list[Settled] = []
    parted_any = False
    for line in settled:
        if line.left in polygons and line.right in polygons:
            exactly = plane.project(line.geometry)
            parted = lay_in(polygons[line.left], polygons[line.right], exactly, reach)
            if parted is not None:
                parted_any |= parted[0] is not polygons[line.left]
                polygons[line.left], polygons[line.right] = parted
                laid.append(line)
    codes = sorted(polygons)
    coverage = np.asarray([polygons[code] for code in codes], dtype=object)
    if parted_any:
        coverage = with_nodes(coverage)
    grid = Grid.of(tolerance_m, exact)
    simple = plane.to_geographic(shapely.coverage_simplify(coverage, tolerance_m)) if codes else np.array([])
    assert simple is not None
    moved = grid.move(np.asarray(simple, dtype=object))
    borders = shared_borders(codes, moved, [(line.left, line.right) for line in laid])
    lines = {}
    rims = Rims.of(coverage, moved) if any(line not in laid for line in settled) and codes else None
    for line in settled:
        low, high = sorted((line.left, line.right))
        border = borders.get((low, high)) if line in laid else None
        shape = stretch(border, line.geometry, grid.step) if border is not None else None
        if shape is None and rims is not None and line not in laid:
            shape = rims.along(line.geometry, plane.project(line.geometry), tolerance_m)
        lines[line.code] = shape if shape is not None else alone(line.geometry, plane, grid, tolerance_m)
    return Public({code: as_multi(shape) for code, shape in zip(codes, moved, strict=True)}, lines)


# Laying settled lines into the outlines ------------------------------------------------------------------


def lay_in(
    left: BaseGeometry, right: BaseGeometry, line: BaseGeometry, reach: float
) -> tuple[BaseGeometry, BaseGeometry] | None:
    """The two polygons parted along a line instead of along their old border; None where the line does
    not part them (its ends lie too far from their common outline)."""
    if all(shapely.covers(shapely.buffer(shapely.boundary(side), SAME_M), line) for side in (left, right)):
        return left, right
    both = shapely.union_all([left, right])
    rim = shapely.boundary(both)
    ends = [shapely.get_point(line, 0), shapely.get_point(line, -1)]
    joints = []
    for end in ends:
        joint = shapely.shortest_line(end, rim)
        if shapely.length(joint) > reach:
            return None
        if shapely.length(joint) > 0:
            joints.append(joint)
            # The foot of the joint lies on an edge only up to rounding: make it a vertex of the edge.
            rim = shapely.snap(rim, shapely.get_point(joint, -1), 1e-6)
    cuts = shapely.union_all([rim, line, *joints])
    faces = shapely.get_parts(shapely.polygonize([*shapely.get_parts(cuts)]))
    faces = faces[shapely.contains_properly(shapely.buffer(both, 1e-3), shapely.point_on_surface(faces))]
    mine = shapely.area(shapely.intersection(faces, left)) >= shapely.area(shapely.intersection(faces, right))
    if mine.all() or not mine.any() or len(faces) < 2:
        return None
    return shapely.union_all(faces[mine]), shapely.union_all(faces[~mine])


def with_nodes(array: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygons with every vertex of a neighbour that lies on their edges: a line laid in between two
    of them ends on the edge of a third, which must get that vertex too."""
    points = np.unique(shapely.get_coordinates(array), axis=0)
    tree = shapely.STRtree(shapely.points(points))
    rims = shapely.boundary(array)
    which, point = tree.query(rims, predicate="dwithin", distance=1e-6)
    answer = array.copy()
    for i in np.unique(which):
        own = {tuple(c) for c in shapely.get_coordinates(array[i])}
        others = [tuple(points[p]) for p in point[which == i] if tuple(points[p]) not in own]
        if others:
            answer[i] = shapely.snap(array[i], shapely.multipoints(others), 1e-6)
    return answer


# The coarse grid -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of `step` degrees, and the grid points that must not be used (n, 2), as whole numbers."""

    step: float
    taken: frozenset[tuple[int, int]]

    @classmethod
    def of(cls, tolerance_m: float, exact: NDArray[np.float64]) -> Grid:
        """step: the tolerance in degrees, to a tenth of a thousandth, at least that."""
        step = max(round(tolerance_m / METRES_PER_DEGREE, 4), 0.0001)
        taken: set[tuple[int, int]] = set()
        for lon, lat in np.asarray(exact, dtype=float).reshape(-1, 2):
            shrink = np.cos(np.radians(lat))
            near = np.rint(np.array([lon, lat]) / step).astype(int)
            away = (near * step - (lon, lat)) * (METRES_PER_DEGREE * shrink, METRES_PER_DEGREE)
            if np.hypot(*away) < CLEARANCE_M:
                taken.add((int(near[0]), int(near[1])))
        return cls(step, frozenset(taken))

    def points(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates moved to the grid, around the points that are taken."""
        cells = np.rint(coordinates / self.step).astype(np.int64)
        for i in range(len(cells)) if self.taken else ():
            while (int(cells[i, 0]), int(cells[i, 1])) in self.taken:
                cells[i, 0] += 1
        return np.asarray(np.round(cells * self.step, 7))

    def move(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Shapes on the grid, doubled vertices gone, polygons valid."""
        if not len(shapes):
            return shapes
        moved = shapely.remove_repeated_points(shapely.transform(shapes, self.points))
        bad = ~shapely.is_valid(moved)
        if bad.any():
            moved[bad] = polygons_only(shapely.make_valid(moved[bad], method="structure"))
        return np.asarray(moved, dtype=object)


def polygons_only(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygon parts of repaired shapes."""
    answer = np.empty(len(shapes), dtype=object)
    for i, shape in enumerate(shapes):
        parts = shapely.get_parts(shape)
        answer[i] = shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
    return answer


def as_multi(shape: BaseGeometry) -> shapely.MultiPolygon:
    """The shape as a MultiPolygon, without parts that have no area left."""
    parts = shapely.get_parts(shape)
    return shapely.multipolygons(parts[shapely.area(parts) > 0])


# Lines ---------------------------------------------------------------------------------------------------


def stretch(border: BaseGeometry, line: shapely.LineString, step: float) -> shapely.LineString | None:
    """The part of two units' shared border that is this line's, in its direction; None where none is."""
    parts = shapely.get_parts(border)
    far = shapely.hausdorff_distance(parts, line)
    best = parts[int(np.argmin(far))]
    if far.min() > 10 * step or best.is_ring != line.is_ring or not best.is_simple:
        return None
    return in_direction(best, line)


@dataclass(frozen=True, slots=True)
class Rims:
    """The rim of all outlines: exact, in the metre plane, and the rings of the generalised one, EPSG:4490."""

    exact: BaseGeometry
    rings: tuple[NDArray[np.float64], ...]

    @classmethod
    def of(cls, coverage: NDArray[np.object_], moved: NDArray[np.object_]) -> Rims:
        """coverage: the exact outlines, plane; moved: the generalised ones, EPSG:4490, in the same order."""
        rings = shapely.get_rings(shapely.get_parts(shapely.union_all(moved)))
        return cls(
            shapely.boundary(shapely.union_all(coverage)), tuple(shapely.get_coordinates(r) for r in rings)
        )

    def along(
        self, line: shapely.LineString, exactly: BaseGeometry, tolerance_m: float
    ) -> shapely.LineString | None:
        """The stretch of a generalised ring that is this line's, in its direction; None where the line leaves
        the rim by more than the tolerance. Lines that share an end are cut at the same vertex."""
        if not shapely.covers(shapely.buffer(self.exact, max(tolerance_m, SAME_M)), exactly):
            return None
        best, far = None, np.inf
        for ring in self.rings:
            for candidate in _stretches(ring, line):
                away = shapely.hausdorff_distance(candidate, line)
                if away < far:
                    best, far = candidate, away
        if best is None or far > 10 * max(tolerance_m, 10.0) / METRES_PER_DEGREE:
            return None
        return in_direction(best, line)


def _stretches(ring: NDArray[np.float64], line: shapely.LineString) -> list[shapely.LineString]:
    """The two ways round a closed ring (n, 2) between the vertices nearest to a line's ends; a ring whole."""
    if line.is_ring:
        return [shapely.LineString(ring)]
    ends = shapely.get_coordinates(line)[[0, -1]]
    shrink = np.array([np.cos(np.radians(ends[0, 1])), 1.0])
    first, last = sorted(int(np.argmin(np.hypot(*((ring[:-1] - end) * shrink).T))) for end in ends)
    if first == last:
        return []
    return [
        shapely.LineString(ring[first : last + 1]),
        shapely.LineString(np.concatenate([ring[last:-1], ring[: first + 1]])),
    ]


def in_direction(shape: Any, line: shapely.LineString) -> shapely.LineString:
    """The shape, starting at the end that is nearer to the line's start; a ring (飞地) turning as the line does."""
    if line.is_ring:
        same = bool(shapely.is_ccw(shapely.LinearRing(shape)) == shapely.is_ccw(shapely.LinearRing(line)))
        return shape if same else shapely.reverse(shape)
    ends = shapely.get_coordinates(shape)[[0, -1]]
    start, end = shapely.get_coordinates(line)[[0, -1]]
    as_is = np.hypot(*(ends[0] - start)) + np.hypot(*(ends[1] - end))
    turned = np.hypot(*(ends[1] - start)) + np.hypot(*(ends[0] - end))
    return shape if as_is <= turned else shapely.reverse(shape)


def alone(line: shapely.LineString, plane: Plane, grid: Grid, tolerance_m: float) -> shapely.LineString:
    """A line generalised by itself; simple at the price of shape where it must be."""
    exactly = plane.project(line)
    for factor in (1, 2, 4, 8):
        simple = plane.to_geographic(shapely.simplify(exactly, factor * tolerance_m))
        moved = shapely.remove_repeated_points(shapely.transform(simple, grid.points))
        if (
            moved.is_simple
            and moved.is_ring == line.is_ring
            and shapely.get_num_coordinates(moved) >= 2
            and moved.length > 0
        ):
            return moved
    ends = grid.points(shapely.get_coordinates(line)[[0, -1]])
    if (ends[0] == ends[1]).all():
        # Shorter than the grid: one step long, so that there is something to show and nothing exact.
        ends[1] += (grid.step, 0.0)
    return shapely.LineString(ends)


def nearest_exact_m(shape: BaseGeometry, exact: NDArray[np.float64]) -> float:
    """Metres from the nearest vertex of a shape to the nearest exact position; infinity where there is none."""
    if not len(exact):
        return float("inf")
    middle = float(np.mean(exact[:, 1]))
    scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(middle)), METRES_PER_DEGREE])
    near, _ = cKDTree(exact * scale).query(shapely.get_coordinates(shape) * scale)
    return float(near.min())
