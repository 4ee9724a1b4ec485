"""GE06: lines without length and polygons without area."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Profile, Role, Severity


@pytest.mark.parametrize(("length", "hits"), [(0.0099, 1), (0.01, 0), (0.5, 0)])
@pytest.mark.parametrize("profile", list(Profile))
def test_short_lines(scenes, length, hits, profile):
    scene = scenes.scene(lines=[(shapely.LineString([(0, 0), (length, 0)]), {"code": "L"})], profile=profile)
    found = scenes.findings(scene, "GE06")
    assert [f.severity for f in found] == [Severity.ERROR] * hits


@pytest.mark.parametrize(("side", "hits"), [(0.99, 1), (1.0, 0), (1.01, 0)])
def test_small_polygons(scenes, side, hits):
    scene = scenes.scene(polygons=[(scenes.square(0, 0, side), {"code": "A"})])
    assert len(scenes.findings(scene, "GE06")) == hits


@pytest.mark.parametrize(("width", "hits"), [(0.0002, 1), (0.004, 0)])
def test_long_polygons_that_vanish_at_a_millimetre(scenes, width, hits):
    strip = shapely.box(0, 0, 9000, width)
    found = scenes.findings(scenes.scene(polygons=[(strip, {"code": "A"})]), "GE06")
    assert len(found) == hits
    if hits:
        assert found[0].measure["area_m2"] > 1 and found[0].geometry is not None


def test_a_tiny_part_of_a_large_record_is_a_sliver(scenes):
    shape = shapely.MultiPolygon([scenes.square(0, 0), scenes.square(2000, 0, 0.1)])
    scene = scenes.scene(polygons=[(shape, {"code": "A"})])
    assert not scenes.findings(scene, "GE06") and len(scenes.findings(scene, "GE13")) == 1


def test_an_invalid_polygon_is_ge02s(scenes):
    outside = "POLYGON ((20 20, 30 30, 20 30, 20 20), (0 0, 100 0, 100 100, 0 100, 0 0))"
    scene = scenes.scene(polygons=[outside])
    assert {f.code for f in scenes.findings(scene)} >= {"GE02"} and not scenes.findings(scene, "GE06")


@pytest.mark.parametrize(("width", "hits"), [(0.00049, 1), (0.00051, 0)])
def test_half_a_millimetre_rounds_to_nothing(scenes, width, hits):
    strip = shapely.box(0, 0, 9000, width)
    assert len(scenes.findings(scenes.scene(polygons=[(strip, {"code": "A"})]), "GE06")) == hits


@pytest.mark.parametrize(("crs", "hits"), [(None, 0), (4545, 1)])
def test_numbers_of_an_unknown_unit_are_no_metres(scenes, crs, hits):
    plot = scenes.layer(Role.POLYGONS, [(scenes.square(0, 0, 0.9), {"code": "A"})], crs=crs, moved=False)
    scene = scenes.scene(layers=[plot], profile=Profile.GENERIC)
    assert len(scenes.findings(scene, "GE06")) == hits
    course = scenes.layer(Role.LINES, [shapely.LineString([(0, 0), (0.005, 0)])], crs=crs, moved=False)
    scene = scenes.scene(layers=[course], profile=Profile.GENERIC)
    assert len(scenes.findings(scene, "GE06")) == hits


@pytest.mark.parametrize("crs", [None, 4545])
def test_no_extent_at_all_is_none_in_any_unit(scenes, crs):
    nothing = scenes.layer(Role.LINES, [shapely.LineString([(3, 4), (3, 4)])], crs=crs, moved=False)
    assert scenes.findings(scenes.scene(layers=[nothing], profile=Profile.GENERIC), "GE06")


def test_a_ring_of_one_point_repeated(scenes):
    ring = shapely.Polygon([(5, 5)] * 5)
    (found,) = scenes.findings(scenes.scene(polygons=[(ring, {"code": "A"})]), "GE06")
    assert found.severity is Severity.ERROR and found.geometry is not None
