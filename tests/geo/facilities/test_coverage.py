"""Coverage equal to brute force, siting to proof, small numbers hidden."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.csgraph
import shapely

from geo.facilities.coverage import (
    Communities,
    coverage,
    demand,
    seconds_to_nearest,
    summed,
    withheld,
)
from geo.facilities.kinds import rules
from geo.facilities.privacy import hidden
from geo.facilities.siting import TooManySites, best_sites
from geo.facilities.supply import Held, supply
from geo.walking.graph import graph
from geo.walking.model import PATH, Profile, model
from geo.walking.network import Network, build
from geo.walking.ways import Ways


@pytest.fixture(scope="module")
def town() -> Network:
    """A hilly grid of streets, 20 by 20, eighty metres apart."""
    side, step = 20, 0.0008
    lines = []
    height = lambda i, j: 200 + 18 * np.sin(i / 3) * np.cos(j / 4)  # noqa: E731
    for i in range(side):
        for j in range(side):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < side and m < side and (i * 7 + j * 3 + k) % 11:
                    ends = [(106.5 + a * step, 29.7 + b * step, height(a, b)) for a, b in ((i, j), (k, m))]
                    lines.append(shapely.LineString(ends))
    n = len(lines)
    text = np.full(n, "", dtype=object)
    return build(
        Ways(np.array(lines, dtype=object), np.full(n, PATH, dtype=np.int8), np.zeros(n, bool), np.ones(n, bool),
             np.zeros(n, bool), np.zeros(n, np.int32), text, text, text, np.zeros(n, bool))
    )  # fmt: skip


@pytest.fixture(scope="module")
def communities() -> Communities:
    """Four blocks of one township, two of another, and a hamlet without any street."""
    boxes = [shapely.box(106.4999 + i * 0.0054, 29.6999 + j * 0.0081, 106.5053 + i * 0.0054, 29.708 + j * 0.0081)
             for i in range(3) for j in range(2)]  # fmt: skip
    boxes.append(shapely.box(106.53, 29.70, 106.532, 29.702))
    codes = (
        "500112001001",
        "500112001002",
        "500112001003",
        "500112001004",
        "500112002201",
        "500112002202",
        "500112002203",
    )
    elders = np.array([820.0, 431.0, 1205.0, 77.0, 310.0, 8.0, 52.0])
    return Communities(codes, tuple(f"第{i}社区" for i in range(7)), elders, np.array(boxes, dtype=object))


def test_coverage_equals_brute_force_and_counts_nobody_twice(town: Network, communities: Communities) -> None:
    g = graph(town, Profile.ELDER, model())
    where = demand(g, communities)
    np.testing.assert_allclose(
        np.bincount(where.community, where.weight, 7), communities.elders
    )  # all of everybody, once
    places = np.array([25, 27, 210, 377])  # the first two reach nearly the same streets
    lon, lat = town.lon[places], town.lat[places]
    limit = 420.0
    seconds = seconds_to_nearest(g, where, places, np.zeros(4), lon, lat, limit)
    got = coverage(where, communities, seconds, limit)
    # Brute force: every point against every facility, there and back, one after the other.
    expected = np.zeros(7)
    for point in range(len(where.node)):
        within = False
        for p in places:
            if where.node[point] < 0:
                continue
            there = scipy.sparse.csgraph.dijkstra(g.forward, indices=int(where.node[point]))[p]
            back = scipy.sparse.csgraph.dijkstra(g.forward, indices=int(p))[where.node[point]]
            within |= max(there, back) <= limit
        expected[where.community[point]] += where.weight[point] * within
    np.testing.assert_allclose([s.covered for s in got], expected)
    assert 0 < expected.sum() < communities.elders.sum()
    alone = [coverage(where, communities, seconds_to_nearest(g, where, places[i : i + 1], np.zeros(1), lon[i : i + 1], lat[i : i + 1], limit), limit) for i in range(4)]  # fmt: skip
    assert sum(s.covered for one in alone for s in one) > expected.sum() + 50  # circles overlap
    townships = summed(got, {"500112001": "甲镇"}, 9)
    assert [t.code for t in townships] == ["500112001", "500112002"] and townships[0].name == "甲镇"
    assert townships[0].covered == pytest.approx(sum(s.covered for s in got[:4]))
    assert got[6].by_line == 52  # no street: said, not hidden


def test_a_leg_from_the_door_counts_and_the_straight_line_is_for_those_off_the_network(
    town: Network, communities: Communities
) -> None:
    g = graph(town, Profile.ELDER, model())
    where = demand(g, communities)
    at, none = np.array([210]), np.array([-1])
    lon, lat = town.lon[at], town.lat[at]
    near = seconds_to_nearest(g, where, at, np.zeros(1), lon, lat, 600.0)
    far = seconds_to_nearest(g, where, at, np.array([60.0]), lon, lat, 600.0)
    both = np.isfinite(far) & (where.node >= 0)
    np.testing.assert_allclose(far[both], near[both] + 60)
    line = seconds_to_nearest(g, where, none, np.zeros(1), np.array([106.531]), np.array([29.701]), 900.0)
    assert np.isfinite(line[where.node < 0]).all()


def test_the_best_sites_are_proved_and_the_price_of_greed_is_said() -> None:
    """Greed takes the middle first and then cannot have both halves."""
    covers = scipy.sparse.csr_array(np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 0]]))
    weight = np.array([4.0, 5.0, 5.0, 5.0, 5.0, 4.0])
    got = best_sites(covers, weight, 2)
    assert got.chosen == (0, 1) and got.gained == 28 and got.proven
    assert got.greedy_gained == 24 and got.cost_of_greed == 4
    with pytest.raises(TooManySites):
        best_sites(covers, weight, 4)


def test_sites_equal_every_choice_tried() -> None:
    random = np.random.default_rng(5)
    covers = scipy.sparse.csr_array((random.random((12, 80)) < 0.12).astype(float))
    weight = random.integers(1, 60, 80).astype(float)
    for count in (1, 3, 5):
        best = max(weight[np.unique(covers[list(c)].indices)].sum() for c in combinations(range(12), count))
        got = best_sites(covers, weight, count)
        assert got.proven and got.gained == pytest.approx(best) and got.bound == pytest.approx(best, abs=1e-3)
        assert got.greedy_gained <= got.gained


def test_nothing_left_to_cover_is_an_answer() -> None:
    got = best_sites(scipy.sparse.csr_array((3, 4)), np.ones(4), 2)
    assert got.gained == 0 and got.proven and len(got.chosen) == 2


def test_small_numbers_take_others_with_them() -> None:
    assert hidden({"a": (300,), "b": (120,), "c": (80,)}, 10) == frozenset()
    assert hidden({"a": (300,), "b": (8,), "c": (80,)}, 10) == {"b", "c"}  # c alone would leave b = total − a
    assert hidden({"a": (300,), "b": (2,), "c": (3,), "d": (40,)}, 10) == {"b", "c", "d"}  # 2 + 3 < 10
    assert hidden({"a": (300,), "b": (0,), "c": (80,)}, 10) == frozenset()
    assert hidden({"a": (300, 295, 5), "b": (200, 100, 100)}, 10) == {"a", "b"}  # five not covered
    assert hidden({"a": (8,)}, 10) == {"a"}


def test_no_hidden_cell_follows_from_what_is_shown() -> None:
    random = np.random.default_rng(1)
    for _ in range(300):
        cells = {i: (int(v),) for i, v in enumerate(random.integers(0, 60, random.integers(2, 9)))}
        out = hidden(cells, 10)
        assert all(not 0 < cells[k][0] < 10 for k in cells if k not in out)
        if out and len(out) < len(cells):
            assert len(out) >= 2 and (
                sum(cells[k][0] for k in out) >= 10 or sum(cells[k][0] for k in out) == 0
            )


def test_withheld_communities_of_a_township(town: Network, communities: Communities) -> None:
    g = graph(town, Profile.ELDER, model())
    where = demand(g, communities)
    got = coverage(where, communities, np.zeros(len(where.node)), 1.0)
    assert withheld(got, rules()) == {"500112002202", "500112002203"}  # eight elders, and 52 with them


def test_supply_beside_demand() -> None:
    rows = supply(
        {"500112001": "甲镇", "500112002": "乙镇"}, {"500112001": 2000.0}, {"500112001": 4},
        [Held("E01", "500112001001", 80, 60), Held("E03", "500112001001", 4, 0), Held("E03", "500112001002", 0, 0),
         Held("E06", "500112001002", 0, 0)],
        {"500112001": 25},
    )  # fmt: skip
    first, second = rows
    assert first.beds_per_thousand == 42 and first.nursing_share == 0.75
    assert (first.home_beds, first.stations, first.communities, first.canteens) == (25, 2, 4, 1)
    assert second.beds_per_thousand is None and second.nursing_share is None
