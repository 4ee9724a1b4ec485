"""GE13 碎面: a polygon, or a part of one, that is left over from another edit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.widths import widths
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text


@CHECKS.rule(
    code="GE13",
    severity=Severity.WARNING,
    message=Text(
        "{0} 有一块碎面：面积 {area_m2:.4g} 平方米，最宽 {width_m:.4g} 米",
        "{0} has a sliver of {area_m2:.4g} m², {width_m:.4g} m at its widest",
    ),
    remedy=Text(
        "并入相邻的面或删除：ArcGIS 用“消除”，QGIS 用“消除所选多边形”，CASS 删除后重新构面",
        "Merge it into its neighbour or delete it: Eliminate in ArcGIS, Eliminate Selected Polygons in QGIS, "
        "delete and rebuild in CASS",
    ),
    source="docs/checks.md",
)
def sliver(scene: Scene) -> Iterator[Hit]:
    """Parts narrower than `sliver_width` and smaller than `sliver_area_m2`; a whole record under
    `zero_area_m2` is GE06's."""
    t = scene.tolerances
    source = scene.shapes(Role.POLYGONS)
    parts, index = shapely.get_parts(source, return_index=True)
    area = shapely.area(parts)
    whole = np.round(shapely.area(source), 6)[index] < t.zero_area_m2
    rows = np.flatnonzero((area < t.sliver_area_m2) & ~whole)
    shapes = shapely.make_valid(parts[rows], method="structure", keep_collapsed=False)
    for i, wide in zip(rows, np.round(widths(np.asarray(shapes, dtype=object)), 6), strict=True):
        if 0 < wide < t.sliver_width:
            yield Hit(
                scene.refs(Role.POLYGONS, index[i]),
                measure={"area_m2": float(area[i]), "width_m": float(wide)},
                at=parts[i],
            )
