"""GE01 空几何: a record without geometry, or with an empty part or ring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene, ref_of
from geo.checks.sound import hollow, layer_rows, place_of
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text

PARTLY = Text("{0} 含有空的部件或空的环", "{0} has an empty part or an empty ring")


@CHECKS.rule(
    code="GE01",
    severity=Severity.ERROR,
    message=Text("{0} 没有图形（空几何）", "{0} has no geometry"),
    remedy=Text(
        "补画图形或删除这条记录：ArcGIS 用“检查几何/修复几何”，QGIS 用“移除空几何”，CASS 重新绘制后导出",
        "Draw the geometry or delete the record: Check/Repair Geometry in ArcGIS, Remove Null Geometries in "
        "QGIS, draw it again and export from CASS",
    ),
    source="docs/checks.md",
)
def empty(scene: Scene) -> Iterator[Hit]:
    """Null and empty geometries, and any empty part or ring, in the layers as read.

    Comes before everything else: an empty ring passes `is_valid` and then ends the process. What is there and
    could not be read is UP13's.
    """
    for layer in scene.layers:
        geometries = layer_rows(layer.frame)
        unread = set(layer.unread)
        for i in np.flatnonzero(hollow(geometries)):
            nothing = geometries[i] is None or bool(shapely.is_empty(geometries[i]))
            if nothing and int(layer.frame.index[i]) in unread:
                continue
            yield Hit(
                (ref_of(layer, int(i)),),
                at=None if nothing else place_of(scene.plane, layer.crs.crs, geometries[i]),
                text=None if nothing else PARTLY,
            )
