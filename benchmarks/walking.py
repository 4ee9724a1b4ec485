"""Walking on 200,000 nodes: the nearest of 300 facilities of every node, one way and there and back, and siting.

    ./yudi bench walking

Both sides search the same graph in one process, turn by turn; the peer is scipy's bare `dijkstra` and nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph

from benchmarks.measure import Comparison, report
from geo.facilities.siting import best_sites
from geo.walking import reach
from geo.walking.graph import Graph, graph
from geo.walking.model import PATH, Profile, model
from geo.walking.network import Network, plane_of

SIDE, BLOCK, FACILITIES, LIMIT = 450, 60.0, 300, 900.0
RUNS = 7


def hills(seed: int = 1) -> Network:
    """A grid of SIDE × SIDE corners on invented hills."""
    random = np.random.default_rng(seed)
    i, j = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    n = SIDE * SIDE
    x, y = (v.ravel() * BLOCK + random.uniform(-15, 15, n) for v in (i, j))
    z = 200 + 60 * np.sin(x / 900) * np.cos(y / 700) + 15 * np.sin(x / 130 + y / 170)
    at = np.arange(n).reshape(SIDE, SIDE)
    a = np.concatenate((at[:-1].ravel(), at[:, :-1].ravel()))
    b = np.concatenate((at[1:].ravel(), at[:, 1:].ravel()))
    plane, no, text = plane_of(106.5, 29.7), np.zeros(len(a), dtype=bool), np.array([""], dtype=object)
    lon, lat = plane.transform(x, y, direction="INVERSE")
    return Network(
        lon, lat, x, y, z, a, b, np.hypot(x[a] - x[b], y[a] - y[b]), np.full(len(a), PATH, dtype=np.int8), no, ~no, no,
        np.zeros(len(a), dtype=np.intp), text, text, text, plane, (106.5, 29.7),
    )  # fmt: skip


def turns(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """The median seconds of each side, one after the other RUNS times."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for work, times in zip((ours, peer), taken, strict=True):
            begun = time.perf_counter()
            work()
            times.append(time.perf_counter() - begun)
    return float(np.median(taken[0])), float(np.median(taken[1]))


def bare_each(g: Graph, places: np.ndarray) -> None:
    """One call for each facility on the graph and one on its reverse."""
    for place in places:
        scipy.sparse.csgraph.dijkstra(g.reverse, indices=int(place), limit=LIMIT)
        scipy.sparse.csgraph.dijkstra(g.forward, indices=int(place), limit=LIMIT)


def main() -> list[dict[str, object]]:
    g = graph(hills(), Profile.ELDER, model())
    places = np.random.default_rng(2).choice(SIDE * SIDE, FACILITIES, replace=False)
    one, bare_one = turns(
        lambda: reach.nearest(g, places, LIMIT),
        lambda: scipy.sparse.csgraph.dijkstra(g.reverse, indices=places, min_only=True, limit=LIMIT),
    )
    both, bare_both = turns(lambda: reach.nearest_both(g, places, LIMIT), lambda: bare_each(g, places))
    random = np.random.default_rng(3)
    people, sites = random.uniform(0, 12_000, (2_000, 2)), random.uniform(0, 12_000, (300, 2))
    apart = np.hypot(*(sites[:, None, :] - people[None, :, :]).transpose(2, 0, 1))
    covers = scipy.sparse.csr_array((apart < 800).astype(float))
    best = best_sites(covers, random.integers(1, 60, 2_000).astype(float), 20)
    note = f"proven: {best.proven}; the greedy answer reaches {best.cost_of_greed:.0f} fewer of {best.gained:.0f} in {best.greedy_seconds:.3f} s"
    return report(
        f"Walking: {SIDE * SIDE:,} nodes, {g.forward.nnz:,} directed edges, {FACILITIES} facilities",
        [
            Comparison(
                "nearest of 300, one way, with its facility", one, bare_one, 1.5, note="bare min_only call"
            ),
            Comparison(
                "nearest of 300, there and back, exact",
                both,
                bare_both,
                1.5,
                note="bare calls for each facility",
            ),
            Comparison("best 20 of 300 sites for 2,000 points, to proof", best.seconds, 10.0, 1.0, note=note),
        ],
    )


if __name__ == "__main__":
    main()
