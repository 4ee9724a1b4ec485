"""TP13 与县级界线不符: the district's border differs from the county line in force."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.checks.catalogue import CHECKS
from geo.checks.coverage import coverage, united
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.checks.unit_keys import unit_keys
from geo.checks.vertices import points
from geo.findings import Hit
from geo.network.build import GRID_METRES
from geo.network.course import Course
from geo.terms import Role, Severity
from geo.text import Text


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
    source="docs/checks.md; 行政区域界线管理条例 (国务院令第353号) 第十四条",
)
@needs("county_line", of=(Role.LINES, Role.POLYGONS))
def county_line(scene: Scene) -> Iterator[Hit]:
    """Borders of polygons, and lines of the district's edge, against the county line (县级界线).

    A stretch of the polygons' outer border belongs to the county line where it runs within
    `displacement` of it; a line does as a whole where one of its units is of another district, or most of it runs there.
    `at` is the vertices, of either, that are over `equal` off.
    """
    assert scene.published is not None and scene.published.county_line is not None
    county, t = Course(scene.published.county_line), scene.tolerances
    cover = coverage(scene)
    if cover.own:
        outer = Course(shapely.boundary(united(scene)))
        off, metres = _off(outer, county, t.equal, t.displacement)
        tree = shapely.STRtree(cover.shapes[: cover.own])
        place, polygon = tree.query(shapely.points(off), predicate="dwithin", distance=t.displacement)
        for i in np.unique(polygon):
            mine = place[polygon == i]
            yield _hit(Role.POLYGONS, scene, int(cover.rows[i]), off[mine], metres[mine])
    sides = [unit_keys(scene, Role.LINES, side) for side in ("left", "right")]
    for row, shape in enumerate(scene.lines.geometry):
        line = Course(shape)
        edge = scene.district is not None and any(
            code is not None and not code.startswith(scene.district.code) for code in (s[row] for s in sides)
        )
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
