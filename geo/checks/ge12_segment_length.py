"""GE12 线段过短或过长: segments that no survey would make."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.vertices import points, vertices
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text

LONG = Text(
    "{0} 有 {count:.0f} 条线段长于 {1:g} 米，最长 {length_m:.1f} 米",
    "{0} has {count:.0f} segments longer than {1:g} m, the longest {length_m:.1f} m",
)
LONG_REMEDY = Text(
    "核对此处是否漏测折点；确为直线的无需处理：ArcGIS、QGIS 叠加影像查看，CASS 叠加外业点查看",
    "See whether vertices are missing here; a line that is straight needs nothing: look at imagery in ArcGIS "
    "or QGIS, at the survey's points in CASS",
)


@CHECKS.rule(
    code="GE12",
    severity=Severity.WARNING,
    generic=None,
    message=Text(
        "{0} 有 {count:.0f} 条线段短于 {1:g} 米，最短 {length_m:.4f} 米",
        "{0} has {count:.0f} segments shorter than {1:g} m, the shortest {length_m:.4f} m",
    ),
    remedy=Text(
        "删除多余折点：ArcGIS 用“编辑折点”，QGIS 用“顶点工具”，CASS 用“复合线滤波”",
        "Delete the vertices that are too many: Edit Vertices in ArcGIS, Vertex Tool in QGIS, polyline filter in "
        "CASS",
    ),
    source="docs/checks.md",
)
def segment_length(scene: Scene) -> Iterator[Hit]:
    """Segments shorter than `segment_short` (but not repeated vertices) or longer than `segment_long`,
    grid metres; `at` is their middles."""
    t = scene.tolerances
    for role, found in vertices(scene).items():
        for row, xy, length in found.lengths.by_row():
            refs = scene.refs(role, row)
            short = length < t.segment_short
            if short.any():
                yield Hit(
                    refs,
                    says=(refs[0], t.segment_short),
                    measure={"count": int(short.sum()), "length_m": float(length[short].min())},
                    at=points(xy[short]),
                )
            if (~short).any():
                yield Hit(
                    refs,
                    says=(refs[0], t.segment_long),
                    measure={"count": int((~short).sum()), "length_m": float(length[~short].max())},
                    at=points(xy[~short]),
                    text=LONG,
                    remedy=LONG_REMEDY,
                )
