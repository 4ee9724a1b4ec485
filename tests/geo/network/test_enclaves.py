"""Enclaves, exclaves, and units that hang together by a point."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.enclaves import EnclaveKind, enclaves

OUTER = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
INNER = shapely.box(10, 10, 20, 20)
EAST = shapely.box(30, 0, 60, 30)


def find(*pairs):
    return enclaves(np.array([p for p, _ in pairs]), [u for _, u in pairs])


def test_neighbours_have_none():
    assert find((shapely.box(0, 0, 30, 30), "A"), (EAST, "B")) == []


def test_a_whole_unit_inside_another():
    (found,) = find((OUTER, "A"), (INNER, "B"))
    assert (found.kind, found.unit, found.others, found.whole) == (EnclaveKind.ENCLOSED, "B", ("A",), True)


def test_a_part_inside_another():
    (found,) = find((OUTER, "A"), (shapely.union(INNER, EAST), "B"))
    assert (found.kind, found.unit, found.others, found.whole) == (EnclaveKind.ENCLOSED, "B", ("A",), False)
    assert found.at.equals(INNER)


def test_records_of_one_unit_that_share_an_edge_are_one_piece():
    assert find((shapely.box(0, 0, 5, 5), "A"), (shapely.box(5, 0, 9, 5), "A")) == []


def test_a_part_between_two_others_is_detached_and_a_lone_island_is_not():
    a = shapely.union(shapely.box(0, 0, 9, 9), shapely.box(20, 0, 22, 2))
    island = shapely.box(50, 50, 51, 51)
    (found,) = find((shapely.union(a, island), "A"), (shapely.box(9, 0, 20, 9), "B"))
    assert (found.kind, found.unit, found.others) == (EnclaveKind.DETACHED, "A", ("B",))


def test_joined_at_a_point():
    a = shapely.MultiPolygon([shapely.box(0, 0, 10, 10), shapely.box(10, 10, 12, 12)])
    (found,) = find((a, "A"))
    assert found.kind is EnclaveKind.AT_A_POINT and found.at.equals(shapely.Point(10, 10))


def test_own_hole_is_not_an_enclave_and_the_tightest_unit_around_counts():
    wide = shapely.box(-10, -10, 40, 40).difference(shapely.box(0, 0, 30, 30))
    found = find((wide, "C"), (OUTER, "A"), (INNER, "B"))
    assert [(e.unit, e.others) for e in found] == [("A", ("C",)), ("B", ("A",))]
    assert find((OUTER, "A"), (INNER, "A")) == []
