"""The street network (步行路网): nodes, edges and heights, the same for everybody who walks on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyproj
import scipy.sparse
import scipy.sparse.csgraph
import shapely
from numpy.typing import NDArray

from geo.walking.heights import Ground, bridged, unknown
from geo.walking.model import LIFT, STEPS
from geo.walking.ways import Ways

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]
#: Two vertices of different ways are one place when their seventh decimals of a degree agree (1 cm).
_GRID = 1e7


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes and edges, each edge once.

    lon, lat: (n,) degrees; x, y: metres in the network's own plane; z: (n,) metres, NaN where unknown.
    a, b: (m,) the ends of an edge in its way's direction; length: horizontal metres; kind: index into
    model.KINDS; structure, wheels, one_way: as of its way; way: index into name, hours, fare of the ways.
    """

    lon: Floats
    lat: Floats
    x: Floats
    y: Floats
    z: Floats
    a: Indexes
    b: Indexes
    length: Floats
    kind: NDArray[np.int8]
    structure: NDArray[np.bool_]
    wheels: NDArray[np.bool_]
    one_way: NDArray[np.bool_]
    way: Indexes
    name: NDArray[np.object_]
    hours: NDArray[np.object_]
    fare: NDArray[np.object_]
    plane: pyproj.Transformer
    middle: tuple[float, float]
    source: str = ""
    dated: str = ""

    @property
    def rise(self) -> Floats:
        """Rise of every edge in its own direction, metres; 0 where a height is unknown."""
        out: Floats = np.nan_to_num(self.z[self.b] - self.z[self.a], nan=0.0)
        return out

    @cached_property
    def joinable(self) -> Floats:
        """(m,) metres of streets that hang together with an edge, itself included; 0 for lifts and steps."""
        n = len(self.lon)
        pairs = scipy.sparse.coo_array((np.ones(len(self.a)), (self.a, self.b)), shape=(n, n))
        _, part = scipy.sparse.csgraph.connected_components(pairs, directed=False)
        metres = np.bincount(part[self.a], weights=self.length, minlength=part.max() + 1)
        out = metres[part[self.a]]
        out[self.kind == LIFT] = 0.0
        return np.asarray(out)

    @cached_property
    def tree(self) -> shapely.STRtree:
        ends = np.stack(
            (np.column_stack((self.x, self.y))[self.a], np.column_stack((self.x, self.y))[self.b]), 1
        )
        return shapely.STRtree(shapely.linestrings(ends))

    def to_plane(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        x, y = self.plane.transform(lon, lat)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def to_degrees(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = self.plane.transform(x, y, direction="INVERSE")
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def build(ways: Ways, ground: Ground = unknown) -> Network:
    """The network of ways: they meet where they share a vertex, never where their lines only cross.

    ground: heights of the ground, used where a way brings none of its own. Raises ValueError without ways.
    """
    if not len(ways):
        raise ValueError("no way that anybody may walk on")
    flat = shapely.get_coordinates(ways.lines)
    given = shapely.get_coordinates(ways.lines, include_z=True)[:, 2]
    of = np.repeat(np.arange(len(ways)), shapely.get_num_coordinates(ways.lines))
    place = np.rint(flat * _GRID).astype(np.int64)
    level = np.zeros(len(flat), dtype=np.int64)
    at_lift = _among(place, ways.lifts)
    level[at_lift] = ways.level[of[at_lift]]
    shut = _among(place, ways.closed)
    key, first, node = np.unique(
        np.column_stack((place, level)), axis=0, return_index=True, return_inverse=True
    )
    node = node.ravel()
    lon, lat = flat[first].T
    # A height of its own: the mean of what the ways say of the place.
    has = np.isfinite(given)
    count = np.bincount(node[has], minlength=len(key))
    z = np.bincount(node[has], weights=given[has], minlength=len(key)) / np.where(count, count, 1)
    measured = count > 0
    z = np.where(measured, z, ground(lon, lat))
    inner = np.flatnonzero((of[1:] == of[:-1]) & (node[1:] != node[:-1]))
    inner = inner[~(shut[inner] | shut[inner + 1])]
    a, b, way = node[inner], node[inner + 1], of[inner]
    kind, structure = ways.kind[way], ways.structure[way]
    wheels, one_way = ways.wheels[way], ways.one_way[way]
    names, hours, fares = list(ways.name), list(ways.hours), list(ways.fare)
    lifts = _lift_edges(key, ways, names, hours, fares)
    if lifts:
        more = np.array([(i, j, k) for i, j, k in lifts], dtype=np.intp)
        a, b, way = np.append(a, more[:, 0]), np.append(b, more[:, 1]), np.append(way, more[:, 2])
        size = len(more)
        kind = np.append(kind, np.full(size, LIFT, dtype=np.int8))
        structure = np.append(structure, np.zeros(size, dtype=bool))
        wheels = np.append(wheels, np.ones(size, dtype=bool))
        one_way = np.append(one_way, np.zeros(size, dtype=bool))
    middle = (float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2))
    plane = plane_of(*middle)
    x, y = (np.asarray(v, dtype=np.float64) for v in plane.transform(lon, lat))
    length = np.hypot(x[a] - x[b], y[a] - y[b])
    z = bridged(z, a, b, length, structure, (kind == STEPS) | (kind == LIFT), measured)
    return Network(
        lon, lat, x, y, z, a, b, length, kind, structure, wheels, one_way, way,
        _objects(names), _objects(hours), _objects(fares), plane, middle, ways.source, ways.dated,
    )  # fmt: skip


def split(network: Network, edge: Indexes, share: Floats) -> tuple[Network, Indexes]:
    """The network with a node set into edges at shares (0–1) of their length; and the new nodes.

    edge, share: (k,), k places. Heights and lengths are those along the straight edge, so that no time
    changes. A place at an end of its edge is that node itself.
    """
    places = np.empty(len(edge), dtype=np.intp)
    lon, lat, x, y, z = (list(v) for v in (network.lon, network.lat, network.x, network.y, network.z))
    a, b = network.a.copy(), network.b.copy()
    length = network.length.copy()
    more: list[tuple[int, int, float, int]] = []  # a, b, length, edge it came from
    order = np.lexsort((share, edge))
    for start in _runs(edge[order]):
        run = order[start]
        e = int(edge[run[0]])
        first, last, whole = int(network.a[e]), int(network.b[e]), float(network.length[e])
        here, gone = first, 0.0
        pieces: list[tuple[int, int, float]] = []
        for k in run:
            t = float(share[k])
            if t * whole < 0.01:
                places[k] = first
                continue
            if (1 - t) * whole < 0.01:
                places[k] = last
                continue
            if (t - gone) * whole < 0.01 and here != first:
                places[k] = here
                continue
            for column, values in (
                (lon, network.lon),
                (lat, network.lat),
                (x, network.x),
                (y, network.y),
                (z, network.z),
            ):
                column.append(values[first] * (1 - t) + values[last] * t)
            new = len(lon) - 1
            pieces.append((here, new, (t - gone) * whole))
            places[k], here, gone = new, new, t
        if pieces:
            b[e], length[e] = pieces[0][1], pieces[0][2]
            more += [(i, j, metres, e) for i, j, metres in pieces[1:]]
            more.append((here, last, (1 - gone) * whole, e))
    came = np.array([e for *_, e in more], dtype=np.intp)

    def grown(values: NDArray[Any]) -> NDArray[Any]:
        return np.append(values, values[came])

    return replace(
        network,
        lon=np.array(lon), lat=np.array(lat), x=np.array(x), y=np.array(y), z=np.array(z),
        a=np.append(a, np.array([i for i, *_ in more], dtype=np.intp)),
        b=np.append(b, np.array([j for _, j, *_ in more], dtype=np.intp)),
        length=np.append(length, np.array([m for *_, m, _ in more])),
        kind=grown(network.kind), structure=grown(network.structure), wheels=grown(network.wheels),
        one_way=grown(network.one_way), way=grown(network.way),
    ), places  # fmt: skip


def _runs(values: Indexes) -> list[slice]:
    if not len(values):
        return []
    cuts = np.flatnonzero(np.diff(values)) + 1
    edges = [0, *cuts.tolist(), len(values)]
    return [slice(i, j) for i, j in pairwise(edges)]


def _lift_edges(
    key: NDArray[np.int64], ways: Ways, names: list[str], hours: list[str], fares: list[str]
) -> list[tuple[int, int, int]]:
    """Edges of the lifts that stand at one point: they join the levels that ways reach it on, in order."""
    out: list[tuple[int, int, int]] = []
    for k, (lon, lat) in enumerate(np.rint(ways.lifts * _GRID).astype(np.int64)):
        floors = np.flatnonzero((key[:, 0] == lon) & (key[:, 1] == lat))
        if len(floors) < 2:
            continue
        names.append(ways.lift_names[k])
        hours.append(ways.lift_hours[k])
        fares.append("")
        floors = floors[np.argsort(key[floors, 2])]
        out += [(int(i), int(j), len(names) - 1) for i, j in pairwise(floors)]
    return out


def _among(place: NDArray[np.int64], points: Floats) -> NDArray[np.bool_]:
    """Which places are among points."""
    wanted = {(int(i), int(j)) for i, j in np.rint(points * _GRID).astype(np.int64)}
    if not wanted:
        return np.zeros(len(place), dtype=bool)
    likely = np.isin(place[:, 0], [i for i, _ in wanted])
    for k in np.flatnonzero(likely):
        likely[k] = (int(place[k, 0]), int(place[k, 1])) in wanted
    return likely


def plane_of(lon: float, lat: float) -> pyproj.Transformer:
    """Transverse Mercator about the middle of the network: true to 1 : 100,000 within 25 km of it."""
    here = f"+proj=tmerc +lat_0={lat:.6f} +lon_0={lon:.6f} +k=1 +ellps=GRS80 +units=m +no_defs"
    return pyproj.Transformer.from_crs("EPSG:4490", here, always_xy=True)


def _objects(values: list[str]) -> NDArray[np.object_]:
    out = np.empty(len(values), dtype=object)
    out[:] = values
    return out
