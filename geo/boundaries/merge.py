"""Merge (成果并入): an accepted upload laid into the published state. What is new, what is the same, what is
not to be touched; and the township polygons that the lines close up to.

Positions here are EPSG:4490 on the storage grid of 1e-9 degree (0.1 mm). A vertex within the tolerance of
equality of a published one becomes that one, so that the same boundary uploaded in another zone, or with
other neighbours, is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.crs.plane import METRES_PER_DEGREE
from geo.network.borders import outer_border
from geo.network.build import GRID_DEGREES, to_grid
from geo.network.polygonise import derive

STORED_SRID = 4490


@dataclass(frozen=True, slots=True)
class Settling:
    """Positions that new geometry settles on: (n, 2), EPSG:4490, and how near they count as equal."""

    positions: NDArray[np.float64]
    tolerance_m: float

    def apply(self, shape: BaseGeometry) -> BaseGeometry:
        """The shape on the storage grid, its vertices on published positions where they are equal."""
        rounded = to_grid(np.array([shape], dtype=object), GRID_DEGREES)[0]
        if not len(self.positions):
            return rounded
        middle = float(np.mean(self.positions[:, 1]))
        scale = np.array([METRES_PER_DEGREE * np.cos(np.radians(middle)), METRES_PER_DEGREE])
        tree = cKDTree(self.positions * scale)

        def settle(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
            far, which = tree.query(coordinates * scale, distance_upper_bound=self.tolerance_m)
            near = np.isfinite(far)
            answer = coordinates.copy()
            answer[near] = self.positions[which[near]]
            return answer

        return shapely.remove_repeated_points(shapely.transform(rounded, settle))


def same_shape(a: BaseGeometry, b: BaseGeometry, tolerance_m: float) -> bool:
    """Whether two shapes are one within the tolerance, whatever their start, direction and extra vertices."""
    if a.geom_type != b.geom_type and {a.geom_type, b.geom_type} != {"Polygon", "MultiPolygon"}:
        return False
    middle = np.radians(float(shapely.get_coordinates(a)[:, 1].mean()))
    scale = np.array([METRES_PER_DEGREE * np.cos(middle), METRES_PER_DEGREE])
    x, y = shapely.transform(np.array([a, b], dtype=object), lambda c: c * scale)
    if shapely.get_dimensions(x) == 2:
        x, y = shapely.boundary(x), shapely.boundary(y)
    return bool(shapely.hausdorff_distance(x, y) <= tolerance_m)


def derived_units(
    lines: geopandas.GeoDataFrame,
    outlines: Mapping[str, BaseGeometry],
    district: Iterable[str],
    pairs: Sequence[tuple[str, str]],
) -> dict[str, BaseGeometry]:
    """The township polygons that the lines close up to, for units whose every border is an accepted line
    or the district's own.

    lines: columns code, left_code, right_code, geometry: all accepted lines in force, EPSG:4490.
    outlines: the outlines in use, by code, of which the outer border is the district's. district: codes
    of the units that may be derived. pairs: the two units of every line to be demarcated in the district.
    A unit is left out where the lines contradict each other around it, or where what they enclose has
    little to do with its outline in use.
    """
    if lines.empty or not outlines:
        return {}
    have = {tuple(sorted(p)) for p in zip(lines["left_code"], lines["right_code"], strict=True)}
    bare = {unit for pair in pairs if tuple(sorted(pair)) not in have for unit in pair}
    border = to_grid(np.asarray([outer_border(outlines.values())], dtype=object), GRID_DEGREES)
    ring = geopandas.GeoDataFrame(
        {"code": ["border"], "left_code": [None], "right_code": [None]},
        geometry=list(border),
        crs=STORED_SRID,
    )
    columns = ["code", "left_code", "right_code", "geometry"]
    found = derive(pd.concat([lines[columns], ring[columns]], ignore_index=True))
    doubtful = {code for conflict in found.conflicts for code in conflict.codes}
    answer: dict[str, BaseGeometry] = {}
    for code, shape in zip(found.polygons["code"], found.polygons.geometry, strict=True):
        if code not in set(district) or code in bare or code in doubtful or code not in outlines:
            continue
        if overlap_share(shape, outlines[code]) > 0.5:
            answer[code] = shape
    return answer


def overlap_share(a: BaseGeometry, b: BaseGeometry) -> float:
    """Common area over joint area; 1 for the same shape."""
    common = shapely.area(shapely.intersection(a, b))
    return float(common / (shapely.area(a) + shapely.area(b) - common))


def number_of(value: Any) -> float | None:
    """A number as the file states it; None where it states none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def text_of(value: Any) -> str | None:
    """A text as the file states it, without blanks around it; None where there is none."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    words = str(value).strip()
    return words or None
