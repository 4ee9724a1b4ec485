"""TP04 界线自相交: a line that crosses, touches or runs over itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks.catalogue import CHECKS
from geo.checks.linework import linework
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.network.build import segments
from geo.terms import Role, Severity
from geo.text import Text


@CHECKS.rule(
    code="TP04",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 自相交或自相接触 {count:.0f} 处", "{0} crosses or touches itself at {count:.0f} places"
    ),
    remedy=Text(
        "改正打结处的折点，环线在交点断开：ArcGIS 用“打断相交线”，QGIS 用“顶点工具”，CASS 用“复合线编辑”",
        "Put the vertices at the knot right, and split a loop where it meets itself: Planarize in ArcGIS, Vertex "
        "Tool in QGIS, polyline edit in CASS",
    ),
    source="docs/checks.md",
)
def line_crosses_itself(scene: Scene) -> Iterator[Hit]:
    """Lines that are not simple (a closed ring is); `at` is where, points and stretches."""
    shapes = linework(scene).shapes[: len(scene.lines)]
    for i in np.flatnonzero(~shapely.is_simple(shapes)):
        places = knots(shapes[i])
        yield Hit(
            scene.refs(Role.LINES, i),
            measure={"count": max(shapely.get_num_geometries(places), 1)},
            at=places,
        )


def knots(line: BaseGeometry) -> BaseGeometry:
    """Where a line meets itself, but not where one segment follows another."""
    pieces = segments(np.array([line], dtype=object))
    lines = pieces.lines()
    a, b = shapely.STRtree(lines).query(lines, predicate="intersects")
    later = a < b
    a, b = a[later], b[later]
    common = shapely.intersection(lines[a], lines[b])
    # Consecutive segments share a vertex, and so do first and last of a ring: only more than that counts.
    follows = (pieces.end[a] == pieces.start[b]).all(axis=1) & (b == a + 1)
    closing = (a == 0) & (b == len(lines) - 1) & (pieces.start[a] == pieces.end[b]).all(axis=1)
    found = common[~((follows | closing) & (shapely.get_dimensions(common) == 0))]
    return shapely.union_all(found)
