"""The graph of one kind of walker (步行图): seconds along every edge in both directions, and its reverse."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
import shapely
from numpy.typing import NDArray

from geo.walking.model import LIFT, STEPS, Model, Profile
from geo.walking.network import Network, split

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as one profile walks it.

    along, against: (m,) seconds of every edge in its own direction and the other way, infinite where
    closed. forward[i, j] is the time from node i to node j, reverse its transpose, both CSR.
    """

    network: Network
    profile: Profile
    model: Model
    along: Floats
    against: Floats
    forward: scipy.sparse.csr_array
    reverse: scipy.sparse.csr_array

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """Edges that a place may be joined to: walked at least one way, and not a piece that hangs on nothing."""
        net = self.network
        open_ = np.isfinite(self.along) | np.isfinite(self.against)
        joinable: NDArray[np.bool_] = (
            open_ & (net.kind != LIFT) & (net.kind != STEPS) & (net.joinable >= self.model.component_least)
        )
        return joinable

    @cached_property
    def _tree(self) -> tuple[shapely.STRtree, Indexes]:
        chosen = np.flatnonzero(self.usable)
        if len(chosen) == len(self.usable):
            return self.network.tree, chosen
        return shapely.STRtree(self.network.tree.geometries[chosen]), chosen

    def joined(self, lon: Floats, lat: Floats) -> tuple[Indexes, Floats, Floats]:
        """The nearest usable edge of each place: edge (-1 beyond snap_most), share along it, metres to it."""
        x, y = self.network.to_plane(np.atleast_1d(lon), np.atleast_1d(lat))
        edge = np.full(len(x), -1, dtype=np.intp)
        share, metres = np.zeros(len(x)), np.full(len(x), np.inf)
        tree, chosen = self._tree
        if not len(chosen) or not len(x):
            return edge, share, metres
        points = shapely.points(x, y)
        (asked, found), apart = tree.query_nearest(
            points, max_distance=self.model.snap_most, return_distance=True, all_matches=False
        )
        edge[asked], metres[asked] = chosen[found], apart
        line = self.network.tree.geometries[chosen[found]]
        share[asked] = shapely.line_locate_point(line, points[asked], normalized=True)
        return edge, share, metres


def graph(network: Network, profile: Profile, model: Model, closed: Collection[int] = ()) -> Graph:
    """The graph of a profile; closed: ways (their index) that are shut, such as a lift at night."""
    rise = network.rise
    along = model.seconds(profile, network.kind, network.length, rise)
    against = model.seconds(profile, network.kind, network.length, -rise)
    against[network.one_way] = np.inf
    shut = np.isin(network.way, np.fromiter(closed, dtype=np.intp, count=len(closed)))
    if profile is Profile.WHEELCHAIR:
        shut |= ~network.wheels
    along[shut] = against[shut] = np.inf
    n = len(network.lon)
    start = np.concatenate((network.a, network.b))
    end = np.concatenate((network.b, network.a))
    seconds = np.concatenate((along, against))
    passable = np.isfinite(seconds)
    forward = _csr(start[passable], end[passable], seconds[passable], n)
    reverse = _csr(end[passable], start[passable], seconds[passable], n)
    return Graph(network, profile, model, along, against, forward, reverse)


def with_places(
    network: Network, profile: Profile, model: Model, lon: Floats, lat: Floats, closed: Collection[int] = ()
) -> tuple[Graph, Indexes, Floats]:
    """The graph with places set into it; the node of each (-1 where no street is near) and its metres away."""
    before = graph(network, profile, model, closed)
    edge, share, metres = before.joined(lon, lat)
    near = edge >= 0
    grown, nodes = split(network, edge[near], share[near])
    places = np.full(len(edge), -1, dtype=np.intp)
    places[near] = nodes
    return graph(grown, profile, model, closed), places, metres


def _csr(start: Indexes, end: Indexes, seconds: Floats, n: int) -> scipy.sparse.csr_array:
    """CSR with the quicker of parallel edges: a sparse matrix would add them up."""
    order = np.lexsort((seconds, end, start))
    start, end, seconds = start[order], end[order], seconds[order]
    first = np.ones(len(start), dtype=bool)
    first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    pointer = np.searchsorted(start[first], np.arange(n + 1)).astype(np.int32)
    return scipy.sparse.csr_array((seconds[first], end[first].astype(np.int32), pointer), shape=(n, n))
