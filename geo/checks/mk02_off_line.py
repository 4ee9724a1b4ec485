"""MK02 界桩偏离界线: a single marker off the line it marks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.ground import grounds
from geo.checks.numbers import grouped, markers
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import MarkerKind, Profile, Role, Severity
from geo.text import Text

NO_LINE = Text(
    "界桩 {0} 等 {count:.0f} 个所属界线 {1} 不在本次提交中，也没有已公布的数据，未检查是否在线上",
    "Line {1} of {count:.0f} markers (first: {0}) is neither in this upload nor published: not checked",
)
NO_LINE_REMEDY = Text(
    "把界线 {1} 的图层与界桩一起提交，或核对界桩的线号字段",
    "Submit the layer with line {1} together with the markers, or check the markers' line field",
)


@CHECKS.rule(
    code="MK02",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "单立界桩 {0} 距界线 {1} {distance_m:.3f} 米",
        "Single marker {0} stands {distance_m:.3f} m off line {1}",
    ),
    remedy=Text(
        "核对界桩坐标与此处折点：ArcGIS 用编辑折点、QGIS 用顶点工具、CASS 用复合线编辑，把界线折点移到界桩上；"
        "界桩坐标有误的改界桩",
        "Check the marker's coordinates and the line's vertex here; move the vertex onto the marker (Edit "
        "Vertices in ArcGIS, Vertex Tool in QGIS, polyline edit in CASS), or correct the marker",
    ),
    source="DB50/T 1621-2024 第 7 章（原文未见 not seen）",
)
def off_line(scene: Scene) -> Iterator[Hit]:
    """Single markers (单立界桩) off their line; only a warning up to the second tolerance.

    `at` is the shortest segment from marker to line. A line that is nowhere is an information.
    """
    near, far = scene.tolerances.marker_near, scene.tolerances.marker_far
    lines = grounds(scene)
    if scene.profile is Profile.GENERIC and not len(scene.lines):
        return
    single = [m for m in markers(scene) if m.kind == MarkerKind.SINGLE.value and m.line is not None]
    points = scene.shapes(Role.MARKERS)
    for code, group in grouped(single, lambda m: m.line):
        rows = [m.row for m in group]
        ground = lines.get(code or "")
        if ground is None:
            refs = scene.refs(Role.MARKERS, *rows)
            yield Hit(
                refs,
                says=(refs[0], code),
                measure={"count": len(rows)},
                severity=Severity.INFO,
                text=NO_LINE,
                remedy=NO_LINE_REMEDY,
            )
            continue
        metres = shapely.distance(points[rows], ground.geometry)
        # Rounded to the storage grid: exactly on the tolerance is inside it.
        metres = np.round(metres, 4)
        for i in np.flatnonzero(metres > near):
            yield Hit(
                (*scene.refs(Role.MARKERS, rows[i]), ground.ref),
                measure={"distance_m": float(metres[i])},
                at=shapely.shortest_line(points[rows[i]], ground.geometry),
                severity=Severity.ERROR if metres[i] > far else Severity.WARNING,
            )
