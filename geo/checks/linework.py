"""Line work (界线网): the lines of a scene and those in force around them, on the grid, with their ends.

As for polygons: an upload is checked as if laid into the published state, so accepted lines that it
does not hold itself stand beside its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks import values
from geo.checks.county import county_lines
from geo.checks.coverage import coverage, grid_of, laid_onto, united
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.checks.unit_keys import unit_keys
from geo.findings import Ref
from geo.network.build import clusters, to_grid
from geo.terms import LineState, Profile, Role

#: States in which a line's geometry has been accepted; a line under change has none to keep to.
ACCEPTED = (
    LineState.RESULTS_CHECKED,
    LineState.AGREEMENT_SIGNED,
    LineState.SUBMITTED,
    LineState.SETTLED,
)


@dataclass(frozen=True)
class LineWork:
    """Lines side by side.

    shapes: (n,) on the grid; the first `own` are rows of scene.lines. units: the two units of each as
    (left, right), None where not known. end_xy: (k, 2) ends of all open parts; end_line: (k,) line of
    each. spot: (k,) number of the place that ends within `equal` of each other share.
    unsettled: units that some line without accepted geometry borders.
    """

    shapes: NDArray[np.object_]
    own: int
    units: tuple[tuple[str | None, str | None], ...]
    published: tuple[Ref, ...]
    end_xy: NDArray[np.float64]
    end_line: NDArray[np.intp]
    end_inner: NDArray[np.float64]
    spot: NDArray[np.intp]
    unsettled: frozenset[str]

    def ref(self, scene: Scene, i: int) -> Ref:
        return scene.refs(Role.LINES, i)[0] if i < self.own else self.published[i - self.own]

    def refs(self, scene: Scene, *lines: int) -> tuple[Ref, ...]:
        """Uploaded ones in front: the finding is about them."""
        return tuple(self.ref(scene, i) for i in sorted(dict.fromkeys(lines)))

    def pair(self, i: int) -> frozenset[str | None]:
        """The two units of a line, whichever way round it was drawn."""
        return frozenset(self.units[i])


@per_scene
def linework(scene: Scene) -> LineWork:
    grid = grid_of(scene)
    source = scene.shapes(Role.LINES)
    shapes = to_grid(source, grid)
    left, right = (unit_keys(scene, Role.LINES, side) for side in ("left", "right"))
    units: list[tuple[str | None, str | None]] = list(zip(left, right, strict=True))
    published: list[Ref] = []
    unsettled: set[str] = set()
    if scene.published is not None and len(scene.published.lines):
        frame = scene.published.lines
        mine = {c for c in map(values.code, scene.lines["code"]) if c}
        states = frame["state"] if "state" in frame else [None] * len(frame)
        around = np.asarray(frame.geometry.to_numpy(), dtype=object)
        held: list[int] = []
        for j, (raw, state) in enumerate(zip(frame["code"], states, strict=True)):
            code = values.code(raw)
            theirs = (values.code(frame["left"].iat[j]), values.code(frame["right"].iat[j]))
            if code is None or code in mine:
                continue
            if state in ACCEPTED and shapely.get_dimensions(around[j]) == 1:
                held.append(j)
                units.append(theirs)
                published.append(Ref(None, None, code))
            else:
                unsettled.update(u for u in theirs if u)
        if held:
            shapes = np.concatenate([shapes, laid_onto(around[held], source, grid)])
    xy, line, inner = _ends(shapes)
    # Plus a rounding of the grid: exactly on the tolerance is inside it.
    spot = clusters(xy, scene.tolerances.equal + 1e-6)
    return LineWork(
        shapes, len(source), tuple(units), tuple(published), xy, line, inner, spot, frozenset(unsettled)
    )


def _ends(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Ends of open parts, their lines, and a place up to a metre inwards from each."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    length = shapely.length(parts)
    open_ = ~shapely.is_closed(parts) & (length > 0)
    parts, index, length = parts[open_], index[open_], length[open_]
    inwards = np.minimum(1.0, length / 2)
    ends, inner = [], []
    for at, sign in ((0, 1), (-1, -1)):
        ends.append(shapely.get_coordinates(shapely.get_point(parts, at)))
        inner.append(shapely.get_coordinates(shapely.line_interpolate_point(parts, sign * inwards)))
    return (
        np.concatenate(ends),
        np.concatenate([index, index]).astype(np.intp),
        np.concatenate(inner),
    )


@dataclass(frozen=True)
class Surround:
    """What can meet an end besides another line's end."""

    tripoints: NDArray[np.object_]
    outlines: NDArray[np.object_]


