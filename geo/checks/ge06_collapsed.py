"""GE06 退化图形: a line without length, a polygon without area."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

AREA = Text("{0} 有一部分面积只有 {area_m2:.4g} 平方米", "A part of {0} has an area of only {area_m2:.4g} m²")
THIN = Text(
    "{0} 有一部分窄到 {1:g} 米以下，按此精度已不成面",
    "A part of {0} is thinner than {1:g} m: at that precision it is no polygon",
)


@CHECKS.rule(
    code="GE06",
    severity=Severity.ERROR,
    message=Text("{0} 有一部分长度只有 {length_m:.4g} 米", "A part of {0} is only {length_m:.4g} m long"),
    remedy=Text(
        "删除这个退化的部分，或按原测数据重画：ArcGIS、QGIS 用“多部件转单部件”后按长度或面积筛选删除，CASS 用“查找短线”",
        "Delete the collapsed part or draw it again from the survey: Multipart to Singlepart and select by "
        "length or area in ArcGIS and QGIS, short-line search in CASS",
    ),
    source="checks.md §2.4",
)
def collapsed(scene: Scene) -> Iterator[Hit]:
    """Parts of lines shorter than `zero_length`, parts of polygons smaller than `zero_area_m2` or gone
    when rounded to `equal`. `at` is the part, as it is."""
    t = scene.tolerances
    parts, index = _parts(scene, Role.LINES)
    length = np.round(shapely.length(parts), 6)
    for i in np.flatnonzero(length < t.zero_length):
        yield Hit(
            scene.refs(Role.LINES, index[i]),
            measure={"length_m": float(length[i])},
            at=shapely.Point(shapely.get_coordinates(parts[i])[0]),
        )
    parts, index = _parts(scene, Role.POLYGONS)
    area = np.round(shapely.area(parts), 6)
    small = area < t.zero_area_m2
    # Only what is thin on average can vanish at 1 mm: rounding all would cost more than all checks.
    thin = np.flatnonzero(~small & (area < 4 * t.equal * shapely.length(parts)))
    gone = thin[shapely.is_empty(_at_precision(parts[thin], t.equal))]
    for i in np.sort(np.concatenate([np.flatnonzero(small), gone])):
        refs = scene.refs(Role.POLYGONS, index[i])
        yield Hit(
            refs,
            says=(refs[0], t.equal),
            measure={"area_m2": float(area[i])},
            at=shapely.boundary(parts[i]),
            text=AREA if small[i] else THIN,
        )


def _parts(scene: Scene, role: Role) -> tuple[NDArray[np.object_], NDArray[np.intp]]:
    source = np.asarray(scene.frame(role).geometry.to_numpy(), dtype=object)
    parts, index = shapely.get_parts(source, return_index=True)
    return np.asarray(parts, dtype=object), np.asarray(index, dtype=np.intp)


def _at_precision(polygons: NDArray[np.object_], grid: float) -> NDArray[np.object_]:
    """Rounded; what is not valid is rounded after `make_valid`, because GEOS refuses it otherwise."""
    sane = shapely.make_valid(polygons, method="structure", keep_collapsed=False)
    return np.asarray(shapely.set_precision(sane, grid, mode="valid_output"), dtype=object)
