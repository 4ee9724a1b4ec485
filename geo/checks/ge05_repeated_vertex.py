"""GE05 重复折点: consecutive vertices on the same place."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.vertices import points, vertices
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="GE05",
    severity=Severity.WARNING,
    message=Text("{0} 有 {count:.0f} 处重复折点", "{0} has {count:.0f} repeated vertices"),
    remedy=Text(
        "删除重复折点：ArcGIS 用“修复几何”，QGIS 用“移除重复顶点”（容差 0.001），CASS 用“复合线滤波/删除重复点”",
        "Remove them: Repair Geometry in ArcGIS, Remove Duplicate Vertices (tolerance 0.001) in QGIS, polyline "
        "filter in CASS",
    ),
    source="docs/checks.md",
)
def repeated_vertex(scene: Scene) -> Iterator[Hit]:
    """Neighbouring vertices of a line or ring closer than `equal`; one hit a record, `at` its places."""
    for role, found in vertices(scene).items():
        for row, xy, _ in found.repeated.by_row():
            yield Hit(scene.refs(role, row), measure={"count": len(xy)}, at=points(xy))
