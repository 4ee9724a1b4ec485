"""TP15 各乡镇之和不等于区县: all polygons together are not the district."""

from __future__ import annotations

from collections.abc import Iterator

from geo.checks.catalogue import CHECKS
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.checks.unit_keys import claims_whole_district
from geo.checks.whole import against_district
from geo.findings import Hit
from geo.terms import Role, Severity
from geo.text import Text

BEYOND = Text(
    "各政区面之和超出区县范围 {area_m2:.2f} 平方米",
    "All polygons together run over the district by {area_m2:.2f} m²",
)


@CHECKS.rule(
    code="TP15",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "各政区面之和比区县范围少 {area_m2:.2f} 平方米",
        "All polygons together lack {area_m2:.2f} m² of the district",
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
    what lacks, or what is too much."""
    if not claims_whole_district(scene):
        return
    t = scene.tolerances
    lacking, beyond = against_district(scene)
    if round(lacking.area + beyond.area, 6) <= t.district_area_m2:
        return
    for part, text in ((lacking, None), (beyond, BEYOND)):
        if part.area > t.overlap_report_m2:
            yield Hit(measure={"area_m2": float(part.area)}, at=part, text=text)
