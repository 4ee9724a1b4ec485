"""TP01: two polygons claim the same ground."""

from __future__ import annotations

import shapely

from geo.terms import Profile, Severity


def pair(scenes, gap):
    return [
        (scenes.square(0, 0), {"code": "500112101", "name": "甲"}),
        (shapely.box(1000 - gap, 0, 2000, 1000), {"code": "500112102", "name": "乙"}),
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


def test_generic_only_warns(scenes):
    (found,) = scenes.findings(scenes.scene(polygons=pair(scenes, 2.0), profile=Profile.GENERIC), "TP01")
    assert found.severity is Severity.WARNING
