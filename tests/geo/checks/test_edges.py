"""Edges matched by number find every polygon that `coverage_invalid_edges` would flag."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.checks import coverage, edges, halves

GRID = 1e-4


def grid_of_squares(n=6, size=10.0):
    return [
        shapely.box(i * size, j * size, (i + 1) * size, (j + 1) * size) for i in range(n) for j in range(n)
    ]


@pytest.fixture(autouse=True)
def many(monkeypatch):
    """Every array counts as large here, in blocks of a few."""
    monkeypatch.setattr(halves, "WORTH", 0)
    monkeypatch.setattr(edges, "BLOCK", 7)


def same(shapes):
    shapes = np.array(shapes, dtype=object)
    found = edges.match(shapes, GRID)
    flagged = ~shapely.is_empty(coverage.invalid_edges(shapes, found))
    assert (flagged == ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).all()
    if found.union is not None:
        assert not flagged.any()
        assert found.union.equals(shapely.union_all(shapes))
    return flagged


def test_of_a_clean_coverage_only_the_outer_border_is_looked_at():
    shapes = np.array(grid_of_squares(), dtype=object)
    assert edges.lone(shapes, GRID).sum() == 20
    assert not same(shapes).any()
    assert edges.match(shapes, GRID).union.equals(shapely.box(0, 0, 60, 60))
    assert shapely.get_num_coordinates(edges.match(shapes, GRID).union) == 25


def test_direction_of_rings_holes_and_parts_do_not_matter():
    shapes = grid_of_squares()
    shapes = [s.reverse() if i % 3 else s for i, s in enumerate(shapes)]
    shapes[14] = shapes[14].difference(shapely.box(23, 23, 26, 26))
    shapes.append(shapely.MultiPolygon([shapely.box(23, 23, 26, 26), shapely.box(200, 200, 210, 210)]))
    assert not same(shapes).any()


def test_a_polygon_twice_one_inside_and_two_layers_on_each_other():
    shapes = grid_of_squares()
    assert same([*shapes, shapes[14]]).any()
    assert same([*shapes, shapely.box(12, 12, 13, 13)]).any()
    assert same([*shapes, *(shapely.transform(s, lambda c: c + 5) for s in shapes)]).any()
    assert same([*shapes, *shapes]).all()


@settings(max_examples=40, deadline=None)
@given(
    corner=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    owner=st.integers(0, 35),
    move=st.tuples(st.integers(-30, 30), st.integers(-30, 30)),
)
def test_any_corner_moved_in_any_polygon(corner, owner, move):
    shapes = grid_of_squares()
    place, step = np.array(corner) * 10.0, np.array(move) * 0.1
    shapes[owner] = shapely.transform(
        shapes[owner], lambda c: np.round(c + (c == place).all(axis=1)[:, None] * step, 4)
    )
    same(shapes)


def union_of(shapes):
    return edges.match(np.array(shapes, dtype=object), GRID).union


def test_the_border_of_a_coverage_in_order_is_its_union_with_gaps_islands_and_lakes_on_islands():
    shapes = grid_of_squares()
    del shapes[14]
    shapes.append(shapely.box(23, 23, 27, 27))
    shapes += [shapely.transform(s, lambda c: c + 100) for s in grid_of_squares(4)]
    union = union_of(shapes)
    assert union.geom_type == "MultiPolygon" and len(union.geoms) == 3
    assert union.equals(shapely.union_all(shapes))
    assert union_of([s.reverse() for s in shapes]).equals(union)


def test_no_border_is_told_where_ground_is_covered_twice_or_borders_differ():
    squares = grid_of_squares()
    assert union_of([*squares, shapely.box(12, 12, 13, 13)]) is None
    assert union_of([*squares, shapely.box(200, 0, 210, 10), shapely.box(205, 5, 215, 15)]) is None
    bent = shapely.Polygon([(10, 10), (20, 10), (20, 20), (10, 20), (9.99, 15)])
    assert union_of([s for s in squares if not s.equals(shapely.box(10, 10, 20, 20))] + [bent]) is None
    extra = shapely.Polygon([(10, 10), (20, 10), (20, 20), (10, 20), (10, 15)])
    assert union_of([s for s in squares if not s.equals(shapely.box(10, 10, 20, 20))] + [extra]) is None


def test_where_rings_touch_nothing_is_claimed():
    assert union_of([shapely.box(0, 0, 10, 10), shapely.box(10, 10, 20, 20)]) is None


def test_a_border_that_runs_the_wrong_way_round_is_none():
    # One unit drawn inside another as if it had a hole there, which it has not.
    assert union_of([*grid_of_squares(), shapely.box(23, 23, 27, 27)]) is None
