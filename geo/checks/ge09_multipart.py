"""GE09 多部件: a line of several pieces; a polygon of several pieces, which may be an exclave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

POLYGON = Text(
    "{0} 由 {count:.0f} 个部分组成：可能是飞地", "{0} consists of {count:.0f} parts: they may be exclaves"
)
POLYGON_REMEDY = Text(
    "确是飞地的无需处理；误画的部分请删除或归还原政区：ArcGIS、QGIS 用“多部件转单部件”逐个查看，CASS 分别构面",
    "Real exclaves need nothing; delete the others or give them back to their unit: look at them one by one "
    "with Multipart to Singlepart in ArcGIS and QGIS, build them apart in CASS",
)


@CHECKS.rule(
    code="GE09",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "界线 {0} 断成 {count:.0f} 段：一条界线应是一段",
        "Line {0} is broken into {count:.0f} pieces: a line has one",
    ),
    remedy=Text(
        "连成一段，或拆成几条各有线号的界线：ArcGIS 用“合并/拆分”，QGIS 用“合并线”，CASS 用“复合线连接”",
        "Join the pieces or make them lines with codes of their own: Merge or Explode in ArcGIS, Merge Lines in "
        "QGIS, join polylines in CASS",
    ),
    source="docs/checks.md",
)
def multipart(scene: Scene) -> Iterator[Hit]:
    """Lines and polygons of several parts; `at` is all of them but the greatest."""
    for role, measure in ((Role.LINES, shapely.length), (Role.POLYGONS, shapely.area)):
        geometries = scene.shapes(role)
        for i in np.flatnonzero(shapely.get_num_geometries(geometries) > 1):
            parts = shapely.get_parts(geometries[i])
            rest = np.delete(parts, measure(parts).argmax())
            lines = role is Role.LINES
            yield Hit(
                scene.refs(role, i),
                measure={"count": len(parts)},
                at=shapely.multilinestrings(rest) if lines else shapely.multipolygons(rest),
                severity=None if lines else Severity.WARNING,
                text=None if lines else POLYGON,
                remedy=None if lines else POLYGON_REMEDY,
            )
