"""TP09 面与界线不符: an uploaded polygon is not the one that the lines close up to."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks import values
from geo.checks.catalogue import CHECKS
from geo.checks.county import is_county, outside
from geo.checks.coverage import area_only, coverage, polygon_parts
from geo.checks.ge02_invalid import valid
from geo.checks.linework import linework
from geo.checks.needs import absent
from geo.checks.nodes import three_way
from geo.checks.scene import Scene
from geo.checks.unit_keys import all_claimed
from geo.checks.widths import widths
from geo.findings import Hit, Ref
from geo.network.course import Course
from geo.network.polygonise import derive
from geo.terms import Profile, Severity
from geo.text import Text

LINES = Text("界线（本次提交和已公布的都没有）", "lines (neither in this upload nor published)")
OPEN = Text(
    "{0} 等 {count:.0f} 个政区的界线还没有围合，或界线的左右代码不一致，面与界线未作比较",
    "The lines around {count:.0f} units ({0} …) do not close yet, or their left and right codes disagree: "
    "polygons not compared with lines",
)
OPEN_REMEDY = Text(
    "界线勘定齐全后会自动检查；已齐全的，请核对界线端点和左右代码",
    "Checked once all lines are there; if they are, check their ends and their left and right codes",
)


@CHECKS.rule(
    code="TP09",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 的面与界线围成的面不符：相差 {area_m2:.4f} 平方米，最远 {distance_m:.4f} 米",
        "The polygon of {0} is not what its lines enclose: they differ by {area_m2:.4f} m², {distance_m:.4f} m at "
        "the farthest",
    ),
    remedy=Text(
        "以界线为准重新构面：ArcGIS 用“要素转面”，QGIS 用“多边形化”，CASS 用“搜索封闭界线构面”",
        "Build the polygon from the lines again: Feature To Polygon in ArcGIS, Polygonize in QGIS, build area "
        "from closed lines in CASS",
    ),
    source="docs/checks.md",
)
def not_from_lines(scene: Scene) -> Iterator[Hit]:
    """Uploaded polygons against those derived (由界线构面) from the uploaded and the accepted lines, by
    unit. A unit whose lines do not close is named by an information; without any line so is the check.

    Ends that TP11 reports do not hide the rest: they are bridged, and the place itself is left out.
    A county line names the county where its townships lie: that says of no face whose it is.
    """
    cover, work, t = coverage(scene), linework(scene), scene.tolerances
    if not cover.own or scene.profile is Profile.GENERIC:
        return
    if not len(work.shapes):
        yield absent(LINES)
        return
    left, right = ([None if is_county(c) else c for c in side] for side in zip(*work.units, strict=True))
    links, bridged = _links(scene)
    left, right = [*left, *[None] * len(links)], [*right, *[None] * len(links)]
    shapes_ = np.concatenate([work.shapes, links])
    lines = geopandas.GeoDataFrame(
        {
            "code": pd.Series(range(len(shapes_)), dtype=object),
            "left_code": pd.Series(left, dtype=object),
            "right_code": pd.Series(right, dtype=object),
        },
        geometry=geopandas.GeoSeries(shapes_, index=range(len(shapes_))),
    )
    derived = derive(lines, grid=t.grid)
    shapes = dict(zip(derived.polygons["code"], derived.polygons.geometry, strict=True))
    unsure = {code for conflict in derived.conflicts for code in conflict.codes}
    mine: dict[str, list[int]] = {}
    for i in range(cover.own):
        # Lines around a unit of another county are not the district's to close.
        if (code := cover.codes[i]) is not None and not outside(scene, code):
            mine.setdefault(code, []).append(i)
    open_: list[tuple[str, Ref]] = []
    sound = valid(scene)
    for code, rows in mine.items():
        if not sound[cover.rows[rows]].all():
            continue  # What make_valid left of it is nobody's drawing: GE02 has said so.
        refs = tuple(cover.ref(scene, i) for i in rows)
        if code not in shapes or code in unsure:
            open_.append((code, refs[0]))
            continue
        stated = shapely.union_all(cover.shapes[rows])
        apart = _apart(stated, shapes[code], bridged)
        area, far = float(apart.area), _farthest(stated, shapes[code], bridged)
        if round(area, 6) > t.derived_area_m2 or round(far, 6) > t.derived_hausdorff:
            if code in work.unsettled or _open(scene, code, stated, shapes):
                open_.append((code, refs[0]))
                continue
            yield Hit(
                refs,
                measure={"area_m2": area, "distance_m": far},
                at=apart
                if not apart.is_empty
                else shapely.shortest_line(stated.boundary, shapes[code].boundary),
            )
    if open_:
        yield Hit(
            tuple(ref for _, ref in open_),
            measure={"count": len(open_)},
            severity=Severity.INFO,
            text=OPEN,
            remedy=OPEN_REMEDY,
        )


def _open(scene: Scene, code: str, stated: BaseGeometry, derived: dict[str, BaseGeometry]) -> bool:
    """Whether the lines at hand close only some of a unit, or more than it.

    Its enclave alone: no line closes the ground that most of the polygon lies on. Several units at once:
    other polygons lie in the same face, or room for them is left. All but its enclave: lines lack for a
    part or a hole that the published polygon has too.
    """
    cover = coverage(scene)
    parts = polygon_parts(stated)
    ground = _ground(stated)
    around = next((shape for shape in derived.values() if shapely.intersects(shape, ground)), None)
    if around is None:
        return True
    if any(
        c != code and shapely.intersects(around, _ground(s))
        for c, s in zip(cover.codes, cover.shapes, strict=True)
    ):
        return True
    if not all_claimed(scene, cover.codes):
        room = polygon_parts(shapely.difference(around, stated))
        if (widths(room) > scene.tolerances.unit_width).any():
            return True
    own, known = derived[code], _published(scene, code)
    if known is None:
        return False
    pieces = parts[~shapely.intersects(shapely.point_on_surface(parts), own)]
    rings, index = shapely.get_rings(parts, return_index=True)
    holes = shapely.polygons(rings[np.r_[False, index[1:] == index[:-1]]])
    filled = shapely.point_on_surface(holes)
    filled = filled[shapely.intersects(filled, own)]
    return bool(
        shapely.intersects(shapely.point_on_surface(pieces), known).any()
        or (~shapely.intersects(filled, known)).any()
    )


def _ground(shape: BaseGeometry) -> BaseGeometry:
    """A place in the largest part."""
    parts = shapely.get_parts(shape)
    answer: BaseGeometry = shapely.point_on_surface(parts[shapely.area(parts).argmax()])
    return answer


def _published(scene: Scene, code: str) -> BaseGeometry | None:
    if scene.published is None:
        return None
    frame = scene.published.polygons
    mine = [values.code(c) == code for c in frame["code"]]
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)[np.array(mine, dtype=bool)]
    return shapely.union_all(shapes) if len(shapes) else None


def _links(scene: Scene) -> tuple[NDArray[np.object_], BaseGeometry]:
    """Bridges between ends that should be one point (TP11), and the ground around them."""
    links: list[BaseGeometry] = []
    for node in three_way(scene):
        links += [shapely.LineString([node.places[0], place]) for place in node.places[1:]]
    made = np.empty(len(links), dtype=object)
    made[:] = links
    ground: BaseGeometry = shapely.union_all(shapely.buffer(made, 2 * scene.tolerances.snap, quad_segs=4))
    return made, ground


def _apart(a: BaseGeometry, b: BaseGeometry, bridged: BaseGeometry) -> BaseGeometry:
    difference = shapely.symmetric_difference(a, b)
    if not bridged.is_empty:
        difference = shapely.difference(area_only(np.array([difference], dtype=object))[0], bridged)
    answer: BaseGeometry = area_only(np.array([difference], dtype=object))[0]
    return answer


def _farthest(a: BaseGeometry, b: BaseGeometry, bridged: BaseGeometry) -> float:
    """Hausdorff distance between two borders, by the vertices of both. Where the borders are polylines
    with the same corners it is exact; a spike between vertices shows in the area."""
    one, other = shapely.boundary(a), shapely.boundary(b)
    if shapely.equals_exact(shapely.normalize(one), shapely.normalize(other)):
        return 0.0
    here, there = Course(one), Course(other)
    farthest = 0.0
    for one, other in ((here, there), (there, here)):
        xy = one.vertices()
        if not bridged.is_empty:
            xy = xy[~shapely.intersects_xy(bridged, *xy.T)]
        if len(xy):
            farthest = max(farthest, float(other.distance(xy).max()))
    return farthest
