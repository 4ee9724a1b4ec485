"""What is within reach (可达范围): there and back from a place, the nearest facility of every node, circles."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyproj
import scipy.sparse
import scipy.sparse.csgraph
import shapely
from numpy.typing import NDArray

from geo.text import Text
from geo.walking.graph import Graph
from geo.walking.model import Model, Profile

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]
_GEOD = pyproj.Geod(ellps="GRS80")
#: Facilities that are searched from in one call.
BATCH = 16


class Method(StrEnum):
    """How a time was found (计算方法); what a map must say beside it."""

    NETWORK = "network"
    STRAIGHT = "straight"


METHODS: dict[Method, Text] = {
    Method.NETWORK: Text("按步行路网计算", "By the street network"),
    Method.STRAIGHT: Text(
        "附近没有路网数据，按直线距离估算，不考虑坡坎",
        "No streets known here: estimated by the straight line, without slopes or steps",
    ),
}


@dataclass(frozen=True, eq=False)
class Reach:
    """Seconds from a place to every node (there) and from every node to it (back); infinite beyond limit.

    edge, share: where the place joins the network; leg: seconds between the place and the street.
    """

    graph: Graph
    there: Floats
    back: Floats
    limit: float
    edge: int
    share: float
    leg: float

    @property
    def both(self) -> Floats:
        """The longer of there and back: what a circle counts."""
        return np.maximum(self.there, self.back)


def reach(graph: Graph, lon: float, lat: float, limit: float) -> Reach | None:
    """What can be reached from a place within limit seconds; None where no street is near."""
    edge, share, metres = graph.joined(np.array([lon]), np.array([lat]))
    if edge[0] < 0:
        return None
    e, s = int(edge[0]), float(share[0])
    net = graph.network
    leg = float(metres[0]) / graph.model.speed(graph.profile)
    a, b = int(net.a[e]), int(net.b[e])
    to_a, to_b = leg + s * float(graph.against[e]), leg + (1 - s) * float(graph.along[e])
    from_a, from_b = leg + s * float(graph.along[e]), leg + (1 - s) * float(graph.against[e])
    forward = _seeded(graph.forward, {a: to_a, b: to_b}, limit)
    back = _seeded(graph.reverse, {a: from_a, b: from_b}, limit)
    return Reach(graph, forward, back, limit, e, s, leg)


def _seeded(matrix: scipy.sparse.csr_array, seeds: dict[int, float], limit: float) -> Floats:
    """Seconds to every node from nodes that are themselves reached at the times given."""
    out = np.full(matrix.shape[0], np.inf)
    for node, seconds in seeds.items():
        if seconds <= limit:
            found = scipy.sparse.csgraph.dijkstra(matrix, indices=node, limit=limit - seconds)
            np.minimum(out, found + seconds, out=out)
    return out


def nearest(graph: Graph, places: Indexes, limit: float) -> tuple[Floats, Indexes]:
    """The facility that every node reaches first, one way: seconds, and its place in `places` (-1: none)."""
    node = np.asarray(places)
    asked = np.flatnonzero(node >= 0)
    n = graph.forward.shape[0]
    if not len(asked):
        return np.full(n, np.inf), np.full(n, -1, dtype=np.intp)
    seconds, _, source = scipy.sparse.csgraph.dijkstra(
        graph.reverse, indices=node[asked], min_only=True, limit=limit, return_predecessors=True
    )
    of_node = np.full(n + 1, -1, dtype=np.intp)
    of_node[node[asked[::-1]] + 1] = asked[::-1]
    # Where nothing is reached the source is negative, and its place the first, which says so.
    return seconds, np.take(of_node, source + 1, mode="clip")


def nearest_both(graph: Graph, places: Indexes, limit: float) -> tuple[Floats, Indexes]:
    """The facility that every node can reach and come back from soonest, exact: the least of all maxima."""
    n = graph.forward.shape[0]
    best, which = np.full(n, np.inf), np.full(n, -1, dtype=np.intp)
    nodes = np.asarray(places)
    asked = np.flatnonzero(nodes >= 0)
    # Some at a time: a call costs as much as a small search, all at once would need gigabytes.
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        there = scipy.sparse.csgraph.dijkstra(graph.reverse, indices=nodes[some], limit=limit)
        back = scipy.sparse.csgraph.dijkstra(graph.forward, indices=nodes[some], limit=limit)
        for k, to, fro in zip(some, there, back, strict=True):
            seconds = np.maximum(to, fro, out=to)
            near = np.flatnonzero(seconds < best)
            best[near], which[near] = seconds[near], k
    return best, which


def to_and_from(graph: Graph, node: int, limit: float) -> Floats:
    """The longer of the ways from every node to one and back, seconds; infinite beyond limit."""
    there = scipy.sparse.csgraph.dijkstra(graph.reverse, indices=node, limit=limit)
    back = scipy.sparse.csgraph.dijkstra(graph.forward, indices=node, limit=limit)
    out: Floats = np.maximum(there, back, out=there)
    return out


def straight(lon: float, lat: float, lons: Floats, lats: Floats, profile: Profile, model: Model) -> Floats:
    """Seconds by the straight line times the detour factor, at the flat speed: the labelled fallback."""
    _, _, metres = _GEOD.inv(
        np.full(len(lons), lon), np.full(len(lats), lat), np.asarray(lons), np.asarray(lats)
    )
    return np.asarray(metres, dtype=np.float64) * model.detour / model.speed(profile)


def pieces(found: Reach) -> NDArray[np.object_]:
    """The parts of streets within reach there and back, as LineStrings in the network's plane.

    Along an edge a point counts if it is reached in time from either end and left in time by either end.
    """
    g, net, limit = found.graph, found.graph.network, found.limit
    a, b = net.a, net.b
    near = np.flatnonzero(
        (np.isfinite(found.there[a]) | np.isfinite(found.there[b]))
        & (np.isfinite(found.back[a]) | np.isfinite(found.back[b]))
    )
    a, b, along, against = a[near], b[near], g.along[near], g.against[near]

    def share(left: Floats, seconds: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            part = np.clip((limit - left) / seconds, 0.0, 1.0)
        return np.where(np.isfinite(left) & np.isfinite(seconds), part, -1.0)

    in_a, in_b = share(found.there[a], along), share(found.there[b], against)
    out_a, out_b = share(found.back[a], against), share(found.back[b], along)
    starts = np.concatenate((np.zeros(len(near)), 1 - np.minimum(in_b, out_b), 1 - out_b, 1 - in_b))
    stops = np.concatenate((np.minimum(in_a, out_a), np.ones(len(near)), in_a, out_a))
    valid = (
        np.concatenate(((in_a >= 0) & (out_a >= 0), (in_b >= 0) & (out_b >= 0), (in_a >= 0) & (out_b >= 0),
                        (in_b >= 0) & (out_a >= 0)))
    )  # fmt: skip
    # Most streets are reached from end to end: one piece says that.
    whole = np.tile((np.minimum(in_a, out_a) >= 1) | (np.minimum(in_b, out_b) >= 1), 4)
    starts[whole], stops[whole] = 0.0, 1.0
    valid[whole] = False
    valid[: len(near)] |= whole[: len(near)]
    kept = valid & (stops - starts > 1e-9)
    e = np.tile(np.arange(len(near)), 4)[kept]
    starts, stops = starts[kept], stops[kept]
    first = np.column_stack((net.x[a[e]], net.y[a[e]]))
    last = np.column_stack((net.x[b[e]], net.y[b[e]]))
    lines = np.stack(
        (first + (last - first) * starts[:, None], first + (last - first) * stops[:, None]), axis=1
    )
    out = np.asarray(shapely.linestrings(lines), dtype=object)
    own = _own_piece(found)
    return np.append(out, own) if own is not None else out


def _own_piece(found: Reach) -> shapely.LineString | None:
    """The stretch of the place's own edge that is reached without passing an end of it."""
    g, net, e, s = found.graph, found.graph.network, found.edge, found.share
    left = found.limit - found.leg
    worst = max(g.along[e], g.against[e])
    if left <= 0 or not np.isfinite(worst):
        return None
    part = left / max(worst, 1e-9)
    low, high = max(0.0, s - part), min(1.0, s + part)
    first = np.array((net.x[net.a[e]], net.y[net.a[e]]))
    last = np.array((net.x[net.b[e]], net.y[net.b[e]]))
    return shapely.LineString([first + (last - first) * low, first + (last - first) * high])


