"""TP01 面重叠: two polygons claim the same ground."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import area_only, coverage, mended, pairs
from geo.checks.scene import Scene
from geo.checks.widths import widths
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="TP01",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 与 {1} 重叠 {area_m2:.6g} 平方米，最宽 {width_m:.4g} 米",
        "{0} and {1} overlap by {area_m2:.6g} m², {width_m:.4g} m at the widest",
    ),
    remedy=Text(
        "让两侧共用同一条边：ArcGIS 用拓扑规则“面不能重叠”后修整，QGIS 打开“避免重叠”并用“捕捉几何到图层”，"
        "CASS 由同一条界线重新构面",
        "Give both sides the same border: topology rule Must Not Overlap in ArcGIS, Avoid Overlap and Snap "
        "Geometries to Layer in QGIS, rebuild both from one line in CASS",
    ),
    source="docs/checks.md",
)
def overlap(scene: Scene) -> Iterator[Hit]:
    """Pairs of polygons whose intersection has area; `at` is that area.

    Less than `overlap_report_m2` is rounding; an error from `overlap_error_m2` or from a width over
    `equal` on, a warning between. Published units count as neighbours.
    """
    cover, tolerances = coverage(scene), scene.tolerances
    found = pairs(scene)
    if not len(found):
        return
    shapes = cover.shapes.copy()
    touched = np.unique(found)
    shapes[touched] = mended(shapes[touched])
    common = area_only(shapely.intersection(shapes[found[:, 0]], shapes[found[:, 1]]))
    area = shapely.area(common)
    hits = np.flatnonzero(area > tolerances.overlap_report_m2)
    width = widths(common[hits])
    for hit, wide in zip(hits, width, strict=True):
        i, j = (int(k) for k in found[hit])
        grave = area[hit] > tolerances.overlap_error_m2 or wide > tolerances.equal
        yield Hit(
            (cover.ref(scene, i), cover.ref(scene, j)),
            measure={"area_m2": float(area[hit]), "width_m": float(wide)},
            at=common[hit],
            severity=Severity.ERROR if grave else Severity.WARNING,
        )
