"""TP05 悬挂点: an end of a line that no other end meets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage
from geo.checks.linework import border_known, linework, met
from geo.checks.nodes import three_way
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Profile, Severity
from geo.text import Text

NEAR = Text(
    "{0} 的端点离 {1} 只差 {distance_m:.4f} 米没有接上",
    "An end of {0} misses {1} by only {distance_m:.4f} m",
)
NEAR_REMEDY = Text(
    "捕捉到对方端点（系统不会自动移动）：ArcGIS 用“捕捉”或“延伸”，QGIS 用“捕捉几何到图层”，CASS 用“延伸/对象捕捉”",
    "Snap it to the other end (it is never moved for you): Snap or Extend in ArcGIS, Snap Geometries to Layer in "
    "QGIS, extend with object snap in CASS",
)
MIDDLE = Text(
    "{0} 的端点落在 {1} 的中段，{1} 在此没有断开",
    "{0} ends in the middle of {1}, which is not split there",
)
MIDDLE_REMEDY = Text(
    "在此处把 {1} 断开成两条界线：ArcGIS 用“分割”，QGIS 用“分割要素”，CASS 用“打断”",
    "Split {1} here: Split in ArcGIS, Split Features in QGIS, break in CASS",
)
PENDING = Text(
    "{0} 的端点没有接上其他界线：{1} 的其他界线尚未勘定，勘定后应在此接上",
    "An end of {0} meets no other line: other lines of {2} are not demarcated yet, and should meet it here",
)
UNKNOWN = Text(
    "{0} 的端点悬空：没有接上其他界线；手头没有区县界，无法判断它是否到了区县界",
    "An end of {0} dangles: no other line ends there, and whether it is on the district's border cannot be told "
    "without that border",
)
UNKNOWN_REMEDY = Text(
    "应在区县界上的，核对后无需修改；应接相邻界线的，请接上或把相邻界线一并提交",
    "Nothing to mend where it should lie on the district's border; else bring it to its neighbour, or submit the "
    "neighbouring line with it",
)


@CHECKS.rule(
    code="TP05",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 的端点悬空：没有接上其他界线，也不在区县界上",
        "An end of {0} dangles: no other line ends there, and it is not on the district's border",
    ),
    remedy=Text(
        "接到相邻界线的端点或三交点上：ArcGIS 用“延伸线”或“捕捉”，QGIS 打开捕捉用“顶点工具”，CASS 用“延伸”；"
        "漏交相邻界线的请一并提交",
        "Bring it to the end of its neighbour or to the tripoint: Extend Line or Snap in ArcGIS, Vertex Tool with "
        "snapping in QGIS, extend in CASS; submit the neighbouring line with it where that was left out",
    ),
    source="docs/checks.md",
)
def dangle(scene: Scene) -> Iterator[Hit]:
    """Ends (悬挂端点) met by no other end, tripoint, outline in use or district border.

    Up to `snap` from another line a snap is proposed. Only a warning where the neighbouring line is
    still undemarcated, where the end belongs to a three-way point that TP11 reports, and where neither
    the district border nor the polygons of the line's units are at hand to tell.
    """
    work, t = linework(scene), scene.tolerances
    if not len(work.end_xy):
        return
    count = np.bincount(work.spot)[work.spot]
    alone = np.flatnonzero((count == 1) & ~met(scene) & (work.end_line < work.own))
    if not len(alone):
        return
    drawn = {code for code in coverage(scene).codes if code is not None}
    at_tripoint = {end for node in three_way(scene) for end in node.ends}
    tree = shapely.STRtree(work.shapes)
    points = shapely.points(work.end_xy[alone])
    near_end, near_line = tree.query(points, predicate="dwithin", distance=t.snap)
    closest: dict[int, tuple[float, int]] = {}
    for e, line in zip(near_end, near_line, strict=True):
        if line != work.end_line[alone[e]]:
            metres = float(shapely.distance(points[e], work.shapes[line]))
            closest[int(e)] = min(closest.get(int(e), (np.inf, -1)), (metres, int(line)))
    for e, end in enumerate(alone):
        line = int(work.end_line[end])
        severity = Severity.WARNING if int(end) in at_tripoint else None
        ref = work.ref(scene, line)
        if e in closest:
            metres, other = closest[e]
            touching = round(metres, 6) <= t.equal
            yield Hit(
                (ref, work.ref(scene, other)),
                measure={} if touching else {"distance_m": metres},
                at=points[e],
                severity=severity,
                text=MIDDLE if touching else NEAR,
                remedy=MIDDLE_REMEDY if touching else NEAR_REMEDY,
            )
            continue
        waiting = sorted(u for u in work.units[line] if u and u in work.unsettled)
        if waiting:
            yield Hit(
                (ref,),
                says=(ref, "、".join(waiting), " and ".join(waiting)),
                at=points[e],
                severity=Severity.WARNING,
                text=PENDING,
            )
        elif scene.profile is Profile.TOWNSHIP and not (
            border_known(scene) or drawn >= set(work.units[line])
        ):
            yield Hit((ref,), at=points[e], severity=Severity.WARNING, text=UNKNOWN, remedy=UNKNOWN_REMEDY)
        else:
            yield Hit((ref,), at=points[e], severity=severity)
