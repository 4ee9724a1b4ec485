"""TP13 与县级界线不符: the district's border differs from the county line in force."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks.apart import MANY
from geo.checks.catalogue import CHECKS
from geo.checks.needs import needs
from geo.checks.scene import Scene
from geo.checks.unit_keys import unit_keys
from geo.checks.vertices import points
from geo.findings import Hit
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
    source="checks.md §2.5; 行政区域界线管理条例 (国务院令第353号) 第十四条",
)
@needs("county_line", of=(Role.LINES, Role.POLYGONS))
def county_line(scene: Scene) -> Iterator[Hit]:
    """Borders of polygons, and lines of the district's edge, against the county line (县级界线).

    A stretch of a polygon's border belongs to the county line where it runs within `displacement` of
    it; a line does as a whole where one of its units is of another district, or most of it runs there.
    `at` is the vertices, of either, that are over `equal` off.
    """
    assert scene.published is not None and scene.published.county_line is not None
    county, t = scene.published.county_line, scene.tolerances
    shapely.prepare(county)
    for row, shape in enumerate(scene.polygons.geometry):
        yield from _off(scene, Role.POLYGONS, row, shapely.boundary(shape), county, t.displacement)
    sides = [unit_keys(scene, Role.LINES, side) for side in ("left", "right")]
    for row, shape in enumerate(scene.lines.geometry):
        near = shapely.dwithin(county, _stations(shape), t.displacement)
        edge = scene.district is not None and any(
            code is not None and not code.startswith(scene.district.code) for code in (s[row] for s in sides)
        )
        if edge:
            yield from _off(scene, Role.LINES, row, shape, county, float("inf"))
        elif near.mean() > 0.5:
            yield from _off(scene, Role.LINES, row, shape, county, t.displacement)


def _stations(line: BaseGeometry) -> np.ndarray:
    """Points every metre, or as many as there may be."""
    step = max(1.0, shapely.length(line) / MANY)
    return np.asarray(shapely.points(shapely.get_coordinates(shapely.segmentize(line, step))))


def _off(
    scene: Scene, role: Role, row: int, line: BaseGeometry, county: BaseGeometry, reach: float
) -> Iterator[Hit]:
    """Vertices off the other course, both ways; a county vertex counts where the line passes it."""
    near = scene.tolerances.equal
    mine = shapely.points(np.unique(shapely.get_coordinates(line), axis=0))
    theirs = shapely.points(np.unique(shapely.get_coordinates(county), axis=0))
    shapely.prepare(line)
    out, back = shapely.distance(county, mine), shapely.distance(line, theirs)
    # A county vertex far from this line is another stretch's.
    limit = max(scene.tolerances.displacement, float(out.max())) if reach == float("inf") else reach
    off = np.concatenate([mine[_between(out, near, reach)], theirs[_between(back, near, min(reach, limit))]])
    metres = np.concatenate([out[_between(out, near, reach)], back[_between(back, near, min(reach, limit))]])
    if len(off):
        yield Hit(
            scene.refs(role, row),
            measure={"count": len(off), "distance_m": float(metres.max())},
            at=points(shapely.get_coordinates(off)),
        )


def _between(metres: np.ndarray, low: float, high: float) -> np.ndarray:
    rounded = np.round(metres, 6)
    return np.asarray((rounded > low) & (rounded <= high))
