"""What lies left and right of a line."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.sides import sides

A, B = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)


def ask(line):
    return sides(np.array([shapely.LineString(line)]), np.array([A, B]), grid=1e-4, probe=1.0)


def test_a_shared_border_has_its_units_exactly():
    answer = ask([(10, 0), (10, 10)])
    assert answer.of(0, "left") == [(0, 10.0)] and answer.of(0, "right") == [(1, 10.0)]
    assert answer.shared[0] == 1


def test_the_other_direction_swaps_them():
    answer = ask([(10, 10), (10, 0)])
    assert answer.of(0, "left") == [(1, 10.0)] and answer.of(0, "right") == [(0, 10.0)]


def test_a_line_beside_the_border_is_probed():
    answer = ask([(10.4, 0), (10.2, 10)])
    assert answer.shared[0] == 0
    assert [p for p, _ in answer.of(0, "left")] == [0] and [p for p, _ in answer.of(0, "right")] == [1]


def test_the_outer_border_has_nothing_outside():
    answer = ask([(0, 0), (10, 0)])
    assert answer.of(0, "left") == [(0, 10.0)] and answer.of(0, "right") == []


def test_holes_count_as_border():
    outer = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    ring = [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)]
    answer = sides(
        np.array([shapely.LineString(ring)]),
        np.array([outer, shapely.box(10, 10, 20, 20)]),
        grid=1e-4,
        probe=1,
    )
    assert [p for p, _ in answer.of(0, "left")] == [1] and [p for p, _ in answer.of(0, "right")] == [0]
