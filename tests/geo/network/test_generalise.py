"""公开图形概括: shared borders kept, ends together, nothing exact."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely

from geo.network.borders import outer_border, shared_borders
from geo.network.generalise import CLEARANCE_M, Settled, generalise, nearest_exact_m
from tests import builders as b

ZONE = 4545


def settled(shapes: b.SmallDistrict, *codes: str) -> list[Settled]:
    return [Settled(c, *shapes.sides[c], shapes.lines[c]) for c in codes or shapes.lines]


def exact_of(shapes: b.SmallDistrict) -> np.ndarray:
    """Markers at every fifth vertex of every line, and at its ends."""
    points = [shapely.get_coordinates(line) for line in shapes.lines.values()]
    return np.concatenate([part for p in points for part in (p[::5], p[-1:])])


def test_lines_and_units_agree_and_borders_stay_shared() -> None:
    shapes = b.small_district_shapes()
    public = generalise(shapes.units, settled(shapes), exact_of(shapes), zone=ZONE, tolerance_m=50)
    assert shapely.coverage_is_valid(list(public.units.values()))
    for code, line in public.lines.items():
        assert line.is_simple
        for unit in shapes.sides[code]:
            assert public.units[unit].boundary.covers(line)
        # In the direction of the line, and near it: the tolerance and half a grid step.
        assert shapely.Point(line.coords[0]).distance(shapely.Point(shapes.lines[code].coords[0])) < 6e-4
        assert shapely.hausdorff_distance(line, shapes.lines[code]) < 1.2e-3
        assert len(line.coords) < len(shapes.lines[code].coords)


def test_ends_of_lines_stay_together() -> None:
    shapes = b.small_district_shapes()
    public = generalise(shapes.units, settled(shapes), np.empty((0, 2)), zone=ZONE, tolerance_m=50)
    upper, east = public.lines[f"{b.XINGLONG}-{b.CIZHU}"], public.lines[f"{b.CIZHU}-{b.DASHENG}"]
    middle = public.lines[f"{b.XINGLONG}-{b.DASHENG}"]
    assert upper.coords[-1] == east.coords[0] == middle.coords[-1]


@pytest.mark.parametrize("tolerance_m", [20, 50, 200])
def test_no_vertex_is_exact_or_near_an_exact_marker(tolerance_m: float) -> None:
    shapes = b.small_district_shapes()
    exact = exact_of(shapes)
    public = generalise(shapes.units, settled(shapes), exact, zone=ZONE, tolerance_m=tolerance_m)
    original = {tuple(c) for line in shapes.lines.values() for c in line.coords}
    for shape in [*public.lines.values(), *public.units.values()]:
        assert nearest_exact_m(shape, exact) >= CLEARANCE_M * 0.99
        assert not original & {tuple(c) for c in shapely.get_coordinates(shape)}


def test_a_marker_on_a_grid_point_pushes_the_vertex_away() -> None:
    shapes = b.small_district_shapes()
    # 106.75, 29.83 is a tripoint and lies on the grid itself.
    exact = np.array([b.EAST_POINT])
    public = generalise(shapes.units, settled(shapes), exact, zone=ZONE, tolerance_m=50)
    ends = {line.coords[i] for line in public.lines.values() for i in (0, -1)}
    assert b.EAST_POINT not in ends
    assert shapely.coverage_is_valid(list(public.units.values()))


def test_unsettled_geometry_does_not_show() -> None:
    shapes = b.small_district_shapes()
    code = f"{b.XINGLONG}-{b.CIZHU}"
    moved = shapely.get_coordinates(shapes.lines[code])
    moved[5:-5] += (5e-3, 0)  # half a kilometre into 茨竹镇
    line = Settled(code, *shapes.sides[code], shapely.LineString(moved))
    without = generalise(shapes.units, [], np.empty((0, 2)), zone=ZONE, tolerance_m=50)
    with_it = generalise(shapes.units, [line], np.empty((0, 2)), zone=ZONE, tolerance_m=50)
    gain = with_it.units[b.XINGLONG].area - without.units[b.XINGLONG].area
    assert gain > 1e-4  # the settled line moved the outlines with it …
    assert with_it.units[b.XINGLONG].boundary.covers(with_it.lines[code])
    assert with_it.units[b.TONGJING].equals(without.units[b.TONGJING])  # … of its own units alone
    assert shapely.coverage_is_valid(list(with_it.units.values()))


def test_a_line_that_ends_beside_the_outline_is_joined_to_it() -> None:
    shapes = b.small_district_shapes()
    code = f"{b.XINGLONG}-{b.CIZHU}"
    short = shapely.LineString(shapes.lines[code].coords[1:-1])
    public = generalise(
        shapes.units, [Settled(code, *shapes.sides[code], short)], np.empty((0, 2)), zone=ZONE, tolerance_m=50
    )
    assert shapely.coverage_is_valid(list(public.units.values()))
    assert public.units[b.CIZHU].boundary.covers(public.lines[code])


def test_a_line_without_outlines_is_generalised_alone() -> None:
    shapes = b.small_district_shapes()
    code = f"{b.XINGLONG}-{b.CIZHU}"
    public = generalise({}, settled(shapes, code), exact_of(shapes), zone=ZONE, tolerance_m=50)
    line = public.lines[code]
    assert line.is_simple and shapely.hausdorff_distance(line, shapes.lines[code]) < 1.2e-3
    assert nearest_exact_m(line, exact_of(shapes)) >= CLEARANCE_M * 0.99
    tiny = Settled(
        code, b.XINGLONG, b.CIZHU, shapely.LineString([(106.70001, 29.80001), (106.70002, 29.80002)])
    )
    assert generalise({}, [tiny], np.empty((0, 2)), zone=ZONE, tolerance_m=50).lines[code].length > 0


def test_shared_borders_find_every_pair_and_the_outside() -> None:
    shapes = b.small_district_shapes()
    codes = list(shapes.units)
    borders = shared_borders(codes, shapes.units.values())
    assert set(borders) == {tuple(sorted(pair)) for pair in shapes.sides.values()}
    for code, line in shapes.lines.items():
        assert borders[tuple(sorted(shapes.sides[code]))].equals(line)
    assert shapely.union_all([outer_border(shapes.units.values())]).equals(shapes.border.boundary)
    assert shared_borders([], []) == {} and outer_border([]).is_empty
    only = shared_borders(codes, shapes.units.values(), [(b.CIZHU, b.XINGLONG)])
    assert list(only) == [(b.XINGLONG, b.CIZHU)]


def test_the_ring_around_an_enclave_stays_a_ring() -> None:
    shapes = b.small_district_shapes()
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = shapely.LinearRing(np.column_stack([106.775 + 4e-3 * np.cos(turn), 29.845 + 4e-3 * np.sin(turn)]))
    inside = shapely.Polygon(ring)
    units = shapes.units | {
        b.CIZHU: shapes.units[b.CIZHU].difference(inside),
        b.TONGJING: shapely.union_all([shapes.units[b.TONGJING], inside]),
    }
    line = Settled("x", b.TONGJING, b.CIZHU, shapely.LineString(ring))
    for outlines in (units, {}):
        public = generalise(outlines, [line], np.empty((0, 2)), zone=ZONE, tolerance_m=50)
        shape = public.lines["x"]
        assert shape.is_ring and shape.is_simple and shapely.is_ccw(shapely.LinearRing(shape))
        assert shapely.hausdorff_distance(shape, line.geometry) < 1.2e-3
    assert public.units == {}


def rim_lines(shapes: b.SmallDistrict, *, off: float = 0.0) -> list[Settled]:
    """County lines: the rim in three stretches, moved north by some degrees."""
    rim = shapely.get_coordinates(shapes.border.exterior)[:-1]
    cuts = [0, len(rim) // 3, 2 * len(rim) // 3, len(rim)]
    closed = np.vstack([rim, rim[:1]])
    closed[:, 1] += off
    return [
        Settled(f"500112-50010{n}", b.DISTRICT, f"50010{n}", shapely.LineString(closed[i : j + 1]))
        for n, (i, j) in enumerate(pairwise(cuts))
    ]


@pytest.mark.parametrize("tolerance_m", [20, 50, 200])
def test_county_lines_are_the_rim_of_the_outlines(tolerance_m: float) -> None:
    """One simplification for the county's outline, its townships and its lines: they coincide vertex by vertex."""
    shapes = b.small_district_shapes()
    county = rim_lines(shapes)
    public = generalise(
        shapes.units, [*settled(shapes), *county], exact_of(shapes), zone=ZONE, tolerance_m=tolerance_m
    )
    rim = shapely.union_all(list(public.units.values())).exterior
    lines = [public.lines[line.code] for line in county]
    assert all(set(line.coords) <= set(rim.coords) and rim.covers(line) for line in lines)
    assert shapely.union_all(lines).equals(rim)
    for one, another in zip(lines, [*lines[1:], lines[0]], strict=True):
        assert one.coords[-1] == another.coords[0]


def test_a_county_line_that_leaves_the_outlines_is_its_own() -> None:
    shapes = b.small_district_shapes()
    county = rim_lines(shapes, off=0.003)
    public = generalise(shapes.units, county, np.empty((0, 2)), zone=ZONE, tolerance_m=50)
    for line in county:
        assert shapely.hausdorff_distance(public.lines[line.code], line.geometry) < 1.5e-3
