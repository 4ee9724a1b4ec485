"""GE02: invalid polygons are named with reason and place, and no later check dies of them."""

from __future__ import annotations

import pytest

from geo.terms import Profile, Severity


@pytest.mark.parametrize(
    ("wkt", "zh"),
    [
        ("POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))", "自相交"),
        ("POLYGON ((0 0, 100 0, 100 100, 0 100, 0 0), (200 200, 210 200, 210 210, 200 200))", "洞在外环之外"),
        (
            "POLYGON ((0 0, 100 0, 100 100, 0 100, 0 0), (10 10, 90 10, 90 90, 10 90, 10 10), "
            "(20 20, 30 20, 30 30, 20 20))",
            "洞套在洞里",
        ),
        (
            "MULTIPOLYGON (((0 0, 100 0, 100 100, 0 100, 0 0)), ((10 10, 20 10, 20 20, 10 10)))",
            "外环套在外环里",
        ),
        ("POLYGON ((0 0, 100 0, 100 100, 50 0, 0 100, 0 0))", "环自相接触"),
    ],
)
def test_each_defect_has_its_reason_and_place(scenes, wkt, zh):
    scene = scenes.scene(polygons=[(wkt, {"code": "500112101"}), scenes.square(1000, 1000)])
    (found,) = scenes.findings(scene, "GE02")
    assert found.severity is Severity.ERROR and found.features == (0,)
    assert zh in found.text.zh and found.geometry is not None and found.geometry.geom_type == "Point"
    assert "area_m2" in found.measure


def test_a_bow_tie_is_placed_at_its_crossing(scenes):
    scene = scenes.scene(polygons=["POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))"])
    (found,) = scenes.findings(scene, "GE02")
    here = scenes.here(scene.plane.project(found.geometry)) if scene.plane.zone is None else found.geometry
    assert abs(found.measure["area_m2"] - 5000) < 0.1
    assert here is not None


def test_valid_polygons_pass_and_invalid_ones_still_take_part(scenes):
    bow = "POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))"
    scene = scenes.scene(polygons=[bow, "POLYGON ((80 0, 180 0, 180 100, 80 100, 80 0))"])
    assert len(scenes.findings(scene, "GE02")) == 1
    (overlap,) = scenes.findings(scene, "TP01")
    # The right wing of the bow tie, from x = 80 on: a triangle with 20 m cut at the base of 100.
    assert abs(overlap.measure["area_m2"] - (100 + 60) / 2 * 20) < 0.1
    assert not scenes.findings(scenes.scene(polygons=[scenes.square(0, 0)]), "GE02")


def test_an_error_in_generic_too(scenes):
    scene = scenes.scene(polygons=["POLYGON ((0 0, 100 100, 100 0, 0 100, 0 0))"], profile=Profile.GENERIC)
    (found,) = scenes.findings(scene, "GE02")
    assert found.severity is Severity.ERROR