def area(found: Reach) -> shapely.Geometry:
    """The circle (步行圈) as an area in degrees: the streets within reach, drawn area_width to each side."""
    lines = pieces(found)
    net = found.graph.network
    # Buffers first, then one union: ten times quicker than the buffer of a dense net of lines.
    drawn = shapely.union_all(shapely.buffer(lines, found.graph.model.area_width, quad_segs=3))
    parts = [_without_holes(p) for p in shapely.get_parts(drawn)]
    whole = shapely.simplify(shapely.union_all(parts), 2.0)
    return shapely.transform(whole, lambda c: np.round(np.column_stack(net.to_degrees(c[:, 0], c[:, 1])), 6))


def lines(found: Reach) -> shapely.Geometry:
    """The streets within reach as lines in degrees, joined where they meet."""
    net = found.graph.network
    joined = shapely.line_merge(shapely.multilinestrings(pieces(found)))
    return shapely.transform(joined, lambda c: np.round(np.column_stack(net.to_degrees(c[:, 0], c[:, 1])), 6))


def _without_holes(shape: shapely.Polygon, least_m2: float = 10_000.0) -> shapely.Polygon:
    """Without the holes that are smaller than a hectare: courtyards and blocks, not hills."""
    holes = [r for r in shape.interiors if shapely.area(shapely.Polygon(r)) >= least_m2]
    return shapely.Polygon(shape.exterior, holes)


def circle(lon: float, lat: float, minutes: float, profile: Profile, model: Model) -> shapely.Geometry:
    """The fallback's area: a plain circle of the straight line, in degrees. It must be labelled as such."""
    metres = minutes * 60 * model.speed(profile) / model.detour
    angle = np.linspace(0, 360, 64, endpoint=False)
    x, y, _ = _GEOD.fwd(np.full(64, lon), np.full(64, lat), angle, np.full(64, metres))
    return shapely.Polygon(np.column_stack((x, y)))
