"""TP11 三交点不重合: lines that should meet in one point end in several."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.county import outside
from geo.checks.linework import linework, met
from geo.checks.nodes import three_way
from geo.checks.scene import Scene
from geo.checks.vertices import points
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text

ONE = Text(
    "{0} 的端点没有落在三交点上，相距 {distance_m:.4f} 米",
    "The end of {0} is {distance_m:.4f} m from the three-way point where it belongs",
)
THIRD = Text(
    "{0} 与 {1} 在此相接，三个政区交汇，却没有第三条界线的端点",
    "{0} and {1} meet here between three units, but no third line ends here",
)
THIRD_REMEDY = Text(
    "补上第三条界线，或把它的端点捕捉到此处：ArcGIS 用“捕捉”，QGIS 用“顶点工具”，CASS 用“延伸”",
    "Add the third line, or snap its end to this point: Snap in ArcGIS, Vertex Tool in QGIS, extend in CASS",
)


@CHECKS.rule(
    code="TP11",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 在三交点处的 {count:.0f} 个端点不重合，相距 {distance_m:.4f} 米",
        "{count:.0f} ends that should be one three-way point are {distance_m:.4f} m apart (at {0})",
    ),
    remedy=Text(
        "捕捉到同一点，以实测三交点为准（系统不会自动移动）：ArcGIS 用“捕捉”，QGIS 用“捕捉几何到图层”，CASS 用对象捕捉",
        "Snap all to one point, the surveyed tripoint if there is one (nothing is moved for you): Snap in ArcGIS, "
        "Snap Geometries to Layer in QGIS, object snap in CASS",
    ),
    source="docs/checks.md",
)
def three_way_point(scene: Scene) -> Iterator[Hit]:
    """Three ends (三交点), or ends and a tripoint, within `snap` of each other but over `equal` apart.

    And places where two lines of different units meet, so that three units do, without a third line: a
    warning while that line may be undemarcated or is unknown, an error once all lines of these units
    are accepted. An end that a tripoint, an outline in use or the district border meets is in order; so
    is one where three counties meet, because the third line is then none of the district's.
    """
    work = linework(scene)
    for node in three_way(scene):
        lines = sorted({int(work.end_line[e]) for e in node.ends})
        yield Hit(
            work.refs(scene, *lines),
            measure={"count": len(node.ends), "distance_m": node.spread},
            at=points(node.places),
            text=ONE if len(node.ends) == 1 else None,
        )
    reached = met(scene)
    told = {end for node in three_way(scene) for end in node.ends}
    order = np.argsort(work.spot, kind="stable")
    for ends in np.split(order, np.flatnonzero(np.diff(work.spot[order])) + 1):
        if len(ends) != 2 or reached[ends].any() or told.intersection(ends.tolist()):
            continue
        a, b = sorted(int(i) for i in work.end_line[ends])
        units = work.pair(a) | work.pair(b)
        if a >= work.own or len(units) != 3 or None in units or work.pair(a) == work.pair(b):
            continue
        if all(outside(scene, unit) for unit in work.pair(a) ^ work.pair(b)):
            continue
        known = scene.published is not None and not (units & work.unsettled)
        yield Hit(
            work.refs(scene, a, b),
            at=shapely.Point(work.end_xy[ends[0]]),
            severity=None if known else Severity.WARNING,
            text=THIRD,
            remedy=THIRD_REMEDY,
        )
