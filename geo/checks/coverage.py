"""Coverage (政区面覆盖): the polygons of a scene made ready for topology, and what is wrong along their edges.

An upload is checked as if laid into the published state: published polygons of units that it does not
hold itself stand beside its own. A polygon that covers a published unit stands for that one, whatever its
code field says: the field is for the checks of attributes. Everything is rounded to the storage grid first, because a border that
went through another zone or through degrees comes back some 1e-8 m off.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.derived import per_scene
from geo.checks.edges import Matched, match
from geo.checks.ge02_invalid import valid
from geo.checks.halves import both, large
from geo.checks.scene import Scene
from geo.checks.sound import plain
from geo.checks.unit_keys import unit_keys
from geo.findings import Ref
from geo.network.build import to_grid
from geo.terms import Profile, Role

#: Coordinates of one place that went different ways through PROJ and through degrees differ by less.
NOISE = 1e-6


@dataclass(frozen=True)
class Coverage:
    """Polygons side by side.

    shapes: (n,) valid polygons and multipolygons on the grid, metres; none is empty. Invalid ones of
    the upload are in as `make_valid` (structure) leaves them: GE02 has reported them.
    rows: row of scene.polygons for each of the first `own` shapes. codes: (n,) code of the unit that each
    stands for, or None.
    published: what to call the rest, which are published units.
    """

    shapes: NDArray[np.object_]
    rows: NDArray[np.intp]
    own: int
    codes: tuple[str | None, ...]
    published: tuple[Ref, ...]

    def ref(self, scene: Scene, i: int) -> Ref:
        if i < self.own:
            return scene.refs(Role.POLYGONS, int(self.rows[i]))[0]
        return self.published[i - self.own]

    def subjects(self) -> list[Hashable]:
        """What makes shapes one unit: the code, else each is a unit of its own."""
        return [code or i for i, code in enumerate(self.codes)]


def grid_of(scene: Scene) -> float:
    """The grid that a scene is judged on, metres. In profile generic nothing is going to be stored: there
    it only takes away what the scaling to metres added."""
    return scene.tolerances.grid if scene.profile is Profile.TOWNSHIP else scene.tolerances.grid_generic


@per_scene
def coverage(scene: Scene) -> Coverage:
    """The scene's polygons, and the published ones around them."""
    grid = grid_of(scene)
    source = scene.shapes(Role.POLYGONS)
    shapes = to_grid(source, grid)
    if (broken := np.flatnonzero(~valid(scene))).size:
        shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    rows = np.flatnonzero((shapely.get_dimensions(shapes) == 2) & ~shapely.is_empty(shapes))
    keys = unit_keys(scene, Role.POLYGONS, "code")
    codes = [keys[i] for i in rows]
    shapes = shapes[rows]
    published: list[Ref] = []
    if scene.published is not None and len(scene.published.polygons) and len(shapes):
        frame = scene.published.polygons
        theirs = [values.code(c) for c in frame["code"].to_numpy(dtype=object)]
        around = np.asarray(frame.geometry.to_numpy(), dtype=object)
        present = (shapely.get_dimensions(around) == 2) & ~shapely.is_empty(around)
        codes = _standing(
            shapes, codes, around[present], [c for c, p in zip(theirs, present, strict=True) if p]
        )
        keep = present & np.array([c is not None and c not in set(codes) for c in theirs], dtype=bool)
        laid = mended(laid_onto(around[keep], source[rows], grid))
        some = ~shapely.is_empty(laid)
        shapes = np.concatenate([shapes, laid[some]])
        for j in np.flatnonzero(keep)[some]:
            codes.append(theirs[j])
            published.append(Ref(None, None, theirs[j]))
    return Coverage(shapes, rows, len(rows), tuple(codes), tuple(published))


def _standing(
    own: NDArray[np.object_],
    codes: list[str | None],
    published: NDArray[np.object_],
    theirs: list[str | None],
) -> list[str | None]:
    """The unit that each uploaded polygon stands for: the one of its code where that lies there too, else
    the one that it covers as that covers it, else what its code says."""
    answer = list(codes)
    place = {code: j for j, code in enumerate(theirs) if code is not None}
    box, boxes = shapely.bounds(own), shapely.bounds(published)
    tree: shapely.STRtree | None = None
    for i, code in enumerate(codes):
        j = place.get(code) if code is not None else None
        # Nearly every polygon lies where its unit does: those are not overlaid.
        if j is not None and (
            np.abs(box[i] - boxes[j]).max() < 1.0 or _common(own[i], published[j], least=True) > 0.5
        ):
            continue
        tree = tree or shapely.STRtree(published)
        for k in tree.query(own[i]):
            if theirs[k] is not None and k != j and _common(own[i], published[k], least=False) > 0.5:
                answer[i] = theirs[k]
    return answer


def _common(a: BaseGeometry, b: BaseGeometry, *, least: bool) -> float:
    """Share of the ground of two polygons that both have: of the smaller one, or of the larger one."""
    sizes = a.area, b.area
    whole = min(sizes) if least else max(sizes)
    if not whole or not shapely.intersects(shapely.box(*a.bounds), shapely.box(*b.bounds)):
        return 0.0
    a, b = mended(np.array([a, b], dtype=object))
    return float(shapely.intersection(a, b).area / whole)


