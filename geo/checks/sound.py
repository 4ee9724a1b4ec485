"""Soundness (几何可用性) of geometries as read: what must be known before GEOS is asked anything.

A polygon with an empty ring or part passes `is_valid`, and then `overlaps`, `relate` and `covers` end
the process; NaN makes rings that do not close. So these three masks come first, and rows that they
name never reach a scene's frames.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.crs.plane import Plane
from geo.terms import Role

POINT, LINE, RING, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON, COLLECTION = range(8)

#: Geometry types that a role may hold; a multipart line is let in and reported by GE09.
TYPES: dict[Role, tuple[int, ...]] = {
    Role.LINES: (LINE, RING, MULTILINE),
    Role.MARKERS: (POINT,),
    Role.TRIPOINTS: (POINT,),
    Role.POLYGONS: (POLYGON, MULTIPOLYGON),
}


def hollow(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Null or empty, or with any empty part or ring.

    geometries: (n,) of any type, missing ones too. Returns (n,), True where nothing may be asked of it.
    """
    found = shapely.is_missing(geometries) | shapely.is_empty(geometries)
    # One way through all levels: collections in collections, then parts, then rings.
    pieces, owner = geometries[~found], np.flatnonzero(~found)
    for _ in range(64):
        nested = shapely.get_type_id(pieces) >= MULTIPOINT
        if not nested.any():
            break
        deeper, index = shapely.get_parts(pieces[nested], return_index=True)
        counts = shapely.get_num_geometries(pieces[nested])
        found[owner[nested][counts == 0]] = True
        pieces = np.concatenate([pieces[~nested], deeper])
        owner = np.concatenate([owner[~nested], owner[nested][index]])
    found[owner[shapely.is_empty(pieces)]] = True
    holed = shapely.get_num_interior_rings(pieces) > 0
    if holed.any():
        rings, index = shapely.get_rings(pieces[holed], return_index=True)
        found[owner[holed][index[shapely.is_empty(rings)]]] = True
        # get_rings may leave an empty ring out: then there are fewer than the polygon counts.
        expected = shapely.get_num_interior_rings(pieces[holed]) + 1
        seen = np.bincount(index, minlength=len(expected))
        found[owner[holed][seen < expected]] = True
    return np.asarray(found)


def far(geometries: NDArray[np.object_], limit: float) -> NDArray[np.bool_]:
    """With a coordinate that is NaN, infinite, or beyond `limit` in file units (GE07).

    geometries: (n,), missing ones too (False). Returns (n,).
    """
    found = np.zeros(len(geometries), dtype=bool)
    coordinates = shapely.get_coordinates(geometries)
    if not len(coordinates):
        return found
    # One pass without an index first: on a sound file there is nothing to attribute.
    with np.errstate(invalid="ignore"):
        low, high = coordinates.min(), coordinates.max()
    if np.isfinite(low) and np.isfinite(high) and -limit <= low and high <= limit:
        return found
    coordinates, index = shapely.get_coordinates(geometries, return_index=True)
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(coordinates) <= limit).all(axis=1)
    found[np.unique(index[wrong])] = True
    return found


def odd(geometries: NDArray[np.object_], role: Role | None) -> NDArray[np.bool_]:
    """Of a type that the role cannot hold (GE08); of no role: collections.

    geometries: (n,), missing ones too (False). A bundle of points is no marker even where it holds one:
    the table of markers has a row a point.
    """
    kinds = shapely.get_type_id(geometries)
    if role is None:
        return np.asarray(kinds == COLLECTION)
    return np.asarray(~np.isin(kinds, (*TYPES[role], -1)))


def sound(geometries: NDArray[np.object_], role: Role | None, limit: float) -> NDArray[np.bool_]:
    """Rows that checks may work on: neither hollow, nor far, nor odd."""
    return np.asarray(~(hollow(geometries) | far(geometries, limit) | odd(geometries, role)))


def plain(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Multi geometries of one part as that part: shapefiles and GeoPackages write every line as multi."""
    answer = geometries.copy()
    kinds = shapely.get_type_id(geometries)
    one = (kinds >= MULTIPOINT) & (kinds <= MULTIPOLYGON) & (shapely.get_num_geometries(geometries) == 1)
    answer[one] = shapely.get_geometry(geometries[one], 0)
    return answer


def layer_rows(frame: Any) -> NDArray[np.object_]:
    """The geometry column of a layer as a plain array."""
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def place_of(scene_plane: Plane, source: pyproj.CRS | None, geometry: BaseGeometry) -> BaseGeometry | None:
    """A place in the plane for a geometry that cannot go there whole: its first finite vertex.

    source: the layer's own system, which in a scene of several layers need not be the plane's.
    """
    coordinates = shapely.get_coordinates(geometry)
    with np.errstate(invalid="ignore"):
        good = coordinates[(np.abs(coordinates) < 1e9).all(axis=1)]
    if not len(good):
        return None
    plane = replace(scene_plane, source=source) if scene_plane.zone is not None else scene_plane
    moved: BaseGeometry = plane.project(shapely.Point(good[0]))
    return moved if bool(np.isfinite(shapely.get_coordinates(moved)).all()) else None
