"""The checks (a) to (i) of the walking model, on the streets of Monaco and Andorra."""

from __future__ import annotations

import heapq
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import scipy.sparse.csgraph
import shapely

from geo.walking import heights, osm, reach
from geo.walking.graph import Graph, graph
from geo.walking.model import LIFT, STEPS, Model, Profile
from geo.walking.network import Network, build
from geo.walking.ways import Ways


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("place", ["monaco", "andorra"])
def test_a_no_edge_is_walked_too_slowly_or_too_fast(
    place: str, profile: Profile, rules: Model, request: pytest.FixtureRequest
) -> None:
    net: Network = request.getfixturevalue(place)
    g = graph(net, profile, rules)
    walked = net.kind != LIFT  # one stands in a lift
    for seconds in (g.along, g.against):
        passable = walked & np.isfinite(seconds)
        assert passable.sum() > 1000
        speed = np.maximum(net.length[passable], 0.01) / seconds[passable]
        assert speed.min() >= 0.1 - 1e-9 and speed.max() <= 1.2 + 1e-9


def test_c_the_way_up_is_not_the_way_down_and_on_the_flat_it_is(andorra: Network, rules: Model) -> None:
    g = graph(andorra, Profile.ELDER, rules)
    steep = (np.abs(andorra.rise) > 0.1 * andorra.length) & (andorra.kind != STEPS)
    long = andorra.length > 50
    apart = np.abs(g.along - g.against)
    assert (steep & long).sum() > 20
    assert (apart[steep & long] > 1).all()
    assert (np.isfinite(g.along) & np.isfinite(g.against)).all()
    flat = graph(replace(andorra, z=np.zeros_like(andorra.z)), Profile.ELDER, rules)
    assert np.abs(flat.along - flat.against).max() < 1e-9
    one, other = (
        scipy.sparse.csgraph.dijkstra(m, indices=5000, limit=900) for m in (flat.forward, flat.reverse)
    )
    assert np.isfinite(one).sum() > 20
    np.testing.assert_allclose(one, other, atol=1.0)


def test_d_a_closed_lift_changes_only_the_circles_that_use_it(
    monaco: Network, elder: Graph, rules: Model
) -> None:
    changed = set()
    for lift in np.flatnonzero(monaco.kind == LIFT):
        shut = graph(monaco, Profile.ELDER, rules, closed=[int(monaco.way[lift])])
        ends = (int(monaco.a[lift]), int(monaco.b[lift]))
        for origin in (*ends, *np.random.default_rng(4).choice(len(monaco.lon), 40, replace=False).tolist()):
            before, after = (
                [
                    scipy.sparse.csgraph.dijkstra(m, indices=origin, limit=900, return_predecessors=True)
                    for m in (g.forward, g.reverse)
                ]
                for g in (elder, shut)
            )
            used = any({i, int(previous[i])} == set(ends) for _, previous in before for i in ends)
            same = all(np.array_equal(x[0], y[0]) for x, y in zip(before, after, strict=True))
            assert same or used
            if not same:
                changed.add(int(lift))
    assert changed  # one of them saves twelve minutes


def test_e_what_is_closed_to_all_is_never_used() -> None:
    path = Path(__file__).resolve().parents[4] / "shared" / "data" / "walk" / "andorra.osm.pbf"
    if not path.exists():
        pytest.skip("real data not here")
    lines = pyogrio.read_dataframe(path, layer="lines")
    tags = lines["other_tags"].fillna("")
    no = lines[tags.str.contains('"access"=>"no"', regex=False) & lines["highway"].notna()]
    assert len(no) == 3
    walked = {line.wkb for line in osm.read(path).lines}
    assert not any(line.wkb in walked for line in no.geometry)
    motorways = lines[lines["highway"].isin(["motorway", "construction"])]
    assert not any(line.wkb in walked for line in motorways.geometry)
    assert any(line.wkb in walked for line in lines[lines["highway"] == "steps"].geometry)


