"""GE11 尖刺: the line runs out and back."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.vertices import points, vertices
from geo.findings import Hit
from geo.terms import Severity
from geo.text import Text


@CHECKS.rule(
    code="GE11",
    severity=Severity.WARNING,
    message=Text(
        "{0} 有 {count:.0f} 处尖刺，最尖处夹角 {angle_deg:.3f}°",
        "{0} has {count:.0f} spikes, the sharpest of {angle_deg:.3f}°",
    ),
    remedy=Text(
        "删除尖点处的折点：ArcGIS 用“编辑折点”，QGIS 用“顶点工具”，CASS 用“复合线编辑-删除顶点”",
        "Delete the vertex at the tip: Edit Vertices in ArcGIS, Vertex Tool in QGIS, delete vertex in CASS",
    ),
    source="docs/checks.md",
)
def spike(scene: Scene) -> Iterator[Hit]:
    """Turns sharper than `spike_angle_deg` with both legs over `spike_leg`; an error where the line comes
    back on itself (under `kickback_angle_deg`). `at` is the tips."""
    for role, found in vertices(scene).items():
        for row, xy, angle in found.spikes.by_row():
            sharpest = float(angle.min())
            yield Hit(
                scene.refs(role, row),
                measure={"count": len(xy), "angle_deg": sharpest},
                at=points(xy),
                severity=Severity.ERROR if round(sharpest, 6) < scene.tolerances.kickback_angle_deg else None,
            )
