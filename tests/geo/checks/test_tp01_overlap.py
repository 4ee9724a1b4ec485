"""TP01: two polygons claim the same ground."""

from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from geo.terms import Profile, Severity


def pair(scenes, over, height=1000.0):
    return [
        (shapely.box(0, 0, 1000, height), {"code": "500112101", "name": "甲"}),
        (shapely.box(1000 - over, 0, 2000, height), {"code": "500112102", "name": "乙"}),
    ]


def test_neighbours_do_not_overlap(scenes):
    assert not scenes.findings(scenes.scene(polygons=pair(scenes, 0.0)), "TP01")


def test_an_overlap_says_how_much_where_and_who(scenes):
    (found,) = scenes.findings(scenes.scene(polygons=pair(scenes, 2.0)), "TP01")
    assert found.severity is Severity.ERROR
    assert found.ids == ("500112101", "500112102")
    assert abs(found.measure["area_m2"] - 2000) < 1e-3
    assert abs(found.measure["width_m"] - 2) < 1e-3
    assert found.geometry is not None and found.geometry.geom_type == "Polygon"
    for words in ("ArcGIS", "QGIS", "CASS"):
        assert words in found.remedy.zh and words in found.remedy.en


@pytest.mark.parametrize(
    ("over", "height", "severity"),
    [
        (0.00004, 1000, None),  # less than half the grid: rounded away
        (0.0001, 0.009, None),  # 9e-7 m2 is rounding
        (0.0001, 0.012, Severity.WARNING),  # 1.2e-6 m2
        (0.001, 9.0, Severity.WARNING),  # 0.009 m2 and not wider than 1 mm
        (0.001, 11.0, Severity.ERROR),  # 0.011 m2
        (0.0012, 8.0, Severity.ERROR),  # 0.0096 m2, but wider than 1 mm
    ],
)
def test_error_by_area_or_by_width(scenes, over, height, severity):
    found = scenes.findings(scenes.scene(polygons=pair(scenes, over, height)), "TP01")
    assert [f.severity for f in found] == ([severity] if severity else [])


def test_generic_only_warns(scenes):
    (found,) = scenes.findings(scenes.scene(polygons=pair(scenes, 2.0), profile=Profile.GENERIC), "TP01")
    assert found.severity is Severity.WARNING


def test_a_unit_inside_another_and_a_unit_twice_are_overlaps(scenes):
    inside = [(scenes.square(0, 0), {"code": "A"}), (scenes.square(200, 200, 100), {"code": "B"})]
    (found,) = scenes.findings(scenes.scene(polygons=inside), "TP01")
    assert abs(found.measure["area_m2"] - 10_000) < 1e-3
    twice = [(scenes.square(0, 0), {"code": "A"}), (scenes.square(0, 0), {"code": "B"})]
    (found,) = scenes.findings(scenes.scene(polygons=twice), "TP01")
    assert abs(found.measure["area_m2"] - 1e6) < 1e-3


def test_published_neighbours_count_and_the_own_old_version_does_not(scenes):
    around = scenes.published(
        polygons=[
            (scenes.square(0, 0), {"code": "500112101"}),
            (scenes.square(1000, 0), {"code": "500112102"}),
        ]
    )
    mine = [(shapely.box(0, 0, 1005, 1000), {"code": "500112101"})]
    (found,) = scenes.findings(scenes.scene(polygons=mine, published=around), "TP01")
    assert found.ids == ("500112101", "500112102") and abs(found.measure["area_m2"] - 5000) < 1e-3


@settings(max_examples=15, deadline=None)
@given(
    over=st.sampled_from([0.0, 0.5]),
    turn=st.floats(0, 360),
    shift=st.tuples(st.integers(-3000, 3000), st.integers(-3000, 3000)),
    start=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    order=st.booleans(),
    crs=st.sampled_from([4545, 4544, 4524, 4523, 4490]),
)
def test_place_rotation_start_order_and_zone_do_not_matter(scenes, over, turn, shift, start, order, crs):
    shapes = []
    for (shape, values), first in zip(pair(scenes, over), start, strict=True):
        ring = list(shape.exterior.coords)[:-1]
        ring = ring[first:] + ring[:first]
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        moved = affinity.affine_transform(shapely.Polygon(ring), [cos, -sin, sin, cos, *shift])
        shapes.append((moved, values))
    if order:
        shapes.reverse()
    found = scenes.findings(scenes.scene(polygons=shapes, crs=crs), "TP01", "TP02", "TP03")
    assert ("TP01" in {f.code for f in found}) == (over > 0)
    if not over:
        assert not found
    for f in found:
        assert f.code == "TP03" or abs(f.measure["area_m2"] - 500) < 0.5


@pytest.mark.parametrize("code", [None, "500112999", "乙", "500112102"])
def test_a_polygon_stands_for_the_published_unit_that_it_covers(scenes, networks, code):
    """Whatever its code field says: that is for the checks of attributes."""
    (shape, values), *_ = networks.polygons()
    around = scenes.published(polygons=networks.polygons(), district=networks.district())
    mine = [(shape, {**values, "code": code})]
    scene = scenes.scene(polygons=mine, lines=networks.lines(), published=around)
    assert not scenes.findings(scene, "TP01", "TP02", "TP03", "TP10")


def test_a_polygon_that_swallows_its_neighbour_overlaps_it(scenes, networks):
    a, b, _ = networks.polygons()
    both = shapely.union_all([a[0], b[0]])
    around = scenes.published(polygons=networks.polygons())
    for code in (networks.A, networks.B):
        scene = scenes.scene(polygons=[(both, {"code": code})], published=around)
        assert {i for f in scenes.findings(scene, "TP01") for i in f.ids} == {networks.A, networks.B}


def test_a_unit_in_a_new_place_is_still_that_unit(scenes, networks):
    (shape, values), *_ = networks.polygons()
    around = scenes.published(polygons=networks.polygons())
    moved = shapely.transform(shape, lambda c: c - (300, 300))
    assert not scenes.findings(scenes.scene(polygons=[(moved, values)], published=around), "TP01")
