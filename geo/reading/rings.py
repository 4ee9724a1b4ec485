"""Rings (环) and records made from them, whatever numbers they hold: checks judge them, not constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    from geo.reading.shapefile import Shapes


def held(points: NDArray[np.float64], least: int = 4) -> tuple[NDArray[np.float64], bool]:
    """A ring ending where it begins, of at least so many points, and whether it had been left open.

    points: (n, 2) or (n, 3), n >= 1, any numbers. NaN in x or y becomes infinite: NaN equals not even
    itself, so that GEOS refuses a ring beginning with it as one that is not closed, and GE07 speaks of
    both alike. A ring with such numbers is never called open: its ends cannot be compared.
    """
    finite = bool(np.isfinite(points[:, :2]).all())
    if not finite:
        points = points.copy()
        points[:, :2][np.isnan(points[:, :2])] = np.inf
    opened = not bool((points[0, :2] == points[-1, :2]).all())
    if opened:
        points = np.concatenate([points, points[:1]])
    missing = least - len(points)
    if missing > 0:
        points = np.concatenate([points, np.repeat(points[-1:], missing, axis=0)])
    return points, opened and finite


def shape_of(shapes: Shapes, row: int) -> tuple[Any, bool]:
    """One record as a geometry, whatever is wrong with it, and whether a ring had to be closed.

    For the rows that GDAL turns into nothing: rings left open are closed, parts without points stay as
    empty parts (GE01), rings and lines of too few points are kept collapsed (GE06), numbers that are no
    coordinates stay what they are (GE07).
    """
    base = shapes.base(row)
    if base in (None, "Null") or (base != "Point" and not shapes.points[row] and not shapes.parts[row]):
        return (
            shapely.Polygon() if base == "Polygon" else shapely.LineString() if base == "LineString" else None
        ), False
    rings = shapes.rings(row)
    if base == "Point":
        return shapely.points(rings[0])[0], False
    if base == "MultiPoint":
        return shapely.MultiPoint(rings[0]), False
    if base == "LineString":
        lines = [shapely.LineString(_padded(r, 2)) if len(r) else shapely.LineString() for r in rings]
        return (lines[0] if len(lines) == 1 else shapely.multilinestrings(lines)), False
    if base == "MultiPatch":
        return shapely.GeometryCollection([shapely.MultiPoint(np.concatenate(rings))]), False
    opened = False
    shells = []
    for ring in rings:
        if not len(ring):
            shells.append(shapely.Polygon())
            continue
        whole, was_open = held(ring)
        opened = opened or was_open
        shells.append(shapely.Polygon(whole))
    return (shells[0] if len(shells) == 1 else _assembled(shells)), opened


def _padded(points: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    missing = least - len(points)
    return points if missing <= 0 else np.vstack([points[:-1], np.repeat(points[-1:], missing + 1, axis=0)])


def _assembled(shells: list[Any]) -> Any:
    """Rings by direction: an anticlockwise ring is a hole of the shell before it, as writers order them."""
    parts: list[tuple[Any, list[Any]]] = []
    for shell in shells:
        ring = shell.exterior
        hole = not shell.is_empty and len(ring.coords) >= 4 and _turns_left(np.asarray(ring.coords)[:, :2])
        if hole and parts and not parts[-1][0].is_empty:
            parts[-1][1].append(ring)
        else:
            parts.append((shell, []))
    polygons = [shapely.Polygon(s.exterior, h) if h else s for s, h in parts]
    # The class would leave an empty part out, which is what GE01 has to see.
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)


def _turns_left(points: NDArray[np.float64]) -> bool:
    with np.errstate(all="ignore"):
        x, y = (points - points[0]).T
        return bool(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0)
