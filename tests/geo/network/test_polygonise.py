"""Lines close up to the polygons that their left and right codes name."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network.build import network
from geo.network.polygonise import derive, polygons


def frame(*rows, crs=None):
    return geopandas.GeoDataFrame(
        {
            "code": [r[0] for r in rows],
            "left_code": [r[1] for r in rows],
            "right_code": [r[2] for r in rows],
        },
        geometry=[shapely.LineString(r[3]) for r in rows],
        crs=crs,
    )


# Two squares A (west) and B (east) of 10 m, and what bounds them, each line in its own direction.
TWO = (
    ("A-B", "A", "B", [(10, 0), (10, 10)]),
    ("A-out", "A", None, [(10, 10), (0, 10), (0, 0), (10, 0)]),
    ("B-out", None, "B", [(10, 10), (20, 10), (20, 0), (10, 0)]),
)


def test_two_units_from_three_lines():
    answer = polygons(frame(*TWO))
    assert answer["code"].tolist() == ["A", "B"]
    assert answer.geometry.iloc[0].equals(shapely.box(0, 0, 10, 10))
    assert answer.geometry.iloc[1].equals(shapely.box(10, 0, 20, 10))
    assert shapely.coverage_is_valid(answer.geometry.to_numpy())


def test_direction_of_a_line_decides_with_its_codes():
    turned = (("A-B", "B", "A", TWO[0][3][::-1]), *TWO[1:])
    assert polygons(frame(*turned)).geometry.iloc[0].equals(shapely.box(0, 0, 10, 10))


def test_lines_that_cross_without_a_node_are_cut():
    across = (
        ("1", "N", "S", [(-1, 5), (11, 5)]),
        ("2", "N", None, [(10, 5), (10, 10), (0, 10), (0, 5)]),
        ("3", "S", None, [(0, 5), (0, 0), (10, 0), (10, 5)]),
    )
    answer = derive(frame(*across))
    assert answer.polygons["code"].tolist() == ["N", "S"]
    assert len(answer.dangles) == 2
    assert sorted(d.length for d in answer.dangles) == [1, 1]


def test_an_open_network_gives_its_dangle_and_no_polygon():
    answer = derive(frame(("A-B", "A", "B", [(0, 0), (10, 0)])))
    assert len(answer.polygons) == 0 and len(answer.dangles) == 1


def test_exclave_is_a_second_part_and_a_ring_line_leaves_a_hole():
    ring = [(3, 3), (7, 3), (7, 7), (3, 7), (3, 3)]
    answer = polygons(frame(*TWO, ("A-B-2", "B", "A", ring)))
    a, b = answer.geometry
    assert a.area == 100 - 16 and len(a.interiors) == 1
    assert b.geom_type == "MultiPolygon" and b.area == 116


def test_lines_that_disagree_are_named():
    answer = derive(frame(TWO[0], ("A-out", "C", None, TWO[1][3]), TWO[2]))
    (conflict,) = answer.conflicts
    assert conflict.codes == ("C", "A")
    assert answer.polygons["code"].tolist() == ["B", "C"]


def test_degrees_keep_a_tenth_of_a_millimetre():
    rows = [(c, a, b, [(106.5 + x / 1e4 + 1e-12, 29.7 + y / 1e4) for x, y in xy]) for c, a, b, xy in TWO]
    answer = polygons(frame(*rows, crs=4490))
    assert answer.crs.to_epsg() == 4490 and len(answer) == 2
    assert shapely.coverage_is_valid(answer.geometry.to_numpy())
    x = shapely.get_coordinates(answer.geometry.to_numpy())[:, 0]
    assert np.abs(x * 1e9 - np.rint(x * 1e9)).max() < 1e-3


@settings(max_examples=25, deadline=None)
@given(
    order=st.permutations(range(3)),
    turned=st.lists(st.booleans(), min_size=3, max_size=3),
    shift=st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)),
)
def test_order_direction_and_place_do_not_matter(order, turned, shift):
    rows = []
    for i in order:
        code, left, right, xy = TWO[i]
        xy = [(x + shift[0], y + shift[1]) for x, y in xy]
        rows.append((code, right, left, xy[::-1]) if turned[i] else (code, left, right, xy))
    answer = polygons(frame(*rows))
    assert answer["code"].tolist() == ["A", "B"]
    assert answer.geometry.iloc[0].equals(shapely.box(*shift, shift[0] + 10, shift[1] + 10))


def test_an_arc_knows_its_line_and_direction():
    net = network(
        np.array([shapely.LineString([(0, 0), (5, 0)]), shapely.LineString([(10, 0), (5, 0)])]), 1e-4
    )
    assert sorted(net.line.tolist()) == [0, 1]
    for arc, line, along in zip(net.arcs, net.line, net.along, strict=True):
        xs = shapely.get_coordinates(arc)[:, 0]
        rising = bool(xs[0] < xs[-1])
        assert rising == (bool(along) == (line == 0))
