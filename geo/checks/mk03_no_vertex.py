"""MK03 界桩处无折点: a marker stands on its line, but the line has no vertex there."""

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


@CHECKS.rule(
    code="MK03",
    severity=Severity.WARNING,
    message=Text(
        "单立界桩 {0} 在界线 {1} 上，但最近的折点在 {distance_m:.2f} 米外",
        "Single marker {0} is on line {1}, but the line's nearest vertex is {distance_m:.2f} m away",
    ),
    remedy=Text(
        "在界桩处给界线加一个折点：ArcGIS 编辑折点→插入折点，QGIS 顶点工具双击线段，CASS 复合线加顶点，并捕捉到界桩",
        "Insert a vertex at the marker and snap it: Edit Vertices in ArcGIS, double-click with the Vertex "
        "Tool in QGIS, add a polyline vertex in CASS",
    ),
    source="DB50/T 1621-2024 第 7 章（原文未见 not seen）",
)
def no_vertex(scene: Scene) -> Iterator[Hit]:
    """Single markers on the line (by MK02's first tolerance) without a vertex within that tolerance."""
    near = scene.tolerances.marker_near
    if scene.profile is Profile.GENERIC and not len(scene.lines):
        return
    single = [m for m in markers(scene) if m.kind == MarkerKind.SINGLE.value and m.line is not None]
    points = scene.shapes(Role.MARKERS)
    lines = grounds(scene)
    for code, group in grouped(single, lambda m: m.line):
        if (ground := lines.get(code or "")) is None:
            continue
        rows = np.array([m.row for m in group])
        rows = rows[np.round(shapely.distance(points[rows], ground.geometry), 4) <= near]
        vertices = shapely.multipoints(shapely.get_coordinates(ground.geometry))
        metres = np.round(shapely.distance(points[rows], vertices), 4)
        for i in np.flatnonzero(metres > near):
            yield Hit(
                (*scene.refs(Role.MARKERS, rows[i]), ground.ref),
                measure={"distance_m": float(metres[i])},
                at=points[rows[i]],
            )
