"""CR08 超出本区范围: data outside the district and its margin."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.checks.catalogue import CHECKS
from geo.checks.scene import Scene
from geo.crs.plane import STORED, Plane
from geo.findings import Hit, Ref
from geo.settings import DistrictSettings
from geo.terms import Role, Severity
from geo.text import Text

NOWHERE = Text(
    "图层 {0} 有 {count:.0f} 条记录不在本区附近（换算后坐标已无意义）",
    "{count:.0f} records of layer {0} are nowhere near this district (their coordinates make no sense here)",
)


@CHECKS.rule(
    code="CR08",
    severity=Severity.ERROR,
    generic=None,
    message=Text(
        "图层 {0} 有 {count:.0f} 条记录超出{1}范围，最远的在区外 {distance_m:.0f} 米",
        "{count:.0f} records of layer {0} lie outside {2}, up to {distance_m:.0f} m beyond its edge",
    ),
    remedy=Text(
        "先核对坐标系和分带是否选对、X/Y 是否颠倒；确属外区的图形从本次提交中删去",
        "Check the reference system, the zone and whether X and Y are swapped; take what really belongs to "
        "other districts out of this upload",
    ),
    source="docs/checks.md CR08",
)
def outside(scene: Scene) -> Iterator[Hit]:
    """Records with any part farther than `extent_margin` outside the district, one hit a layer.

    The district is its published outline, else the box of its settings. Left out where the scene's
    plane is not the district's zone: the system is unknown then, and CR01 or CR04 says so.
    """
    here = scene.district
    if here is None or scene.plane.zone is None:
        return
    outline = scene.published.district if scene.published is not None else None
    district = box_in_plane(here, scene.plane) if outline is None else outline
    margin = scene.tolerances.extent_margin
    region = shapely.buffer(district, margin)
    shapely.prepare(region)
    shapely.prepare(district)
    for role in Role:
        frame = scene.frame(role)
        if len(frame) == 0:
            continue
        shapes = frame.geometry.to_numpy()
        finite = _finite(shapes)
        beyond = np.ones(len(shapes), dtype=bool)
        beyond[finite] = _outside(shapes[finite], region)
        for layer in dict.fromkeys(frame["layer"][beyond]):
            rows = np.flatnonzero(beyond & (frame["layer"] == layer).to_numpy())
            placed = rows[finite[rows]]
            refs = (Ref(layer), *scene.refs(role, *rows))
            if not len(placed):
                yield Hit(refs, says=(layer,), measure={"count": len(rows)}, text=NOWHERE)
                continue
            yield Hit(
                refs,
                says=(layer, here.name, here.name_en),
                measure={"count": len(rows), "distance_m": _farthest(shapes[placed], district)},
                at=shapely.box(*shapely.total_bounds(shapes[placed])),
            )


def box_in_plane(district: DistrictSettings, plane: Plane) -> BaseGeometry:
    """The district's box in the scene's plane; a parallel is no straight line there, so with many points."""
    assert plane.zone is not None
    box = shapely.segmentize(shapely.box(*district.box), 0.01)
    shape: BaseGeometry = Plane(STORED, plane.zone, (1.0, 1.0), True).project(box)
    return shape


def _finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _outside(shapes: NDArray[np.object_], region: BaseGeometry) -> NDArray[np.bool_]:
    """Which shapes have a vertex outside. Vertices alone are asked for: invalid polygons are no danger then."""
    beyond = ~shapely.covers(region, shapely.box(*shapely.bounds(shapes).T))
    rows = np.flatnonzero(beyond)
    coordinates, owner = shapely.get_coordinates(shapes[rows], return_index=True)
    out = ~shapely.intersects_xy(region, coordinates[:, 0], coordinates[:, 1])
    beyond[:] = False
    beyond[rows[np.unique(owner[out])]] = True
    return np.asarray(beyond)


def _farthest(shapes: NDArray[np.object_], district: BaseGeometry) -> float:
    points = shapely.points(shapely.get_coordinates(shapes))
    return float(shapely.distance(points, district).max())
