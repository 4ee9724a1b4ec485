"""GE07 坐标无效: a coordinate that is no number, infinite, or farther than any on Earth."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene, ref_of
from geo.checks.sound import far, layer_rows, place_of
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="GE07",
    severity=Severity.ERROR,
    message=Text(
        "{0} 含有无效坐标（非数字、无穷大或远超地球范围）",
        "{0} has a coordinate that is no number, infinite, or beyond any place on Earth",
    ),
    remedy=Text(
        "删除或重测这些点：ArcGIS 和 QGIS 用编辑折点查看坐标，CASS 用“查询指定点坐标”；多为导出出错，重新导出",
        "Delete or re-survey these points (vertex editors of ArcGIS and QGIS, point query of CASS show them); "
        "mostly an export gone wrong: export again",
    ),
    source="docs/checks.md",
)
def not_finite(scene: Scene) -> Iterator[Hit]:
    """NaN, ±inf, −1.79e308 (Esri's "no data") and anything beyond the limit, in file units."""
    for layer in scene.layers:
        geometries = layer_rows(layer.frame)
        for i in np.flatnonzero(far(geometries, scene.tolerances.far_coordinate)):
            yield Hit((ref_of(layer, int(i)),), at=place_of(scene.plane, layer.crs.crs, geometries[i]))
