"""TP13 与县级界线不符: the district's border differs from the county line in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.checks.catalogue import CHECKS
from geo.checks.county import county_lines
from geo.checks.coverage import area_only, coverage, polygon_parts, united
from geo.checks.ge02_invalid import valid
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.checks.vertices import points
from geo.checks.widths import widths
from geo.findings import Hit
from geo.network.build import GRID_METRES, segments
from geo.network.course import Course
from geo.network.sides import keys
from geo.terms import Role, Severity
from geo.text import Text

DISPUTE = Text(
    "{0} 沿县级界线的一段最远偏离现行界线 {distance_m:.2f} 米，夹着 {area_m2:.1f} 平方米：是两条不同的界线",
    "{0} is up to {distance_m:.2f} m from the county line in force, with {area_m2:.1f} m² between: two different "
    "lines",
)


@CHECKS.rule(
    code="TP13",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "{0} 沿县级界线的一段有 {count:.0f} 处偏离现行界线，最远 {distance_m:.4f} 米",
        "{0} leaves the county line in force at {count:.0f} places along it, by up to {distance_m:.4f} m",
    ),
    remedy=Text(
        "县级界线以勘定成果为准，捕捉到现行界线上：ArcGIS 用“对齐要素”，QGIS 用“捕捉几何到图层”，CASS 复制现行界线构面",
        "The county line stands as demarcated: snap to it with Align Features in ArcGIS, Snap Geometries to Layer "
        "in QGIS, or build from a copy of it in CASS",
    ),
    source="docs/checks.md; 行政区域界线管理条例（国务院令第353号）第十四条",
)
@needs("county_line", of=(Role.LINES, Role.POLYGONS))
def county_line(scene: Scene) -> Iterator[Hit]:
    """Borders of polygons, and lines of the district's edge, against the county line (县级界线).

    The polygons' outer border leaves the county line where it runs off it and comes back: `at` is the
    vertices, of either, that are over `equal` off, and beyond `displacement` the ground between the two.
    A line is meant as a whole where one of its units is of another county, or most of it runs there.
    """
    assert scene.published is not None and scene.published.county_line is not None
    county, t = Course(scene.published.county_line), scene.tolerances
    cover = coverage(scene)
    if cover.own:
        outer = Course(shapely.boundary(united(scene)))
        tree = shapely.STRtree(cover.shapes[: cover.own])
        off, metres = _off(outer, county, t.equal, t.displacement)
        for strayed in excursions(scene, county):
            beside = shapely.dwithin(shapely.points(off), strayed.place, t.equal)
            off, metres = off[~beside], metres[~beside]
            if rows := _drawn_by(scene, strayed.border):
                yield Hit(
                    scene.refs(Role.POLYGONS, *rows),
                    measure={"distance_m": strayed.distance, "area_m2": strayed.area},
                    at=strayed.place,
                    text=DISPUTE,
                )
        place, polygon = tree.query(shapely.points(off), predicate="dwithin", distance=t.displacement)
        for i in np.unique(polygon):
            mine = place[polygon == i]
            yield _hit(Role.POLYGONS, scene, int(cover.rows[i]), off[mine], metres[mine])
    for row, shape in enumerate(scene.lines.geometry):
        line = Course(shape)
        edge = bool(county_lines(scene)[row])
        if not edge:
            some = line.stations(max(1.0, shape.length / 50))
            edge = bool((county.distance(some, 2 * t.displacement) <= t.displacement).mean() > 0.5)
            reach = t.displacement
        else:
            reach = max(t.displacement, float(county.distance(line.vertices()).max()))
        if edge:
            off, metres = _off(line, county, t.equal, reach)
            if len(off):
                yield _hit(Role.LINES, scene, row, off, metres)


@dataclass(frozen=True)
class Excursion:
    """A stretch of the polygons' outer border that is not the county line: the border, the greatest
    distance (metres), and the ground between the two."""

    border: BaseGeometry
    distance: float
    area: float
    place: BaseGeometry


def excursions(scene: Scene, county: Course) -> Iterator[Excursion]:
    """Where the outer border runs more than `displacement` off the county line.

    The border of a unit that is not at hand does so too, inside the district: ground as wide as
    `unit_width` may be such a unit's, and only what reaches beyond the district is certain.
    """
    assert scene.published is not None
    t, district = scene.tolerances, scene.published.district
    merged = shapely.get_parts(county.line)
    parts = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(merged)))
    pieces = segments(np.array([county.line], dtype=object))
    cells = keys(pieces, GRID_METRES).to_numpy()
    shared = {tuple(c) for c in np.concatenate([cells, cells[:, [2, 3, 0, 1]]]).tolist()}
    if district is not None:
        shapely.prepare(district)
    for ring in shapely.get_rings(polygon_parts(united(scene))):
        xy = shapely.get_coordinates(ring)[:-1]
        metres = county.distance(xy)
        stops = np.flatnonzero(np.round(metres, 6) <= t.equal)
        if len(stops):
            # From a vertex on the county line round to the same one.
            xy, metres = np.roll(xy, -stops[0], axis=0), np.roll(metres, -stops[0])
            stops = stops - stops[0]
        xy, metres = np.concatenate([xy, xy[:1]]), np.append(metres, metres[0])
        ends = np.append(stops, len(xy) - 1) if len(stops) else np.array([0, len(xy) - 1])
        walk = np.rint(np.concatenate([xy[:-1], xy[1:]], axis=1) / GRID_METRES).astype(np.int64).tolist()
        for a, b in pairwise(ends.tolist()):
            if b == a + 1 and tuple(walk[a]) in shared:
                continue
            border = shapely.linestrings(xy[a : b + 1])
            stretch = _between(parts, border, t.equal) if len(stops) else None
            distance = float(metres[a : b + 1].max())
            if stretch is not None:
                distance = max(
                    distance, float(Course(border).distance(shapely.get_coordinates(stretch)).max())
                )
            if round(distance, 6) <= t.displacement:
                continue
            if stretch is not None:
                faces = polygon_parts(_ribbon(border, stretch))
                if len(faces) and widths(faces).max() <= t.unit_width:
                    place = shapely.multipolygons(faces)
                    yield Excursion(border, distance, float(place.area), place)
                    continue
            if district is not None:
                there, far = xy[a : b + 1], metres[a : b + 1]
                beyond = (far > t.displacement) & ~shapely.intersects_xy(district, *there.T)
                if beyond.any():
                    ground = area_only(np.array([shapely.difference(shapely.Polygon(ring), district)]))[0]
                    yield Excursion(
                        border, float(far[beyond].max()), float(ground.area), points(there[beyond])
                    )


def _between(parts: NDArray[np.object_], border: BaseGeometry, near: float) -> BaseGeometry | None:
    """The stretch of the county line between the ends of a border that starts and ends on it, the shorter
    way round; None where they are one place, or on different lines."""
    start, end = (shapely.get_point(border, k) for k in (0, -1))
    for part in parts:
        if not (shapely.dwithin(start, part, near + 1e-6) and shapely.dwithin(end, part, near + 1e-6)):
            continue
        low, high = sorted(float(shapely.line_locate_point(part, p)) for p in (start, end))
        if high - low <= near:
            return None
        stretch: BaseGeometry = substring(part, low, high)
        if part.is_closed and part.length < 2 * (high - low):
            rest = [substring(part, high, part.length), substring(part, 0, low)]
            stretch = shapely.line_merge(shapely.multilinestrings([p for p in rest if p.length > 0]))
        return stretch
    return None


def _ribbon(border: BaseGeometry, stretch: BaseGeometry) -> BaseGeometry:
    """The ground between a border and the stretch of the county line that it starts and ends on."""
    there, back = shapely.get_coordinates(border), shapely.get_coordinates(stretch)
    if np.hypot(*(back[0] - there[-1])) > np.hypot(*(back[-1] - there[-1])):
        back = back[::-1]
    # The line's own ends lie some rounding beside the border's: those are the same places.
    ring = shapely.Polygon(np.concatenate([there, back[1:-1]]))
    valid: BaseGeometry = shapely.make_valid(ring)
    return valid


def _drawn_by(scene: Scene, border: BaseGeometry) -> list[int]:
    """Rows of the polygons that have a piece of a border, the longest first. A polygon that lies outside
    the district altogether does not stray from its border, and of one that is not valid GE02 speaks."""
    assert scene.published is not None
    cover, district = coverage(scene), scene.published.district
    sound = valid(scene)
    near = shapely.STRtree(cover.shapes[: cover.own]).query(border, predicate="intersects")
    length = shapely.length(shapely.intersection(cover.shapes[near], border))
    order = np.argsort(-length, kind="stable")
    return [
        int(cover.rows[i])
        for i, metres in zip(near[order], length[order], strict=True)
        if metres > scene.tolerances.equal
        and sound[cover.rows[i]]
        and (district is None or shapely.intersects(district, shapely.point_on_surface(cover.shapes[i])))
    ]


def _off(
    line: Course, county: Course, near: float, reach: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vertices off the other course, both ways, and how far. A vertex farther than `reach` belongs to
    another stretch."""
    west, south, east, north = shapely.bounds(line.line)
    mine, theirs = line.vertices(), county.vertices()
    # What is a vertex of both is not off: on a right border that is all of them.
    cells = [np.rint(v / GRID_METRES) @ np.array([1, 1j]) for v in (mine, theirs)]
    mine, theirs = mine[~np.isin(cells[0], cells[1])], theirs[~np.isin(cells[1], cells[0])]
    beside = (theirs >= (west - reach, south - reach)).all(axis=1) & (
        theirs <= (east + reach, north + reach)
    ).all(axis=1)
    xy = np.concatenate([mine, theirs[beside]])
    metres = np.concatenate(
        [county.distance(mine, reach * 1.01), line.distance(theirs[beside], reach * 1.01)]
    )
    off = (np.round(metres, 6) > near) & (np.round(metres, 6) <= round(reach, 6))
    return xy[off], metres[off]


def _hit(role: Role, scene: Scene, row: int, xy: NDArray[np.float64], metres: NDArray[np.float64]) -> Hit:
    measure = {"count": len(xy), "distance_m": float(metres.max())}
    return Hit(scene.refs(role, row), measure=measure, at=points(xy))
