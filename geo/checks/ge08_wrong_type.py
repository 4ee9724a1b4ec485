"""GE08 几何类型不符: a geometry of a type that its role cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene, ref_of
from geo.checks.sound import layer_rows, odd, place_of
from geo.findings import Hit, Ref
from geo.reading.layers import Layer
from geo.terms import Role, Severity
from geo.text import Text

ROLE_NAMES = {
    Role.LINES: Text("界线", "lines"),
    Role.MARKERS: Text("界桩", "markers"),
    Role.TRIPOINTS: Text("三交点", "tripoints"),
    Role.POLYGONS: Text("政区面", "polygons"),
}

#: Words in a layer's declared type that no straight-segment geometry has (OGC and Esri names).
NOT_STRAIGHT = ("CURVE", "CIRCULAR", "SURFACE", "TIN", "TRIANGLE", "PATCH", "SOLID")

OF_LAYER = Text(
    "图层 {0} 的几何类型是 {1}，只接受点、直线段组成的线和面",
    "Layer {0} is of type {1}; only points, and lines and polygons of straight segments are taken",
)
WITHOUT_ROLE = Text(
    "{0} 的几何类型是 {1}：一个图层只能有点、线、面中的一种",
    "{0} is a {1}: a layer holds points, lines or polygons, one kind only",
)


@CHECKS.rule(
    code="GE08",
    severity=Severity.ERROR,
    message=Text("{0} 的几何类型是 {1}，不能作为{2}", "{0} is a {1}: the layer holds {3}"),
    remedy=Text(
        "把图层的用途改对，或转换几何：ArcGIS 用“加密/多部件至单部件”，QGIS 用“转换几何类型”，CASS 用多段线重画曲线",
        "Set the layer's role right, or convert: Densify and Multipart To Singlepart in ArcGIS, Convert "
        "Geometry Type in QGIS, redraw curves as polylines in CASS",
    ),
    source="docs/checks.md",
)
def wrong_type(scene: Scene) -> Iterator[Hit]:
    """Curves, MultiPatch and TIN, collections, mixed types, and types foreign to the role."""
    for layer in scene.layers:
        if any(word in layer.geometry_type.upper() for word in NOT_STRAIGHT):
            yield Hit((Ref(layer.name),), says=(layer.name, layer.geometry_type), text=OF_LAYER)
            continue
        geometries = layer_rows(layer.frame)
        for i in np.flatnonzero(_wrong(layer, geometries)):
            ref = ref_of(layer, int(i))
            kind = geometries[i].geom_type
            at = place_of(scene.plane, layer.crs.crs, geometries[i])
            if layer.role is None:
                yield Hit((ref,), says=(ref, kind), at=at, text=WITHOUT_ROLE)
            else:
                role = ROLE_NAMES[layer.role]
                yield Hit((ref,), says=(ref, kind, role.zh, role.en), at=at)


def _wrong(layer: Layer, geometries: np.ndarray) -> np.ndarray:
    wrong = odd(geometries, layer.role)
    if layer.role is None:
        # Mixed: whatever is not of the commonest dimension.
        dimension = shapely.get_dimensions(geometries)
        present = dimension[dimension >= 0]
        if len(present):
            wrong |= (dimension >= 0) & (dimension != np.bincount(present).argmax())
    return np.asarray(wrong)
