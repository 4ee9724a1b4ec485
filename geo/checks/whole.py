"""The whole district (区县范围) beside the sum of its units: what lacks and what is too much."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.checks.coverage import area_only, coverage, grid_of, laid_onto, united
from geo.checks.derived import per_scene
from geo.checks.scene import Scene
from geo.network.build import segments
from geo.network.sides import keys

NOTHING = shapely.Polygon()


@per_scene
def against_district(scene: Scene) -> tuple[BaseGeometry, BaseGeometry]:
    """(district without the units, units without the district) as polygons of the plane.

    Asks for scene.published.district. Where both have the same edges, as is the rule, nothing is
    overlaid: that would take longer than every other check of a district together.
    """
    assert scene.published is not None and scene.published.district is not None
    grid, units = grid_of(scene), united(scene)
    district = laid_onto(
        np.array([scene.published.district], dtype=object),
        coverage(scene).shapes[: coverage(scene).own],
        grid,
    )[0]
    edges = [_edges(shape, grid) for shape in (district, units)]
    if edges[0] == edges[1]:
        return NOTHING, NOTHING
    lacking = area_only(np.array([shapely.difference(district, units)], dtype=object))[0]
    beyond = area_only(np.array([shapely.difference(units, district)], dtype=object))[0]
    return lacking, beyond


def _edges(shape: BaseGeometry, grid: float) -> set[bytes]:
    cells = keys(segments(np.array([shape], dtype=object)), grid).to_numpy()
    return {row.tobytes() for row in cells}
