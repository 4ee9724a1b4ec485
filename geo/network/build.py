"""Line network (界线网) built from lines: everything on one grid, cut where lines meet, arcs that know
which line they come from and what lies on either side of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

#: Storage grid: 0.1 mm, in metres and in degrees of latitude.
GRID_METRES = 1e-4
GRID_DEGREES = 1e-9


def to_grid(geometries: NDArray[np.object_], grid: float) -> NDArray[np.object_]:
    """Vertices moved to the grid, one by one: the same place moves to the same place in every geometry.

    geometries: (n,) of any type, coordinates in the grid's unit. Unlike `set_precision` nothing is
    dropped or merged, so a fold may become invalid: whoever needs valid shapes mends them.
    """
    # By the whole number that GEOS's precision model uses too, so both give the same last bit.
    scale = float(round(1 / grid))
    return np.asarray(shapely.transform(geometries, lambda c: np.rint(c * scale) / scale), dtype=object)


@dataclass(frozen=True)
class Segments:
    """Directed segments of lines or rings.

    start, end: (m, 2). owner: (m,) position of the geometry they come from.
    """

    start: NDArray[np.float64]
    end: NDArray[np.float64]
    owner: NDArray[np.intp]

    @property
    def length(self) -> NDArray[np.float64]:
        return np.asarray(np.hypot(*(self.end - self.start).T))

    def lines(self) -> NDArray[np.object_]:
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)


def segments(geometries: NDArray[np.object_]) -> Segments:
    """Segments of lines in their direction; of polygons with the inside on the left.

    geometries: (n,) lines or polygons, single or multi. Zero-length segments are left out.
    """
    dimension = shapely.get_dimensions(geometries)
    areas = dimension == 2
    pieces: list[NDArray[np.object_]] = []
    owners: list[NDArray[np.intp]] = []
    if (~areas).any():
        parts, index = shapely.get_parts(geometries[~areas], return_index=True)
        pieces.append(parts)
        owners.append(np.flatnonzero(~areas)[index])
    if areas.any():
        parts, index = shapely.get_parts(geometries[areas], return_index=True)
        # Shells anticlockwise, holes clockwise: the inside is on the left of both.
        rings, ring_of = shapely.get_rings(
            shapely.orient_polygons(parts, exterior_cw=False), return_index=True
        )
        pieces.append(rings)
        owners.append(np.flatnonzero(areas)[index[ring_of]])
    if not pieces:
        return Segments(np.empty((0, 2)), np.empty((0, 2)), np.empty(0, dtype=np.intp))
    lines, owner = np.concatenate(pieces), np.concatenate(owners)
    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    along = line[:-1] == line[1:]
    along &= (coordinates[:-1] != coordinates[1:]).any(axis=1)
    return Segments(coordinates[:-1][along], coordinates[1:][along], owner[line[:-1][along]])


def clusters(xy: NDArray[np.float64], near: float) -> NDArray[np.intp]:
    """Number of the place of each point: points that a chain of steps up to `near` joins are one place.

    xy: (n, 2), near in the same unit. Returns (n,), the position of the first point of the place.
    """
    label = np.arange(len(xy))
    if len(xy) < 2:
        return label
    points = shapely.points(xy)
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=near)
    while True:
        lowest = label.copy()
        np.minimum.at(lowest, a, label[b])
        lowest = lowest[lowest]
        if (lowest == label).all():
            return label
        label = lowest


@dataclass(frozen=True)
class Network:
    """Lines cut where they meet.

    arcs: (k,) LineStrings, each used once however many lines run over it. line: (k,) position of the
    line that an arc comes from. along: (k,) True where the arc runs in that line's direction.
    longest: segment of each arc that stands for it, (k, 2, 2).
    """

    arcs: NDArray[np.object_]
    line: NDArray[np.intp]
    along: NDArray[np.bool_]
    longest: NDArray[np.float64]


def network(lines: NDArray[np.object_], grid: float) -> Network:
    """Cut lines at every crossing and touch.

    lines: (n,) LineStrings or MultiLineStrings, not on the grid yet. Returns arcs on the grid; their
    ends are the nodes. Noding is GEOS's union at the grid's precision: right for a district's lines,
    not for the rings of ten thousand polygons (it takes 6.7 GiB there).
    """
    rounded = to_grid(lines, grid)
    present = ~(shapely.is_missing(rounded) | shapely.is_empty(rounded))
    if not present.any():
        nothing = np.empty(0, dtype=object)
        return Network(nothing, np.empty(0, np.intp), np.empty(0, np.bool_), np.empty((0, 2, 2)))
    whole = shapely.union_all(rounded[present], grid_size=grid)
    arcs = shapely.get_parts(shapely.line_merge(whole))
    arcs = _cut_at(arcs, _ends(rounded[present]), grid)
    pieces = segments(arcs)
    # The longest segment of an arc stands for it: the last one in order of owner and length.
    order = np.lexsort((pieces.length, pieces.owner))
    last = order[np.flatnonzero(np.r_[np.diff(pieces.owner[order]) > 0, True])]
    longest = np.stack([pieces.start[last], pieces.end[last]], axis=1)
    source = segments(rounded)
    tree = shapely.STRtree(source.lines())
    _, nearest = tree.query_nearest(shapely.points(longest.mean(axis=1)), all_matches=False)
    direction = ((longest[:, 1] - longest[:, 0]) * (source.end - source.start)[nearest]).sum(axis=1)
    return Network(
        np.asarray(arcs, dtype=object),
        np.asarray(source.owner[nearest], dtype=np.intp),
        np.asarray(direction > 0),
        longest,
    )


def _ends(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    parts = shapely.get_parts(lines)
    points = np.concatenate([shapely.get_point(parts, 0), shapely.get_point(parts, -1)])
    return np.asarray(np.unique(shapely.get_coordinates(points), axis=0))


def _cut_at(arcs: NDArray[np.object_], ends: NDArray[np.float64], grid: float) -> NDArray[np.object_]:
    """line_merge joins two lines that meet end to end: cut them there again, so that an arc has one
    line only, with that line's units on either side."""
    pieces = segments(arcs)
    if not len(pieces.owner):
        return arcs
    place = {tuple(e) for e in np.rint(ends / grid).astype(np.int64).tolist()}
    answer: list[NDArray[np.object_]] = []
    for arc in arcs:
        coordinates = shapely.get_coordinates(arc)
        keys = np.rint(coordinates / grid).astype(np.int64).tolist()
        cuts = [i for i, key in enumerate(keys[1:-1], 1) if tuple(key) in place]
        bounds = [0, *cuts, len(coordinates) - 1]
        answer.append(
            np.array(
                [shapely.LineString(coordinates[a : b + 1]) for a, b in pairwise(bounds)],
                dtype=object,
            )
        )
    return np.concatenate(answer)
