"""Coverage (覆盖): which share of residents 60+ is within reach, by community and township, nobody counted twice.

Residents are totals of communities, spread over the streets inside each by length; a community without streets
is one point in its middle. They are never persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.facilities.kinds import Rules
from geo.facilities.privacy import hidden
from geo.walking.graph import Graph
from geo.walking.reach import nearest_both, straight

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Communities:
    """Communities and villages (社区、村). code: 12 digits, the first nine the township's; elders: residents 60+."""

    code: tuple[str, ...]
    name: tuple[str, ...]
    elders: Floats
    shape: NDArray[np.object_]

    def township(self, index: int) -> str:
        return self.code[index][:9]


@dataclass(frozen=True, eq=False)
class Demand:
    """Where residents live, as points. node: of the network, -1 where the straight line has to do; lon, lat;
    community: index; weight: residents at the point. The weights of a community add up to its total."""

    node: Indexes
    lon: Floats
    lat: Floats
    community: Indexes
    weight: Floats


def demand(graph: Graph, communities: Communities) -> Demand:
    """Residents spread over the nodes inside each community, by the length of the streets that meet there."""
    net = graph.network
    usable = graph.usable & ~net.structure
    half = net.length[usable] / 2
    metres = np.bincount(net.a[usable], half, len(net.lon)) + np.bincount(net.b[usable], half, len(net.lon))
    streets = np.flatnonzero(metres > 0)
    tree = shapely.STRtree(communities.shape)
    points = shapely.points(net.lon[streets], net.lat[streets])
    at, inside = tree.query(points, predicate="intersects")
    # A node on a border belongs to one side: the first, so that nobody is counted twice.
    order = np.lexsort((inside, at))
    at, inside = at[order], inside[order]
    first = np.ones(len(at), dtype=bool)
    first[1:] = at[1:] != at[:-1]
    node, community = streets[at[first]], inside[first]
    whole = np.bincount(community, metres[node], len(communities.code))
    weight = communities.elders[community] * metres[node] / whole[community]
    bare = np.flatnonzero(whole == 0)
    middle = shapely.point_on_surface(communities.shape[bare])
    return Demand(
        np.append(node, np.full(len(bare), -1, dtype=np.intp)),
        np.append(net.lon[node], shapely.get_x(middle)),
        np.append(net.lat[node], shapely.get_y(middle)),
        np.append(community, bare),
        np.append(weight, communities.elders[bare]),
    )


def seconds_to_nearest(
    graph: Graph, demand: Demand, places: Indexes, legs: Floats, lon: Floats, lat: Floats, limit: float
) -> Floats:
    """Seconds from every demand point to the facility it can reach and come back from soonest.

    places: node of each facility, -1 off the network; legs: seconds between a facility and its street; lon,
    lat: of the facilities. Infinite beyond limit. Points or facilities off the network are joined by the
    straight line.
    """
    out = np.full(len(demand.node), np.inf)
    on = demand.node >= 0
    if not legs.any():
        out[on] = nearest_both(graph, places, limit)[0][demand.node[on]]
    else:
        for i in np.flatnonzero(places >= 0):
            found = nearest_both(graph, places[i : i + 1], limit - legs[i])[0][demand.node[on]] + legs[i]
            out[on] = np.minimum(out[on], found)
    for k in range(len(places)):
        alone = ~on if places[k] >= 0 else np.ones(len(on), dtype=bool)
        if alone.any():
            line = straight(
                float(lon[k]), float(lat[k]), demand.lon[alone], demand.lat[alone], graph.profile, graph.model
            )
            out[alone] = np.minimum(out[alone], np.where(line <= limit, line, np.inf))
    return out


@dataclass(frozen=True, slots=True)
class Share:
    """Coverage of one unit: residents 60+, those within reach, and those only judged by the straight line."""

    code: str
    name: str
    elders: float
    covered: float
    by_line: float

    @property
    def share(self) -> float | None:
        return self.covered / self.elders if self.elders > 0 else None

    @property
    def counts(self) -> tuple[int, int, int]:
        """What the public would read: residents, covered, not covered, in whole people."""
        covered = round(self.covered)
        return round(self.elders), covered, round(self.elders) - covered


def coverage(demand: Demand, communities: Communities, seconds: Floats, limit: float) -> list[Share]:
    """Covered residents of every community, in the order given."""
    n = len(communities.code)
    reached = seconds <= limit
    covered = np.bincount(demand.community[reached], demand.weight[reached], n)
    line = demand.node < 0
    by_line = np.bincount(demand.community[line], demand.weight[line], n)
    return [
        Share(
            communities.code[i],
            communities.name[i],
            float(communities.elders[i]),
            float(covered[i]),
            float(by_line[i]),
        )
        for i in range(n)
    ]


def summed(shares: Sequence[Share], names: Mapping[str, str], digits: int) -> list[Share]:
    """Shares of larger units: those whose code the first digits are (9: townships, 6: the district)."""
    sums: dict[str, list[float]] = {}
    for s in shares:
        row = sums.setdefault(s.code[:digits], [0.0, 0.0, 0.0])
        for i, value in enumerate((s.elders, s.covered, s.by_line)):
            row[i] += value
    return [Share(code, names.get(code, code), *values) for code, values in sorted(sums.items())]


def withheld(shares: Sequence[Share], rules: Rules, digits: int = 9) -> frozenset[str]:
    """Codes of the communities whose numbers are not shown: small ones, and others of the same township so
    that the township's total does not give them away."""
    out: set[str] = set()
    groups: dict[str, dict[str, tuple[int, ...]]] = {}
    for s in shares:
        groups.setdefault(s.code[:digits], {})[s.code] = s.counts
    for cells in groups.values():
        out |= hidden(cells, int(rules.small_cell))
    return frozenset(out)
