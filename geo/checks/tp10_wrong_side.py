"""TP10 左右政区错误: the units named on the left and right of a line are not those that lie there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.county import county_lines, is_county, outside
from geo.checks.coverage import coverage, mended
from geo.checks.needs import absent
from geo.checks.scene import Scene
from geo.checks.unit_codes import code_tables
from geo.checks.unit_keys import unit_keys
from geo.findings import Hit
from geo.network.sides import sides
from geo.terms import Profile, Role, Severity
from geo.text import Text

POLYGONS = Text("政区面（本次提交和已公布的都没有）", "polygons (neither in this upload nor published)")
SWAPPED = Text(
    "{0} 的左右政区写反了：左侧应是 {1}，右侧应是 {2}",
    "Left and right of {0} are swapped: {1} lies on the left, {2} on the right",
)
MISSING = Text("{0} 没有写{4}侧政区，图上是 {2}", "{0} does not name its {5} unit; the map shows {2}")


@CHECKS.rule(
    code="TP10",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 的{4}侧政区写的是 {1}，图上是 {2}", "{0} names {1} on its {5}, where the map shows {2}"
    ),
    remedy=Text(
        "按界线走向改正左、右乡镇代码，或把界线反向：ArcGIS 用“翻转线”和字段计算器，QGIS 用“反转线方向”，CASS 改扩展属性",
        "Correct the left and right codes as seen along the line, or turn the line round: Flip Line in ArcGIS, "
        "Reverse Line Direction in QGIS, extended attributes in CASS",
    ),
    source="docs/checks.md",
)
def wrong_side(scene: Scene) -> Iterator[Hit]:
    """Left and right unit (左右乡镇) of each line against the polygons on either side: the uploaded ones,
    and published ones for other units. A line that names a county there is right where townships of that
    county lie. Outside the polygons any unit can lie; only one that has its polygon elsewhere is wrong
    there."""
    if not len(scene.lines) or scene.profile is Profile.GENERIC:
        return
    cover = coverage(scene)
    polygons, codes = cover.shapes, list(cover.codes)
    if not len(polygons) and scene.published is not None:
        codes = [values.code(c) for c in scene.published.polygons["code"]]
        polygons = np.asarray(scene.published.polygons.geometry.to_numpy(), dtype=object)
    polygons = mended(polygons)
    known = np.array([c is not None for c in codes], dtype=bool) & ~shapely.is_empty(polygons)
    polygons, names = polygons[known], [c for c, k in zip(codes, known, strict=True) if k and c]
    if not len(polygons):
        yield absent(POLYGONS)
        return
    lines = scene.shapes(Role.LINES)
    found = sides(lines, polygons, grid=scene.tolerances.grid, probe=scene.tolerances.displacement)
    length = shapely.length(lines)
    stated = {side: unit_keys(scene, Role.LINES, side) for side in ("left", "right")}
    bare = scene.bare(Role.LINES)
    for i in np.flatnonzero(~bare).tolist():
        there: dict[str, str | None] = {}
        for side in ("left", "right"):
            county = is_county(stated[side][i])
            metres: dict[str, float] = {}
            for p, m in found.of(i, side):
                # Beside a county line lie many townships of the county that it names.
                name = names[p][:6] if county else names[p]
                metres[name] = metres.get(name, 0.0) + m
            best = max(metres, key=lambda c: metres[c], default=None)
            there[side] = best if best is not None and metres[best] > length[i] / 2 else None
        yield from _compare(scene, i, {s: stated[s][i] for s in stated}, there, set(names))


def _compare(
    scene: Scene,
    i: int,
    stated: dict[str, str | None],
    there: dict[str, str | None],
    names: set[str],
) -> Iterator[Hit]:
    refs = scene.refs(Role.LINES, i)
    at = scene.lines.geometry.iat[i]
    left, right = there["left"], there["right"]
    if left and right and (stated["left"], stated["right"]) == (right, left):
        yield Hit(refs, says=(refs[0], left, right), at=at, text=SWAPPED)
        return
    for inner, outer in (("left", "right"), ("right", "left")):
        if is_county(stated[outer]) and outside(scene, stated[inner]) and there[outer] is None:
            own = there[inner]
            if own is not None and own == stated[outer]:
                yield Hit(refs, says=(refs[0], stated["right"], stated["left"]), at=at, text=SWAPPED)
                return
    known = code_tables(scene).names
    for side, zh in (("left", "左"), ("right", "右")):
        says, seen = stated[side], there[side]
        if known and says is not None and says not in known and not county_lines(scene)[i]:
            continue  # No unit of the district: AT02 has said so.
        if says == seen or (seen is None and (says is None or says not in names)):
            continue
        yield Hit(
            refs,
            says=(refs[0], says or "", seen or "—", "", zh, side),
            at=at,
            text=MISSING if says is None else None,
            aspect=side,
        )
