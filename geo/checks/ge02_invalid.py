"""GE02 几何无效: a polygon that crosses itself, a hole outside, nested shells, a ring that is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.derived import per_scene
from geo.checks.halves import halves
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

#: GEOS's words, in the order that they are looked for.
REASONS = (
    ("Ring Self-intersection", Text("环自相接触", "ring self-intersection")),
    ("Self-intersection", Text("自相交", "self-intersection")),
    ("Hole lies outside", Text("洞在外环之外", "hole outside its shell")),
    ("Holes are nested", Text("洞套在洞里", "hole inside a hole")),
    ("Nested shells", Text("外环套在外环里", "shell inside a shell")),
    ("Nested", Text("环相互嵌套", "nested rings")),
    ("Interior is disconnected", Text("内部不连通", "interior not connected")),
    ("Duplicate Rings", Text("环重复", "ring given twice")),
    ("Too few points", Text("点数不足", "too few points")),
    ("not closed", Text("环不闭合", "ring not closed")),
)
OTHER = Text("结构错误", "broken structure")
PLACE = re.compile(r"\[(\S+) (\S+?)(?: \S+)?\]")


@per_scene
def valid(scene: Scene) -> np.ndarray:
    """Whether each of scene.polygons is valid; shape (n,)."""
    return np.asarray(halves(shapely.is_valid, scene.shapes(Role.POLYGONS)))


@CHECKS.rule(
    code="GE02",
    severity=Severity.ERROR,
    message=Text("{0} 图形无效：{1}", "{0} is not valid: {2}"),
    remedy=Text(
        "修好图形后重新提交（自动修复后面积 {area_m2:.2f} 平方米，请核对）：ArcGIS 用“修复几何”（OGC 方法），"
        "QGIS 用“修正几何图形”，CASS 检查复合线自相交后重新构面",
        "Mend it and submit again (an automatic mend would have {area_m2:.2f} m2: compare): Repair Geometry "
        "(OGC) in ArcGIS, Fix Geometries in QGIS, check the polyline for self-crossing and rebuild in CASS",
    ),
    source="OGC 06-103r4 §6.1.11; docs/checks.md",
)
def invalid(scene: Scene) -> Iterator[Hit]:
    """Invalid polygons, with GEOS's reason and its place; `area_m2` is that of make_valid (structure)."""
    yield from _open(scene)
    wrong = np.flatnonzero(~valid(scene))
    if not len(wrong):
        return
    geometries = scene.shapes(Role.POLYGONS)[wrong]
    mended = shapely.make_valid(geometries, method="structure", keep_collapsed=False)
    for row, reason, after in zip(
        wrong, shapely.is_valid_reason(geometries), shapely.area(mended), strict=True
    ):
        words = next((text for key, text in REASONS if key in reason), OTHER)
        found = PLACE.search(reason)
        at = shapely.Point(float(found[1]), float(found[2])) if found else None
        refs = scene.refs(Role.POLYGONS, row)
        yield Hit(refs, says=(refs[0], words.zh, words.en), measure={"area_m2": float(after)}, at=at)


def _open(scene: Scene) -> Iterator[Hit]:
    """Polygons with a ring that the file leaves open: reading closed it, so that they look sound here."""
    closed = {(layer.name, record) for layer in scene.layers for record in layer.unclosed}
    if not closed:
        return
    words = next(text for key, text in REASONS if key == "not closed")
    sound = valid(scene)
    rows = zip(scene.polygons["layer"], scene.polygons["record"], strict=True)
    for row, (layer, record) in enumerate(rows):
        if (layer, int(record)) in closed and sound[row]:
            refs = scene.refs(Role.POLYGONS, row)
            shape = scene.polygons.geometry.iat[row]
            at = shapely.Point(shapely.get_coordinates(shape)[0])
            yield Hit(refs, says=(refs[0], words.zh, words.en), measure={"area_m2": float(shape.area)}, at=at)
