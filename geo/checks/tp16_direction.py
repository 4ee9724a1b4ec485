"""TP16 界线走向相反: a line runs against the order in which its points are numbered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

#: Grid north and true north are up to 0.75° apart in a 3-degree zone at 30° N, and 1° in the zone beside it.
DIAGONAL_DEG = 1.0


@CHECKS.rule(
    code="TP16",
    severity=Severity.WARNING,
    generic=None,
    message=Text(
        "{0} 的走向与编号顺序相反：应自西向东、自北向南",
        "{0} runs against the numbering order, which is west to east and north to south",
    ),
    remedy=Text(
        "把界线反向，并对调左右乡镇代码：ArcGIS 用“翻转线”，QGIS 用“反转线方向”，CASS 用“复合线反向”",
        "Turn the line round and swap its left and right codes: Flip Line in ArcGIS, Reverse Line Direction in "
        "QGIS, reverse polyline in CASS",
    ),
    source="GB/T 17796-2009（原文未见 not seen）",
)
def direction(scene: Scene) -> Iterator[Hit]:
    """Open lines by their ends: the longer of the two legs, east or south, decides. `at` is the start.

    Judged on longitude and latitude where there are any, so that the zone makes no difference. Within
    DIAGONAL_DEG of the diagonals the two legs are equal, grids and true north choosing now one and now the
    other: there a line may run in the order of either, and only one against both is told.
    """
    lines = scene.shapes(Role.LINES)
    rows = np.flatnonzero((shapely.get_type_id(lines) == 1) & ~shapely.is_closed(lines))
    if not len(rows):
        return
    ends = [shapely.get_point(lines[rows], k) for k in (0, -1)]
    there = [scene.plane.to_geographic(np.asarray(points, dtype=object)) for points in ends]
    geographic = all(t is not None for t in there)
    start, end = (shapely.get_coordinates(t if geographic else p) for t, p in zip(there, ends, strict=True))
    east, north = (end - start).T
    if geographic:
        east = east * np.cos(np.radians((start[:, 1] + end[:, 1]) / 2))
    against = np.where(np.abs(east) >= np.abs(north), east < 0, north > 0)
    slope = np.degrees(np.arctan2(np.abs(north), np.abs(east)))
    against = np.where(np.abs(slope - 45) < DIAGONAL_DEG, (east < 0) & (north > 0), against)
    for i in np.flatnonzero(against):
        yield Hit(scene.refs(Role.LINES, rows[i]), at=ends[0][i])
