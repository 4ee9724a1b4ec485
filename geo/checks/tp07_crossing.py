"""TP07 界线相交无结点: two lines cross and neither ends there."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.linework import linework, meetings
from geo.checks.scene import Scene
from geo.checks.vertices import points
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="TP07",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 与 {1} 相交 {count:.0f} 处，交点处没有断开",
        "{0} and {1} cross at {count:.0f} places without a node",
    ),
    remedy=Text(
        "越线的剪掉，真正的交点处两条线都断开：ArcGIS 用“打断相交线”或“修剪”，QGIS 用“按线分割”或“修剪/延伸”，CASS 用“修剪”",
        "Trim what runs over, split both lines where they really meet: Planarize or Trim in ArcGIS, Split with "
        "Lines or Trim/Extend in QGIS, trim in CASS",
    ),
    source="docs/checks.md",
)
def crossing(scene: Scene) -> Iterator[Hit]:
    """Points inside both lines, touching or crossing; an end on another's middle is TP05's."""
    work = linework(scene)
    for meeting in meetings(scene):
        if len(meeting.points):
            yield Hit(
                work.refs(scene, meeting.a, meeting.b),
                measure={"count": len(meeting.points)},
                at=points(meeting.points),
            )
