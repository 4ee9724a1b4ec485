"""MK06 缺少界桩: a place on a line where a marker is due and none stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.ground import Ground, grounds
from geo.checks.numbers import markers
from geo.checks.scene import Scene
from geo.crs.plane import Plane
from geo.findings import Hit
from geo.reading.linear_features import feature
from geo.terms import LineState, Role, Severity
from geo.text import Text

TRIPOINT = Text("界线 {0} 的端点是三交点，没有界桩", "Line {0} ends at a three-way point without a marker")
TURN = Text(
    "界线 {0} 在此转折 {angle_deg:.0f}°，没有界桩",
    "Line {0} turns by {angle_deg:.0f}° here, without a marker",
)
SPACING = Text("界线 {0} 有 {length_m:.0f} 米没有界桩", "Line {0} runs {length_m:.0f} m without a marker")
SPACING_REMEDY = Text(
    "在此段中间通视良好处增设界桩；确不需要的，在提交说明中写明理由",
    "Set a marker at a well visible place on this stretch; where none is needed, say why when submitting",
)
CROSSING = Text("界线 {0} 与 {1} 相交处没有界桩", "Line {0} crosses {1} without a marker")
NO_LAYER = Text(
    "提交中没有道路、河流图层，未检查界线与道路、河流相交处的界桩",
    "There is no layer of roads or rivers in the upload: markers at crossings were not checked",
)
NO_LAYER_REMEDY = Text(
    "需要检查时，把道路、河流线图层（名称含“道路”“河流”等）一并放入压缩包",
    "To have them checked, add layers of roads and rivers (with road, river … in their name) to the zip",
)
NO_MARKERS = Text(
    "提交中没有界桩，也没有已公布的界桩，未检查 {count:.0f} 条界线缺少界桩处",
    "There are no markers in the upload and none published: places without one were not looked for on {count:.0f} lines",
)
NO_MARKERS_REMEDY = Text("把界桩图层与界线一起提交", "Submit the layer of markers together with the lines")


@CHECKS.rule(
    code="MK06",
    severity=Severity.WARNING,
    generic=None,
    message=TURN,
    remedy=Text(
        "在此处测设并提交界桩；若已有，核对其坐标与所属线号",
        "Set and submit a marker here; if there is one, check its coordinates and its line number",
    ),
    source="GB/T 17796-2009（原文未见 not seen）",
)
def missing(scene: Scene) -> Iterator[Hit]:
    """Three-way points, sharp turns, crossings with roads and rivers, and long stretches.

    A single marker or a tripoint marks a place within `marker_near` of it; twins and triples mark what
    lies between them. Wiggles narrower than `displacement` are no turn. Lines that by their status
    have not come to markers yet, and have none, are left out.
    """
    if len(scene.lines) == 0:
        return
    marks = Marks.of(scene)
    if not marks.any_marker:
        yield Hit(
            scene.refs(Role.LINES, *range(len(scene.lines))),
            measure={"count": len(scene.lines)},
            severity=Severity.INFO,
            text=NO_MARKERS,
            remedy=NO_MARKERS_REMEDY,
        )
        return
    lines = grounds(scene)
    meeting = _meeting_points(lines, scene)
    features = _feature_layers(scene)
    due = [g for g in lines.values() if g.rows and _due(scene, g, marks)]
    for ground in due:
        yield from _ends(scene, ground, meeting, marks)
        yield from _turns(scene, ground, marks)
        yield from _spacing(scene, ground, marks)
        yield from _crossings(scene, ground, features, marks)
    if due and not features:
        yield Hit(severity=Severity.INFO, text=NO_LAYER, remedy=NO_LAYER_REMEDY)


@dataclass(frozen=True)
class Marks:
    """Where markers are, of the upload and published: one shape a marker, the hull of a twin or triple."""

    shapes: NDArray[np.object_]
    lines: frozenset[str]
    any_marker: bool

    @classmethod
    def of(cls, scene: Scene) -> Marks:
        points = scene.shapes(Role.MARKERS)
        groups: dict[tuple[object, ...], list[BaseGeometry]] = {}
        for m in markers(scene):
            several = m.kind not in ("Q", "") and m.line is not None and m.serial is not None
            groups.setdefault((m.line, m.serial) if several else (m.row,), []).append(points[m.row])
        shapes = [
            shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(g))) for g in groups.values()
        ]
        shapes += list(scene.tripoints.geometry)
        lines = {m.line for m in markers(scene) if m.line is not None}
        count = len(points)
        if scene.published is not None:
            shapes += [*scene.published.markers.geometry, *scene.published.tripoints.geometry]
            lines |= {c for c in map(values.code, scene.published.markers["line"]) if c is not None}
            count += len(scene.published.markers)
        return cls(np.array(shapes, dtype=object), frozenset(lines), count > 0)

    def near(self, points: NDArray[np.object_], metres: float) -> NDArray[np.bool_]:
        """Which points have a marker within a distance."""
        if not len(self.shapes) or not len(points):
            return np.zeros(len(points), dtype=bool)
        tree = shapely.STRtree(self.shapes)
        hit = np.zeros(len(points), dtype=bool)
        hit[tree.query(points, predicate="dwithin", distance=metres + 1e-4)[0]] = True
        return hit


def _due(scene: Scene, ground: Ground, marks: Marks) -> bool:
    if ground.geometry.geom_type != "LineString":
        return False
    early = {
        LineState.UNDEMARCATED, LineState.PREPARING, LineState.FIELD_SURVEY, LineState.ALIGNMENT_CONFIRMED,
    }  # fmt: skip
    states = {values.state(scene.lines["status"].iat[i]) for i in ground.rows}
    return ground.code in marks.lines or not states <= early


def _meeting_points(lines: dict[str, Ground], scene: Scene) -> NDArray[np.object_]:
    """Points where ends of three lines or more meet, and those that are declared tripoints."""
    ends = []
    for ground in lines.values():
        for part in shapely.get_parts(ground.geometry):
            if not part.is_closed:
                ends += [shapely.get_point(part, 0), shapely.get_point(part, -1)]
    found = []
    if ends:
        ordered = np.array(ends, dtype=object)
        left, _ = shapely.STRtree(ordered).query(
            ordered, predicate="dwithin", distance=scene.tolerances.marker_near
        )
        met = np.bincount(left, minlength=len(ordered)) >= 3
        found = list(ordered[met])
    found += list(scene.tripoints.geometry)
    if scene.published is not None:
        found += list(scene.published.tripoints.geometry)
    return np.array(found, dtype=object)


def _ends(scene: Scene, ground: Ground, meeting: NDArray[np.object_], marks: Marks) -> Iterator[Hit]:
    if ground.geometry.is_closed or not len(meeting):
        return
    near = scene.tolerances.marker_near
    ends = np.array([shapely.get_point(ground.geometry, i) for i in (0, -1)], dtype=object)
    tree = shapely.STRtree(meeting)
    met = {int(i) for i in tree.query(ends, predicate="dwithin", distance=near)[0]}
    for i in sorted(met):
        if not marks.near(ends[i : i + 1], near)[0]:
            yield Hit(scene.refs(Role.LINES, *ground.rows), says=(ground.code,), at=ends[i], text=TRIPOINT)


def _turns(scene: Scene, ground: Ground, marks: Marks) -> Iterator[Hit]:
    # Simplified by `displacement`: nearer than that two lines are one line, so its wiggles are no turns.
    course = shapely.simplify(ground.geometry, scene.tolerances.displacement)
    coordinates = shapely.get_coordinates(course)
    if ground.geometry.is_closed and len(coordinates) > 3:
        coordinates = np.vstack([coordinates, coordinates[1]])
    if len(coordinates) < 3:
        return
    legs = np.diff(coordinates, axis=0)
    azimuth = np.degrees(np.arctan2(legs[:, 0], legs[:, 1]))
    turn = np.abs((np.diff(azimuth) + 180) % 360 - 180)
    sharp = np.flatnonzero(np.round(turn, 6) > scene.tolerances.marker_turn_deg)
    points = shapely.points(coordinates[sharp + 1])
    for i, marked in zip(range(len(sharp)), marks.near(points, scene.tolerances.marker_near), strict=True):
        if not marked:
            yield Hit(
                scene.refs(Role.LINES, *ground.rows),
                says=(ground.code,),
                measure={"angle_deg": float(turn[sharp[i]])},
                at=points[i],
            )


def _spacing(scene: Scene, ground: Ground, marks: Marks) -> Iterator[Hit]:
    line, limit = ground.geometry, scene.tolerances.marker_spacing
    if line.length <= limit:
        return
    # Twins and triples stand beside the line: what counts is where along it they are.
    beside = marks.shapes[shapely.dwithin(marks.shapes, line, scene.tolerances.marker_far)]
    where = np.sort(shapely.line_locate_point(line, shapely.centroid(beside)))
    stops = np.concatenate([[0.0], where, [line.length]])
    for start, end in pairwise(stops):
        if round(end - start, 4) > limit:
            yield Hit(
                scene.refs(Role.LINES, *ground.rows),
                says=(ground.code,),
                measure={"length_m": float(end - start)},
                at=_stretch(line, float(start), float(end)),
                text=SPACING,
                remedy=SPACING_REMEDY,
            )


def _stretch(line: BaseGeometry, start: float, end: float) -> BaseGeometry:
    """The part of a line between two distances along it."""
    coordinates = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(coordinates, axis=0).T))])
    inside = coordinates[(along > start) & (along < end)]
    first, last = (shapely.get_coordinates(line.interpolate(d)) for d in (start, end))
    return shapely.LineString(np.vstack([first, inside, last]))


def _feature_layers(scene: Scene) -> list[tuple[str, NDArray[np.object_]]]:
    """Roads and rivers in the upload, in the plane: layers of no boundary role whose name or fields say so."""
    found = []
    for layer in scene.layers:
        shapes = layer.frame.geometry.to_numpy()
        columns = [str(c) for c in layer.frame.columns if c != "geometry"]
        if layer.role is not None or layer.crs.crs is None or not feature(layer.name, columns):
            continue
        usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)) & (
            shapely.get_dimensions(shapes) == 1
        )
        if scene.plane.zone is not None and usable.any():
            plane = Plane(layer.crs.crs, scene.plane.zone, (1.0, 1.0), True)
            found.append((layer.name, plane.project(shapes[usable])))
    return found


def _crossings(
    scene: Scene, ground: Ground, features: list[tuple[str, NDArray[np.object_]]], marks: Marks
) -> Iterator[Hit]:
    for name, shapes in features:
        near = shapes[shapely.STRtree(shapes).query(ground.geometry, predicate="intersects")]
        met = shapely.get_parts(shapely.intersection(near, ground.geometry))
        # A stretch along a river is what the line follows, not a crossing.
        points = np.unique(shapely.get_coordinates(met[shapely.get_type_id(met) == 0]), axis=0)
        places = shapely.points(points) if len(points) else np.empty(0, dtype=object)
        for place, marked in zip(places, marks.near(places, scene.tolerances.marker_near), strict=True):
            if not marked:
                yield Hit(
                    scene.refs(Role.LINES, *ground.rows), says=(ground.code, name), at=place, text=CROSSING
                )