def mended(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The same with invalid ones made valid: rounding can fold a corner over."""
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes = shapes.copy()
        shapes[wrong] = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    return shapes


def laid_onto(others: NDArray[np.object_], own: NDArray[np.object_], grid: float) -> NDArray[np.object_]:
    """Others rounded to the grid so that a vertex shared with `own` lands on the same grid point.

    Only where a coordinate stands within NOISE of the middle between two grid points could the two
    ways round differ: there the other's vertex takes the place of the own one beside it.
    """

    scale = float(round(1 / grid))

    def doubtful(c: NDArray[np.float64]) -> NDArray[np.bool_]:
        off = np.abs(c * scale - np.floor(c * scale) - 0.5)
        return np.asarray((off < NOISE * scale).any(axis=1))

    mine = shapely.get_coordinates(own)
    mine = mine[doubtful(mine)]

    def move(c: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.rint(c * scale) / scale
        where = np.flatnonzero(doubtful(c))
        if len(where) and len(mine):
            tree = shapely.STRtree(shapely.points(mine))
            theirs, index = tree.query_nearest(
                shapely.points(c[where]), max_distance=NOISE, all_matches=False
            )
            moved[where[theirs]] = np.rint(mine[index] * scale) / scale
        return moved

    return np.asarray(shapely.transform(others, move), dtype=object)


@per_scene
def matched(scene: Scene) -> Matched | None:
    """What the edges of the coverage tell; None where it is small, and GEOS asked at once is quicker."""
    shapes = coverage(scene).shapes
    return match(shapes, grid_of(scene)) if large(shapes) else None


@per_scene
def disputed_edges(scene: Scene) -> NDArray[np.object_]:
    """Per shape of the coverage, the edges that do not match its neighbours' (empty where all do).

    The cheap gate before all pairwise work: a shape with such edges overlaps another, lies in it, or
    shares a border that is not vertex for vertex; a pair in which neither has one is in order.
    """
    return invalid_edges(coverage(scene).shapes, matched(scene))


def invalid_edges(shapes: NDArray[np.object_], found: Matched | None) -> NDArray[np.object_]:
    """`coverage_invalid_edges`, only where edges matched by number leave a doubt."""
    if found is None:
        return np.asarray(shapely.coverage_invalid_edges(shapes), dtype=object)
    answer = np.full(len(shapes), shapely.LineString(), dtype=object)
    if found.union is not None:
        return answer
    rows = np.flatnonzero(found.doubt)
    if len(rows):
        beside = np.zeros(len(shapes), dtype=bool)
        beside[rows] = True
        beside[shapely.STRtree(shapes).query(shapes[rows])[1]] = True
        seen = np.flatnonzero(beside)
        edges = np.asarray(shapely.coverage_invalid_edges(shapes[seen]), dtype=object)
        answer[seen[found.doubt[seen]]] = edges[found.doubt[seen]]
    return answer


@per_scene
def pairs(scene: Scene) -> NDArray[np.intp]:
    """Pairs (i < j) of shapes whose insides may meet, shape (m, 2); at least one of each is uploaded.

    `intersects` only, never `overlaps` or `relate`: those end the process on an empty ring.
    """
    cover = coverage(scene)
    flagged = np.flatnonzero(~shapely.is_empty(disputed_edges(scene)))
    if not len(flagged):
        return np.empty((0, 2), dtype=np.intp)
    tree = shapely.STRtree(cover.shapes)
    left, right = tree.query(cover.shapes[flagged], predicate="intersects")
    both_ = np.sort(np.stack([flagged[left], right], axis=1), axis=1)
    both_ = both_[(both_[:, 0] != both_[:, 1]) & (both_[:, 0] < cover.own)]
    return np.unique(both_, axis=0)


@per_scene
def united(scene: Scene) -> BaseGeometry:
    """All shapes of the coverage as one.

    Shapes whose edges match everywhere are joined by `coverage_union`, which is fast and asks just that;
    only those with disputed edges, and what that left, go through a true union.
    """
    found = matched(scene)
    if found is not None and found.union is not None:
        return found.union
    shapes = coverage(scene).shapes
    clean = shapely.is_empty(disputed_edges(scene))
    try:
        joined = _joined(shapes[clean])
    except shapely.GEOSException:
        joined = shapely.union_all(mended(shapes[clean]))
    if clean.all():
        return joined
    rest = mended(np.append(shapes[~clean], joined))
    return shapely.union_all(rest, grid_size=grid_of(scene))


def _joined(shapes: NDArray[np.object_]) -> BaseGeometry:
    """`coverage_union_all`, by two threads where it pays: the two halves are a coverage again."""
    if len(shapes) < 2 or not large(shapes):
        return shapely.coverage_union_all(shapes)
    west = shapely.bounds(shapes)[:, 0]
    order = np.argsort(west, kind="stable")
    first, second = shapes[order[: len(order) // 2]], shapes[order[len(order) // 2 :]]
    halves = both(lambda: shapely.coverage_union_all(first), lambda: shapely.coverage_union_all(second))
    return shapely.coverage_union_all(halves)


def area_only(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """The polygon part of each, as a polygon or multipolygon; empty where there is none."""
    answer = geometries.copy()
    for i in np.flatnonzero(shapely.get_type_id(geometries) == 7):
        parts = shapely.get_parts(geometries[i])
        parts = shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])
        answer[i] = shapely.multipolygons(parts)
    flat = shapely.get_dimensions(answer) < 2
    answer[flat] = shapely.from_wkt("POLYGON EMPTY")
    return plain(answer)


def polygon_parts(geometry: BaseGeometry) -> NDArray[np.object_]:
    """Polygons inside any geometry."""
    parts = shapely.get_parts(area_only(np.array([geometry], dtype=object)))
    return np.asarray(parts[~shapely.is_empty(parts)], dtype=object)
