"""GE10 空图层: a layer without features."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Hit, Ref
from geo.terms import Severity
from geo.text import Text

ALL_DELETED = Text(
    "图层 {0} 的 {count:.0f} 条记录都标记为已删除",
    "All {count:.0f} records of layer {0} are flagged as deleted",
)


@CHECKS.rule(
    code="GE10",
    severity=Severity.ERROR,
    message=Text("图层 {0} 没有要素", "Layer {0} has no features"),
    remedy=Text(
        "从压缩包里去掉空图层，或重新导出：ArcGIS 导出前清除选择，QGIS 不勾选“仅选中要素”，CASS 确认图层未冻结",
        "Leave the empty layer out, or export again: clear the selection in ArcGIS, no Selected Features Only in "
        "QGIS, no frozen layer in CASS",
    ),
    source="docs/checks.md",
)
def no_features(scene: Scene) -> Iterator[Hit]:
    """Layers without a single record that is not deleted."""
    for layer in scene.layers:
        if not len(layer.frame):
            yield Hit(
                (Ref(layer.name),),
                measure={"count": layer.features},
                text=ALL_DELETED if layer.features else None,
            )
