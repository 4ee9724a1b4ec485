"""Polygonise (由界线构面): the polygons of units out of the lines between them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.network.build import GRID_DEGREES, GRID_METRES, Network, network, segments
from geo.network.sides import keys


@dataclass(frozen=True)
class Conflict:
    """A face that its lines give to several units.

    codes: every code claimed, the longest border first, the one taken in front.
    """

    face: shapely.Polygon
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Derived:
    """What a network of lines closes up to.

    polygons: columns code, geometry (Polygon or MultiPolygon); one row a code, by code. In the
    lines' CRS, on the grid. unnamed: faces that no line gives a code (outside units, holes).
    dangles, cuts: (n,) pieces of line that border no face, or the same face on both sides.
    conflicts: faces with lines that disagree.
    """

    polygons: geopandas.GeoDataFrame
    unnamed: NDArray[np.object_]
    dangles: NDArray[np.object_]
    cuts: NDArray[np.object_]
    conflicts: tuple[Conflict, ...]


def polygons(lines: geopandas.GeoDataFrame, *, grid: float | None = None) -> geopandas.GeoDataFrame:
    """Township polygons (乡镇政区面) of a network of lines: `derive(lines).polygons`."""
    return derive(lines, grid=grid).polygons


def derive(lines: geopandas.GeoDataFrame, *, grid: float | None = None) -> Derived:
    """Close lines up to faces and give each the code that its lines say lies there.

    lines: columns code, left_code, right_code (None where unknown or outside), geometry
    (LineString or MultiLineString; left and right as seen along it). CRS: a plane in metres, or
    EPSG:4490. grid: vertices are moved to it first; by default 0.1 mm in the CRS's unit.
    Neighbouring polygons share their border vertex for vertex, as the lines have it. Faces of one
    code that touch become one polygon; others of that code are further parts (exclaves).
    """
    if grid is None:
        geographic = lines.crs is not None and lines.crs.is_geographic
        grid = GRID_DEGREES if geographic else GRID_METRES
    net = network(np.asarray(lines.geometry.to_numpy(), dtype=object), grid)
    faces, cuts, dangles, _ = shapely.polygonize_full(net.arcs)
    faces = shapely.get_parts(faces)
    claims = _claims(lines, net, faces, grid)
    taken: dict[str, list[int]] = {}
    conflicts: list[Conflict] = []
    named = np.zeros(len(faces), dtype=bool)
    for face, votes in claims.groupby("face"):
        codes = tuple(votes.groupby("code")["length"].sum().sort_values(ascending=False, kind="stable").index)
        named[int(str(face))] = True
        taken.setdefault(codes[0], []).append(int(str(face)))
        if len(codes) > 1:
            conflicts.append(Conflict(faces[int(str(face))], codes))
    codes_ = sorted(taken)
    shapes = [_joined(faces[taken[code]]) for code in codes_]
    frame = geopandas.GeoDataFrame(
        {"code": pd.Series(codes_, dtype=object)},
        geometry=geopandas.GeoSeries(shapes, index=range(len(shapes)), crs=lines.crs),
        crs=lines.crs,
    )
    return Derived(
        frame,
        np.asarray(faces[~named], dtype=object),
        np.asarray(shapely.get_parts(dangles), dtype=object),
        np.asarray(shapely.get_parts(cuts), dtype=object),
        tuple(conflicts),
    )


def _joined(faces: NDArray[np.object_]) -> shapely.Geometry:
    # Faces of one network share edges exactly, which is all that a coverage union asks.
    return faces[0] if len(faces) == 1 else shapely.coverage_union_all(faces)


def _claims(
    lines: geopandas.GeoDataFrame, net: Network, faces: NDArray[np.object_], grid: float
) -> pd.DataFrame:
    """Which code each arc says lies in the face beside it: columns face, code, length."""
    empty = pd.DataFrame({"face": [], "code": [], "length": []})
    if not len(faces) or not len(net.arcs):
        return empty
    around = segments(faces)
    table = keys(around, grid).assign(face=around.owner)
    length = shapely.length(net.arcs)
    left, right = (lines[name].to_numpy(dtype=object)[net.line] for name in ("left_code", "right_code"))
    answer = []
    # A face's own edges have it on their left; so the edge that runs like the arc is the left face's.
    for start, end, on_left in ((0, 1, True), (1, 0, False)):
        cells = np.rint(np.concatenate([net.longest[:, start], net.longest[:, end]], axis=1) / grid).astype(
            np.int64
        )
        mine = pd.DataFrame(cells, columns=["x0", "y0", "x1", "y1"])
        mine["length"] = length
        mine["code"] = np.where(net.along == on_left, left, right)
        answer.append(mine.merge(table, on=["x0", "y0", "x1", "y1"])[["face", "code", "length"]])
    claims = pd.concat(answer, ignore_index=True)
    return claims[claims["code"].notna() & (claims["code"] != "")]
