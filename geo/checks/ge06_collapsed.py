"""GE06 退化图形: a line without length, a polygon without area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks.catalogue import CHECKS
from geo.checks.ge02_invalid import valid
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

AREA = Text("{0} 的面积只有 {area_m2:.4g} 平方米", "The area of {0} is only {area_m2:.4g} m²")
THIN = Text(
    "{0} 处处窄于 {1:g} 米，按此精度已不成面",
    "{0} is nowhere wider than {1:g} m: at that precision it is no polygon",
)


@CHECKS.rule(
    code="GE06",
    severity=Severity.ERROR,
    message=Text("{0} 的长度只有 {length_m:.4g} 米", "{0} is only {length_m:.4g} m long"),
    remedy=Text(
        "删除这条记录，或按原测数据重画：ArcGIS、QGIS 按长度或面积筛选后删除，CASS 用“查找短线”",
        "Delete the record or draw it again from the survey: select by length or area in ArcGIS and QGIS, "
        "short-line search in CASS",
    ),
    source="docs/checks.md",
)
def collapsed(scene: Scene) -> Iterator[Hit]:
    """Lines shorter than `zero_length`, polygons smaller than `zero_area_m2` or gone when rounded to
    `equal`. A small part of a larger record is GE13's, an invalid polygon GE02's unless nothing is left of
    it. `at` is the record."""
    t = scene.tolerances
    # Numbers of an unknown unit are no metres: only what has no extent at all can be judged then.
    measured = (
        scene.plane.zone is not None or scene.plane.source is not None or scene.plane.scale != (1.0, 1.0)
    )
    shortest, smallest = (t.zero_length, t.zero_area_m2) if measured else (1e-6, 1e-6)
    lines = scene.shapes(Role.LINES)
    length = np.round(shapely.length(lines), 6)
    for i in np.flatnonzero(length < shortest):
        yield Hit(
            scene.refs(Role.LINES, i),
            measure={"length_m": float(length[i])},
            at=shapely.Point(shapely.get_coordinates(lines[i])[0]),
        )
    polygons = scene.shapes(Role.POLYGONS)
    area = np.round(shapely.area(polygons), 6)
    small = area < smallest
    # Only what is thin on average can vanish at 1 mm: rounding all would cost more than all checks.
    thin = ~small & (area < 4 * t.equal * shapely.length(polygons))
    sound = valid(scene)
    # A ring of too few different points is no valid polygon either, and a bow-tie's halves cancel out: its hull
    # tells the one from the other.
    for i in np.flatnonzero(small & ~sound):
        hull = float(shapely.area(shapely.convex_hull(polygons[i])))
        if hull < smallest:
            at = shapely.Point(shapely.get_coordinates(polygons[i])[0])
            refs = scene.refs(Role.POLYGONS, i)
            yield Hit(refs, says=(refs[0], t.equal), measure={"area_m2": float(area[i])}, at=at, text=AREA)
    suspects = np.flatnonzero((small | thin) & sound)
    rounded = shapely.set_precision(polygons[suspects], t.equal, mode="valid_output")
    for i, left in zip(suspects, rounded, strict=True):
        if not small[i] and not left.is_empty:
            continue
        refs = scene.refs(Role.POLYGONS, i)
        yield Hit(
            refs,
            says=(refs[0], t.equal),
            measure={"area_m2": float(area[i])},
            at=shapely.boundary(polygons[i]),
            text=AREA if small[i] else THIN,
        )
