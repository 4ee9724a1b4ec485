"""TP02 面缝隙: ground between polygons that nobody claims."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage, polygon_parts, united
from geo.checks.scene import Scene
from geo.checks.unit_keys import claims_whole_district
from geo.checks.whole import against_district
from geo.checks.widths import widths
from geo.findings import Hit
from geo.terms import Profile, Severity
from geo.text import Text

HAIR = Text(
    "{0} 之间有 {area_m2:.4g} 平方米的细缝，最宽 {width_m:.4g} 米：共用同一条边即可",
    "A hairline gap of {area_m2:.4g} m² between {1}, {width_m:.4g} m at its widest: share one border",
)
SLIVER = Text(
    "{0} 之间有狭长缝隙：面积 {area_m2:.4g} 平方米，最宽 {width_m:.4g} 米",
    "A sliver of {area_m2:.4g} m² between {1} belongs to nobody, {width_m:.4g} m at its widest",
)
#: One neighbour alone: a hole in it, or a place where it meets itself.
INSIDE = Text(
    "{0} 内部有 {area_m2:.6g} 平方米没有归属（最宽 {width_m:.4g} 米）：这块地属于谁？",
    "{area_m2:.6g} m² inside {1} belong to nobody ({width_m:.4g} m at the widest): whose are they?",
)
HAIR_INSIDE = Text(
    "{0} 内部有 {area_m2:.4g} 平方米的细缝，最宽 {width_m:.4g} 米：并入本单位即可",
    "A hairline gap of {area_m2:.4g} m² inside {1}, {width_m:.4g} m at its widest: close it",
)
SLIVER_INSIDE = Text(
    "{0} 内部有狭长缝隙：面积 {area_m2:.4g} 平方米，最宽 {width_m:.4g} 米",
    "A sliver of {area_m2:.4g} m² inside {1} belongs to nobody, {width_m:.4g} m at its widest",
)
INLET = Text(
    "{0} 与区县界之间有 {area_m2:.4g} 平方米无归属，最宽 {width_m:.4g} 米",
    "{area_m2:.4g} m² between {1} and the district's border belong to nobody, {width_m:.4g} m at the widest",
)


@CHECKS.rule(
    code="TP02",
    severity=Severity.ERROR,
    generic=Severity.WARNING,
    message=Text(
        "{0} 之间有 {area_m2:.6g} 平方米没有归属（最宽 {width_m:.4g} 米）：这块地属于谁？",
        "{area_m2:.6g} m² between {1} belong to nobody ({width_m:.4g} m at the widest): whose are they?",
    ),
    remedy=Text(
        "划归其中一方或补上漏交的政区，不要自动填补：ArcGIS 用拓扑规则“面不能有空隙”，QGIS 用“拓扑检查器”和捕捉，"
        "CASS 由同一条界线重新构面",
        "Give it to one of them, or add the unit that is missing; never fill it automatically: topology rule "
        "Must Not Have Gaps in ArcGIS, Topology Checker and snapping in QGIS, rebuild from one line in CASS",
    ),
    source="docs/checks.md",
)
def gap(scene: Scene) -> Iterator[Hit]:
    """Holes of the union of all polygons, as polygons, whatever their width: a search by `gap_width`
    can lose at a larger width what it found at a smaller one.

    A hole of one unit alone was drawn as one, for an outside unit or an enclave: unless it is a sliver
    or known to lie in the district it is a question (a warning; an information in profile generic).
    A hole outside the published district is filled by an outside unit. Open inlets are looked for only
    where uploaded and published polygons together claim the whole district.
    """
    if not coverage(scene).own:
        return
    parts = polygon_parts(united(scene))
    rings, index = shapely.get_rings(parts, return_index=True)
    holes = shapely.polygons(rings[np.r_[False, index[1:] == index[:-1]]]) if len(rings) else rings
    district = scene.published.district if scene.published is not None else None
    if district is not None and len(holes):
        shapely.prepare(district)
        holes = holes[shapely.intersects(district, shapely.point_on_surface(holes))]
    yield from _hits(scene, holes, inlet=False)
    if district is not None and claims_whole_district(scene):
        left = polygon_parts(against_district(scene)[0])
        inside = shapely.STRtree(left).query(shapely.point_on_surface(holes), predicate="intersects")[1]
        yield from _hits(scene, np.delete(left, inside), inlet=True)


def _hits(scene: Scene, holes: NDArray[np.object_], *, inlet: bool) -> Iterator[Hit]:
    cover, t = coverage(scene), scene.tolerances
    area, width = shapely.area(holes), np.round(widths(holes), 6)
    tree = shapely.STRtree(cover.shapes)
    subjects = cover.subjects()
    for hole, square, wide in zip(holes, area, width, strict=True):
        beside = np.sort(tree.query(hole, predicate="intersects"))
        if square <= t.overlap_report_m2 or not len(beside) or beside[0] >= cover.own:
            continue
        refs = tuple(cover.ref(scene, int(i)) for i in beside)
        shown = [str(r) for r in refs[:6]] + (["…"] if len(refs) > 6 else [])
        severity, text = None, None
        alone = len({subjects[int(i)] for i in beside}) == 1
        if inlet:
            text = INLET
        elif wide <= t.equal:
            text = HAIR_INSIDE if alone else HAIR
        elif wide <= t.sliver_gap_width:
            text = SLIVER_INSIDE if alone else SLIVER
        elif alone:
            text = INSIDE
            if scene.published is None:
                severity = Severity.INFO if scene.profile is Profile.GENERIC else Severity.WARNING
        yield Hit(
            refs,
            says=("、".join(shown), ", ".join(shown)),
            measure={"area_m2": float(square), "width_m": float(wide)},
            at=hole,
            severity=severity,
            text=text,
        )
