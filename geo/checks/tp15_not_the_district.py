"""TP15 各乡镇之和不等于区县: all polygons together are not the district."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.checks.unit_keys import claims_whole_district
from geo.checks.whole import against_district
from geo.findings import Hit, Ref
from geo.terms import Role, Severity
from geo.text import Text

BEYOND = Text(
    "各政区面之和超出区县范围 {area_m2:.2f} 平方米，超出处的政区：{0}",
    "All polygons together run over the district by {area_m2:.2f} m², at {1}",
)


@CHECKS.rule(
    code="TP15",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "各政区面之和比区县范围少 {area_m2:.2f} 平方米，缺口旁的政区：{0}",
        "All polygons together lack {area_m2:.2f} m² of the district, beside {1}",
    ),
    remedy=Text(
        "按区县界补齐或退回：ArcGIS 用“擦除”找出差异后编辑，QGIS 用“差异”，CASS 叠加区县界修改后重新构面",
        "Fill up or draw back to the district's border: find the difference with Erase in ArcGIS or Difference in "
        "QGIS and edit it; in CASS edit against the border and rebuild",
    ),
    source="docs/checks.md",
)
@needs("district", of=(Role.POLYGONS,))
def not_the_district(scene: Scene) -> Iterator[Hit]:
    """Union of all polygons against the district (区县范围), where together they claim all of it; `at` is
    what lacks, or what is too much, and the units beside it are named."""
    if not claims_whole_district(scene):
        return
    t = scene.tolerances
    lacking, beyond = against_district(scene)
    if round(lacking.area + beyond.area, 6) <= t.district_area_m2:
        return
    for part, text in ((lacking, None), (beyond, BEYOND)):
        if part.area > t.overlap_report_m2:
            refs = _beside(scene, part)
            shown = [str(r) for r in refs[:6]] + (["…"] if len(refs) > 6 else [])
            yield Hit(
                refs,
                says=("、".join(shown) or "—", ", ".join(shown) or "—"),
                measure={"area_m2": float(part.area)},
                at=part,
                text=text,
            )


def _beside(scene: Scene, part: BaseGeometry) -> tuple[Ref, ...]:
    """The polygons that have an edge of what lacks or is too much, uploaded ones in front."""
    cover = coverage(scene)
    near = np.sort(
        shapely.STRtree(cover.shapes).query(part, predicate="dwithin", distance=scene.tolerances.equal)
    )
    edge = shapely.boundary(part)
    along = shapely.length(shapely.intersection(cover.shapes[near], edge)) > scene.tolerances.equal
    return tuple(cover.ref(scene, int(i)) for i in (near[along] if along.any() else near))
