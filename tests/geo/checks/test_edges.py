"""Edges matched by number find every polygon that `coverage_invalid_edges` would flag."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.checks import coverage, edges

GRID = 1e-4


def grid_of_squares(n=6, size=10.0):
    return [
        shapely.box(i * size, j * size, (i + 1) * size, (j + 1) * size) for i in range(n) for j in range(n)
    ]


@pytest.fixture(autouse=True)
def many(monkeypatch):
    """Every array counts as large here, in blocks of a few."""
    monkeypatch.setattr(coverage, "WORTH", 0)
    monkeypatch.setattr(edges, "BLOCK", 7)


def same(shapes):
    shapes = np.array(shapes, dtype=object)
    flagged = ~shapely.is_empty(coverage.invalid_edges(shapes, GRID))
    assert (flagged == ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))).all()
    return flagged


def test_of_a_clean_coverage_only_the_outer_border_is_looked_at():
    shapes = np.array(grid_of_squares(), dtype=object)
    assert edges.lone(shapes, GRID).sum() == 20
    assert not same(shapes).any()


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
