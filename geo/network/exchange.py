"""Exchange of area (面积增减) between units: which ground one version gives to another unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.network.build import to_grid

#: Smaller pieces are rounding (docs/checks.md), in square metres.
SMALLEST = 0.01


@dataclass(frozen=True)
class Patch:
    """One piece of ground that changes hands: from one unit to another, either None where it is nobody's
    in that version. shape: Polygon in the plane."""

    giver: str | None
    taker: str | None
    shape: BaseGeometry
    line: str | None = None


def by_polygons(
    old: Mapping[str, BaseGeometry], new: Mapping[str, BaseGeometry], *, grid: float, same: float
) -> Iterator[Patch]:
    """Patches between two sets of unit polygons, in one plane, by code.

    Only units of `new` that `old` has too are compared; who had or has the ground is looked for among
    all of both. Vertices nearer than `same` to an old one are taken for it, and patches no wider than
    `same` are left out: rounding moves no boundary.
    """
    before = {code: _usable(shape, grid) for code, shape in old.items()}
    vertices = shapely.get_coordinates(list(before.values()))
    tree = cKDTree(vertices) if len(vertices) else None
    after = {code: _usable(_snapped(shape, tree, same), grid) for code, shape in new.items()}
    now = {**before, **after}
    common = [code for code in after if code in before]
    tree_codes = list(now)
    for code in common:
        if bool(shapely.equals_exact(shapely.normalize(after[code]), shapely.normalize(before[code]))):
            continue
        gained = shapely.difference(after[code], before[code])
        for giver, piece in _shared_out(gained, {c: before[c] for c in before if c != code}):
            yield from _patches(piece, giver, code, same)
        lost = shapely.difference(before[code], after[code])
        # What another compared unit gained was told there; the rest went to nobody, or to a unit that
        # is not compared.
        others = {c: now[c] for c in tree_codes if c != code}
        for taker, piece in _shared_out(lost, others):
            if taker is None or taker not in common:
                yield from _patches(piece, code, taker, same)


def _shared_out(
    area: BaseGeometry, owners: Mapping[str, BaseGeometry]
) -> Iterator[tuple[str | None, BaseGeometry]]:
    """An area by the owner of each part of it; None for what nobody owns."""
    if area.is_empty:
        return
    codes = list(owners)
    rest = area
    shapes = np.array([owners[c] for c in codes], dtype=object)
    for i in sorted(shapely.STRtree(shapes).query(area, predicate="intersects")) if codes else ():
        part = shapely.intersection(rest, shapes[i])
        if part.area > 0:
            yield codes[i], part
            rest = shapely.difference(rest, shapes[i])
    if not rest.is_empty:
        yield None, rest


def by_line(
    old: NDArray[np.float64],
    new: NDArray[np.float64],
    *,
    old_sides: tuple[str | None, str | None],
    new_sides: tuple[str | None, str | None],
    line: str,
    same: float,
) -> Iterator[Patch]:
    """Patches between two versions of a line: the ribbon between them, side by side.

    old, new: (n, 2) and (m, 2) vertices in one plane and one direction. old_sides, new_sides: units on
    the left and right in that direction. What lay left of the old line and lies right of the new one
    goes from the old left unit to the new right one.
    """
    before, after = shapely.LineString(old), shapely.LineString(new)
    joined = [before, after]
    for a, b in ((old[0], new[0]), (old[-1], new[-1])):
        if bool((a != b).any()):
            joined.append(shapely.LineString([a, b]))
    faces = shapely.get_parts(shapely.polygonize([shapely.unary_union(joined)]))
    for face in faces:
        was, now = _side(face, before), _side(face, after)
        # On the same side of both versions the ground stays with its unit: the inside of a ring does.
        if was * now >= 0:
            continue
        left = was > 0
        giver, taker = (old_sides[0], new_sides[1]) if left else (old_sides[1], new_sides[0])
        for patch in _patches(face, giver, taker, same) if giver != taker or giver is None else ():
            yield Patch(patch.giver, patch.taker, patch.shape, line)


def _side(face: BaseGeometry, line: BaseGeometry) -> float:
    """Positive where the face lies left of the line, negative where right, 0 where neither can be said.

    Of a ring: inside or outside. Of an open line that borders the face: going round anticlockwise, the
    face's own edge runs the line's way where the face is on the left.
    """
    if line.is_closed:
        ring = shapely.Polygon(line)
        inside = bool(shapely.intersects(ring, face.representative_point()))
        return 1.0 if inside == bool(shapely.is_ccw(ring.exterior)) else -1.0
    edges = shapely.get_coordinates(shapely.orient_polygons(face, exterior_cw=False).exterior)
    middle = shapely.points((edges[:-1] + edges[1:]) / 2)
    # Cut points are rounded, so "on the line" is to a thousandth of a millimetre.
    edge = np.asarray(shapely.distance(middle, line)) <= 1e-6
    along = shapely.line_locate_point(line, shapely.points(edges))
    return float(np.diff(along)[edge].sum())


def _patches(area: BaseGeometry, giver: str | None, taker: str | None, same: float) -> Iterator[Patch]:
    for part in shapely.get_parts(area):
        if part.geom_type == "Polygon" and part.area > SMALLEST and 2 * part.area / part.length > same:
            yield Patch(giver, taker, part)


def _usable(shape: BaseGeometry, grid: float) -> BaseGeometry:
    """On the grid, valid, polygons alone."""
    moved = to_grid(np.array([shape], dtype=object), grid)[0]
    if not shapely.is_valid(moved):
        moved = shapely.make_valid(moved, method="structure")
    parts = [p for p in shapely.get_parts(shapely.get_parts(moved)) if p.geom_type == "Polygon"]
    return shapely.multipolygons(parts) if parts else shapely.MultiPolygon()


def _snapped(shape: BaseGeometry, vertices: cKDTree | None, same: float) -> BaseGeometry:
    """Vertices that are an old one to within `same` are that old one."""
    if vertices is None:
        return shape

    def snap(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        answer = coordinates.copy()
        metres, near = vertices.query(coordinates, distance_upper_bound=same)
        found = np.isfinite(metres)
        answer[found] = vertices.data[near[found]]
        return answer

    moved: BaseGeometry = shapely.transform(shape, snap)
    return moved