def test_f_a_hill_beneath_a_bridge_changes_nothing(
    monaco: Network, monaco_ways: Ways, monaco_ground: heights.Ground, rules: Model
) -> None:
    on = np.zeros(len(monaco.lon), dtype=bool)
    on[monaco.a[monaco.structure]] = on[monaco.b[monaco.structure]] = True
    on[monaco.a[~monaco.structure]] = on[monaco.b[~monaco.structure]] = False
    # A span that ends in the air of the data stands on that end.
    on[np.bincount(np.append(monaco.a, monaco.b), minlength=len(on)) == 1] = False
    beneath = {(round(x, 7), round(y, 7)) for x, y in zip(monaco.lon[on], monaco.lat[on], strict=True)}
    assert len(beneath) > 100

    def spiked(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        hill = [40.0 if (round(x, 7), round(y, 7)) in beneath else 0.0 for x, y in zip(lon, lat, strict=True)]
        return monaco_ground(lon, lat) + np.array(hill)

    after = graph(build(monaco_ways, spiked), Profile.ELDER, rules)
    before = graph(monaco, Profile.ELDER, rules)
    np.testing.assert_allclose(after.along, before.along, atol=1e-6)
    np.testing.assert_allclose(after.against, before.against, atol=1e-6)


def plain_dijkstra(g: Graph, origin: int, limit: float) -> dict[int, float]:
    """Dijkstra as in a textbook, over a dictionary, with the standard library's heap."""
    net = g.network
    out: dict[int, list[tuple[int, float]]] = g.__dict__.setdefault("_plain", {})
    if not out:
        for a, b, there, back in zip(
            net.a.tolist(), net.b.tolist(), g.along.tolist(), g.against.tolist(), strict=True
        ):
            out.setdefault(a, []).append((b, there))
            out.setdefault(b, []).append((a, back))
    seconds = {origin: 0.0}
    heap = [(0.0, origin)]
    while heap:
        so_far, node = heapq.heappop(heap)
        if so_far > seconds[node]:
            continue
        for other, more in out.get(node, ()):
            arrived = so_far + more
            if arrived <= limit and arrived < seconds.get(other, np.inf):
                seconds[other] = arrived
                heapq.heappush(heap, (arrived, other))
    return seconds


def test_g_two_hundred_origins_equal_a_plain_dijkstra(elder: Graph) -> None:
    for origin in np.random.default_rng(7).choice(len(elder.network.lon), 200, replace=False):
        found = scipy.sparse.csgraph.dijkstra(elder.forward, indices=int(origin), limit=900)
        plain = plain_dijkstra(elder, int(origin), 900)
        assert set(np.flatnonzero(np.isfinite(found)).tolist()) == set(plain)
        assert max(abs(found[i] - t) for i, t in plain.items()) < 1


@pytest.mark.parametrize("place", ["monaco", "andorra"])
def test_i_walks_take_what_the_alpine_rule_says(
    place: str, rules: Model, request: pytest.FixtureRequest
) -> None:
    """4 km/h; 300 m/h up, 500 m/h down; half the smaller added: within a factor 0.6 to 1.6 from 500 m on."""
    net: Network = request.getfixturevalue(place)
    g = graph(net, Profile.ELDER, rules)
    random = np.random.default_rng(11)
    order = np.lexsort((net.b, net.a))
    metres = {(int(net.a[i]), int(net.b[i])): net.length[i] for i in order} | {
        (int(net.b[i]), int(net.a[i])): net.length[i] for i in order
    }
    ratios = []
    for origin in random.choice(len(net.lon), 25, replace=False):
        seconds, before = scipy.sparse.csgraph.dijkstra(
            g.forward, indices=int(origin), limit=3600, return_predecessors=True
        )
        reached = np.flatnonzero(np.isfinite(seconds))
        for end in random.choice(reached, min(8, len(reached)), replace=False):
            path = [int(end)]
            while before[path[-1]] >= 0:
                path.append(int(before[path[-1]]))
            path.reverse()
            length = sum(metres[pair] for pair in pairwise(path))
            if length < 500:
                continue
            rises = np.nan_to_num(np.diff(net.z[path]))
            up, down = rises[rises > 0].sum(), -rises[rises < 0].sum()
            flat, climb = length / 4000 * 3600, (up / 300 + down / 500) * 3600
            ratios.append(seconds[end] / (max(flat, climb) + min(flat, climb) / 2))
    assert len(ratios) > 60
    assert min(ratios) >= 0.6 and max(ratios) <= 1.6


def test_a_wheelchair_takes_no_steps_and_no_steep_way(monaco: Network, rules: Model) -> None:
    g = graph(monaco, Profile.WHEELCHAIR, rules)
    assert np.isinf(g.along[monaco.kind == STEPS]).all()
    steep = (np.abs(monaco.rise) > 0.083 * monaco.length) & (monaco.kind != LIFT)
    assert np.isinf(g.along[steep]).all() and np.isinf(g.against[steep]).all()
    assert np.isfinite(g.along[monaco.kind == LIFT]).all()


def test_the_circle_is_what_can_be_returned_from(elder: Graph) -> None:
    net = elder.network
    found = reach.reach(elder, float(net.lon[1000]), float(net.lat[1000]), 900)
    assert found is not None
    drawn = shapely.transform(reach.area(found), lambda c: np.column_stack(net.to_plane(c[:, 0], c[:, 1])))
    inside = shapely.contains_xy(drawn, net.x, net.y)
    both = found.both <= 900
    assert both.sum() > 200
    assert inside[both].all()
    assert ((found.there <= 900) & ~both).any()  # some are reached and not returned from


def test_nearest_of_many_facilities_is_the_least_of_each(elder: Graph) -> None:
    random = np.random.default_rng(3)
    places = random.choice(len(elder.network.lon), 12, replace=False)
    seconds, which = reach.nearest(elder, places, 900)
    each = scipy.sparse.csgraph.dijkstra(elder.reverse, indices=places, limit=900)
    np.testing.assert_allclose(seconds, each.min(axis=0))
    near = np.isfinite(seconds)
    np.testing.assert_allclose(each[which[near], np.flatnonzero(near)], seconds[near])
    both, of = reach.nearest_both(elder, places, 900)
    back = scipy.sparse.csgraph.dijkstra(elder.forward, indices=places, limit=900)
    longer = np.maximum(each, back)
    np.testing.assert_allclose(both, longer.min(axis=0))
    near = np.isfinite(both)
    np.testing.assert_allclose(longer[of[near], np.flatnonzero(near)], both[near])
    assert (of[~near] == -1).all()