@per_scene
def surround(scene: Scene) -> Surround:
    """Tripoints, and outlines in use: of the polygons, of all of them together, of the district. An
    uploaded county line is the district's border as well."""
    if scene.profile is Profile.GENERIC:
        nothing = np.empty(0, dtype=object)
        return Surround(nothing, nothing)
    points = [scene.shapes(Role.TRIPOINTS)]
    shapes = coverage(scene).shapes
    if scene.published is not None:
        points.append(np.asarray(scene.published.tripoints.geometry.to_numpy(), dtype=object))
        if not len(shapes):
            around = np.asarray(scene.published.polygons.geometry.to_numpy(), dtype=object)
            source = scene.shapes(Role.LINES)
            shapes = laid_onto(around[shapely.get_dimensions(around) == 2], source, scene.tolerances.grid)
    outlines = list(shapely.boundary(shapes))
    outlines += list(linework(scene).shapes[: len(scene.lines)][county_lines(scene)])
    if len(coverage(scene).shapes):
        outlines.append(shapely.boundary(united(scene)))
    elif len(shapes):
        outlines.append(shapely.boundary(shapely.union_all(shapes)))
    outlines += list(_border(scene))
    made = np.empty(len(outlines), dtype=object)
    made[:] = outlines
    return Surround(np.concatenate(points), made)


@per_scene
def met(scene: Scene) -> NDArray[np.bool_]:
    """Which ends lie on a tripoint, or on an outline in use that the line does not run along.

    A line runs along the outlines of its own two units, so those say nothing about where it stops:
    only an outline that the line leaves at once is one that it reaches. A county line has its ends on
    the district border, along which it runs: how far along, TP12 tells.
    """
    work, around, near = linework(scene), surround(scene), scene.tolerances.equal + 1e-6
    answer = np.zeros(len(work.end_xy), dtype=bool)
    if not len(answer):
        return answer
    ends, inner = shapely.points(work.end_xy), shapely.points(work.end_inner)
    if len(around.tripoints):
        tree = shapely.STRtree(around.tripoints)
        answer[tree.query(ends, predicate="dwithin", distance=near)[0]] = True
    if len(around.outlines):
        tree = shapely.STRtree(around.outlines)
        which, outline = tree.query(ends, predicate="dwithin", distance=near)
        leaves = shapely.distance(inner[which], around.outlines[outline]) > near
        answer[which[leaves]] = True
    border = _border(scene)
    if len(border):
        own = np.zeros(len(work.shapes), dtype=bool)
        own[: work.own] = county_lines(scene)
        mine = np.flatnonzero(own[work.end_line])
        tree = shapely.STRtree(border)
        answer[mine[np.unique(tree.query(ends[mine], predicate="dwithin", distance=near)[0])]] = True
    return answer


def _border(scene: Scene) -> NDArray[np.object_]:
    """The district border in force, as lines; empty where it is not known."""
    if scene.profile is Profile.GENERIC or scene.published is None:
        return np.empty(0, dtype=object)
    known = scene.published.district, scene.published.county_line
    lines = [shapely.boundary(g) if shapely.get_dimensions(g) == 2 else g for g in known if g is not None]
    made = np.empty(len(lines), dtype=object)
    made[:] = lines
    return made


@per_scene
def border_known(scene: Scene) -> bool:
    """Whether an end can be told to lie on the district border or not: it is in force, or the uploaded
    county lines close round the district."""
    if scene.published is not None:
        return True
    mine = linework(scene).shapes[: len(scene.lines)][county_lines(scene)]
    return len(mine) > 0 and not shapely.is_empty(
        shapely.polygonize(shapely.get_parts(shapely.union_all(mine)))
    )


@dataclass(frozen=True)
class Meeting:
    """Where two lines meet: positions, the points that are inside both, and the stretches they share."""

    a: int
    b: int
    points: NDArray[np.float64]
    stretches: NDArray[np.object_]


@per_scene
def meetings(scene: Scene) -> list[Meeting]:
    """Every pair of lines, one of them uploaded, that meets anywhere but at ends."""
    work, near = linework(scene), scene.tolerances.equal
    shapes = work.shapes
    if len(shapes) < 2:
        return []
    i, j = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    keep = (i < j) & (i < work.own)
    i, j = i[keep], j[keep]
    common = shapely.intersection(shapes[i], shapes[j])
    # Most pairs meet in one end point: those are done with on the whole array.
    only_point = shapely.get_type_id(common) == 0
    boundary = shapely.boundary(shapes)
    at_end = only_point & (
        shapely.dwithin(common, boundary[i], near) | shapely.dwithin(common, boundary[j], near)
    )
    answer = []
    for k in np.flatnonzero(~at_end):
        parts = shapely.get_parts(common[k])
        long = parts[shapely.get_dimensions(parts) == 1]
        long = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(long))) if len(long) else long
        dots = parts[shapely.get_dimensions(parts) == 0]
        if len(dots):
            inside = ~(
                shapely.dwithin(dots, boundary[i[k]], near) | shapely.dwithin(dots, boundary[j[k]], near)
            )
            dots = dots[inside]
        answer.append(
            Meeting(int(i[k]), int(j[k]), shapely.get_coordinates(dots), np.asarray(long, dtype=object))
        )
    return answer
