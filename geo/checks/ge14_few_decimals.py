"""GE14 坐标小数位少: coordinates rounded so far that they come from a generalised source."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.checks.sound import layer_rows
from geo.findings import Hit, Ref
from geo.terms import Severity
from geo.text import Text

#: A metre is about 1e-5 degrees: degrees need five decimals more.
MORE_IN_DEGREES = 5


@CHECKS.rule(
    code="GE14",
    severity=Severity.INFO,
    message=Text(
        "图层 {0} 的坐标只有 {count:.0f} 位小数，测量成果应有 {1:.0f} 位：来源可能经过概括",
        "The coordinates of layer {0} have only {count:.0f} decimals where a survey has {1:.0f}: the source may "
        "be generalised",
    ),
    remedy=Text(
        "用原始测量数据重新导出，不要取整：ArcGIS 检查 XY 分辨率，QGIS 检查导出选项 COORDINATE_PRECISION，CASS 检查小数位设置",
        "Export again from the survey's own data without rounding: XY resolution in ArcGIS, COORDINATE_PRECISION "
        "in QGIS, decimals setting in CASS",
    ),
    source="docs/checks.md",
)
def few_decimals(scene: Scene) -> Iterator[Hit]:
    """Layers in which no coordinate has as many decimals as `decimals` asks (in degrees, as many as are
    the same on the ground)."""
    for layer in scene.layers:
        rows = layer_rows(layer.frame)
        # A few first: nearly every survey is done with here.
        for some, most in ((rows[:50], 2_000), (rows, None)):
            coordinates = shapely.get_coordinates(some)[:most]
            with np.errstate(invalid="ignore"):
                coordinates = coordinates[(np.abs(coordinates) < 1e9).all(axis=1)]
            if not len(coordinates):
                continue
            system = layer.crs.crs
            degrees = system.is_geographic if system is not None else bool(np.abs(coordinates).max() <= 360)
            wanted = int(scene.tolerances.decimals) + (MORE_IN_DEGREES if degrees else 0)
            has = decimals(coordinates, wanted)
            if has >= wanted:
                break
        else:
            if len(coordinates):
                yield Hit((Ref(layer.name),), says=(layer.name, wanted), measure={"count": has})


def decimals(coordinates: NDArray[np.float64], enough: int) -> int:
    """The most decimals that any coordinate has, `enough` at most."""
    for digits in range(enough):
        scale = 10.0**digits
        scaled = coordinates * scale
        # A double at this size is off by up to half its last bit, times the scale.
        slack = np.maximum(np.abs(scaled) * 2.3e-16 * 2, 1e-9)
        if (np.abs(scaled - np.rint(scaled)) <= slack).all():
            return digits
    return enough
