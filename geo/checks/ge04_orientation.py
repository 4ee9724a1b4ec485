"""GE04 环方向错误: rings of a shapefile that run the wrong way round."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene, ref_of
from geo.checks.sound import layer_rows, place_of
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="GE04",
    severity=Severity.WARNING,
    message=Text(
        "图层 {0} 有 {count:.0f} 个面的环方向不合 Shapefile 规范（外环应顺时针），已自动改正",
        "Layer {0} has {count:.0f} polygons whose rings run against the shapefile specification (shells clockwise): "
        "put right on reading",
    ),
    remedy=Text(
        "无需处理；重新保存即可消除：ArcGIS 用“修复几何”，QGIS 用“强制右手法则”后导出，CASS 重新导出",
        "Nothing to mend; saving again removes it: Repair Geometry in ArcGIS, Force Right-Hand-Rule in QGIS, "
        "export again from CASS",
    ),
    source="ESRI Shapefile Technical Description (1998), Polygon",
)
def orientation(scene: Scene) -> Iterator[Hit]:
    """Judged on the raw rings by the reader (some GDAL versions warn falsely); one hit a layer."""
    for layer in scene.layers:
        if not layer.oriented:
            continue
        geometries = layer_rows(layer.frame)
        rows = [int(i) for i in layer.frame.index.get_indexer(list(layer.oriented)) if i >= 0]
        if not rows:
            continue
        places = [place_of(scene.plane, layer.crs.crs, geometries[i]) for i in rows]
        places = [p for p in places if p is not None]
        yield Hit(
            tuple(ref_of(layer, i) for i in rows),
            says=(layer.name,),
            measure={"count": len(rows)},
            at=shapely.multipoints(np.array(places, dtype=object)) if places else None,
        )
