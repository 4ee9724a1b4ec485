"""GE03 含 Z/M 值: heights and measures; markers keep their height, the rest drops them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene, ref_of
from geo.checks.sound import far, hollow, layer_rows, place_of
from geo.findings import Hit, Ref
from geo.reading.layers import Layer
from geo.terms import Profile, Role, Severity
from geo.text import Text

HEIGHT = Text(
    "界桩 {0} 高程 {1:.2f} 米，超出 {2:g}–{3:g} 米",
    "Marker {0} has a height of {1:.2f} m, outside {2:g}–{3:g} m",
)
HEIGHTS = Text(
    "图层 {0} 有 {count:.0f} 个点的高程超出 {1:g}–{2:g} 米",
    "Layer {0} has {count:.0f} points with a height outside {1:g}–{2:g} m",
)
HEIGHT_REMEDY = Text(
    "核对 1985 国家高程：ArcGIS 用“计算几何属性”，QGIS 用字段计算器 z($geometry)，CASS 查点高程",
    "Check the height (1985 datum): Calculate Geometry Attributes in ArcGIS, z($geometry) in QGIS, point "
    "query in CASS",
)


@CHECKS.rule(
    code="GE03",
    severity=Severity.WARNING,
    message=Text(
        "图层 {0} 含 {1} 值：原始文件保留，检查和入库只用平面坐标",
        "Layer {0} has {1} values: kept in the original file, dropped for checking and storing",
    ),
    remedy=Text(
        "无需处理；不想再见此提示，导出时关闭 Z/M（ArcGIS 环境设置“输出具有 Z/M 值”为禁用，QGIS 导出时不选“包含 Z 维度”，"
        "CASS 导出二维线）",
        "Nothing to mend; to avoid it, export without Z and M (Output has Z/M Values: Disabled in ArcGIS, no "
        "Include Z-dimension in QGIS, 2D polylines in CASS)",
    ),
    source="docs/checks.md",
)
def z_m(scene: Scene) -> Iterator[Hit]:
    """Lines and polygons with Z, anything with M; marker heights (1985 datum) outside the relief.

    In profile generic heights that are out are counted a layer, else named one by one.
    """
    for layer in scene.layers:
        keeps = layer.role in (Role.MARKERS, Role.TRIPOINTS)
        dropped = [n for n, has in (("Z", layer.z is not None and not keeps), ("M", layer.has_m)) if has]
        if dropped:
            yield Hit((Ref(layer.name),), says=(layer.name, "/".join(dropped)))
        if keeps and layer.z is not None:
            yield from _heights(scene, layer)


def _heights(scene: Scene, layer: Layer) -> Iterator[Hit]:
    low, high = scene.tolerances.height_low, scene.tolerances.height_high
    assert layer.z is not None
    out = np.flatnonzero(np.isfinite(layer.z) & ((layer.z < low) | (layer.z > high)))
    if scene.profile is Profile.GENERIC:
        if len(out):
            yield Hit(
                (Ref(layer.name),),
                says=(layer.name, low, high),
                measure={"count": len(out)},
                text=HEIGHTS,
                remedy=HEIGHT_REMEDY,
            )
        return
    geometries = layer_rows(layer.frame)
    bad = hollow(geometries) | far(geometries, scene.tolerances.far_coordinate)
    for i in out:
        ref = ref_of(layer, int(i))
        yield Hit(
            (ref,),
            says=(ref, float(layer.z[i]), low, high),
            at=None if bad[i] else place_of(scene.plane, layer.crs.crs, geometries[i]),
            text=HEIGHT,
            remedy=HEIGHT_REMEDY,
        )
