"""TP14, TP15, TP16: enclaves, the sum of the units, the way a line runs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.terms import Profile, Severity


def test_tp14_a_piece_inside_another_unit(scenes):
    hole = scenes.square(400, 400, 200)
    outer = (scenes.square(0, 0).difference(hole), {"code": "500112101"})
    main = scenes.square(1000, 0)
    inner = (shapely.MultiPolygon([main, hole]), {"code": "500112102"})
    (found,) = scenes.findings(scenes.scene(polygons=[outer, inner]), "TP14")
    assert found.severity is Severity.WARNING and found.ids == ("500112102", "500112101")
    assert abs(found.measure["area_m2"] - 40_000) < 1 and "之内" in found.text.zh
    whole = scenes.scene(polygons=[outer, (hole, {"code": "500112102"})])
    (found,) = scenes.findings(whole, "TP14")
    assert "整个" in found.text.zh
    assert not scenes.findings(scenes.scene(polygons=[outer, (main, {"code": "500112102"})]), "TP14")


def test_tp14_records_of_one_code_are_one_unit_but_not_in_generic(scenes):
    rows = [
        (scenes.square(0, 0), {"code": "500112101"}),
        (scenes.square(1000, 0), {"code": "500112102"}),
        (scenes.square(2000, 0, 500), {"code": "500112101"}),
    ]
    (found,) = scenes.findings(scenes.scene(polygons=rows), "TP14")
    assert found.ids == ("500112101", "500112102") and "不相连" in found.text.zh
    assert not scenes.findings(scenes.scene(polygons=rows, profile=Profile.GENERIC), "TP14")


def test_tp14_joined_at_a_point(scenes):
    shape = shapely.MultiPolygon([scenes.square(0, 0), scenes.square(1000, 1000)])
    for profile in Profile:
        scene = scenes.scene(polygons=[(shape, {"code": "500112101"})], profile=profile)
        (found,) = scenes.findings(scene, "TP14")
        assert "一点" in found.text.zh and found.geometry.geom_type == "Point"


def district_scene(scenes, networks, district, polygons=None):
    known = scenes.units((networks.A, "甲镇"), (networks.B, "乙镇"), (networks.C, "丙镇"))
    mine = polygons or networks.polygons()
    return scenes.scene(
        polygons=mine[:1], published=scenes.published(polygons=mine[1:], district=district), units=known
    )


@pytest.mark.parametrize(("lift", "hits"), [(0.0, 0), (0.0009, 0), (0.0011, 1)])
def test_tp15_a_square_metre_is_the_limit(scenes, networks, lift, hits):
    wide = shapely.transform(networks.district(), lambda c: c + ((c[:, 1:] == 1000) * (0.0, lift)))
    found = scenes.findings(district_scene(scenes, networks, wide), "TP15")
    assert [f.severity for f in found] == [Severity.ERROR] * hits
    for f in found:
        assert abs(f.measure["area_m2"] - 1000 * lift) < 0.2 and "少" in f.text.zh


@pytest.mark.parametrize(("tilt", "hits"), [(0.0018, 0), (0.003, 2)])
def test_tp15_what_lacks_and_what_is_too_much_count_together(scenes, networks, tilt, hits):
    """0.45 and 0.45 m2, 0.75 and 0.75 m2."""
    tilted = shapely.transform(
        networks.district(),
        lambda c: c + (c[:, 1:] == 1000) * (0.0, 1.0) * np.where(c[:, :1] == 0, tilt, -tilt),
    )
    found = scenes.findings(district_scene(scenes, networks, tilted), "TP15")
    assert len(found) == hits and all(abs(f.measure["area_m2"] - 250 * tilt) < 0.05 for f in found)


def test_tp15_beyond_the_district_and_only_when_all_units_are_there(scenes, networks):
    small = shapely.transform(networks.district(), lambda c: c - ((c[:, 1:] == 1000) * (0.0, 5.0)))
    (found,) = scenes.findings(district_scene(scenes, networks, small), "TP15")
    assert "超出" in found.text.zh and abs(found.measure["area_m2"] - 5000) < 1
    part = district_scene(scenes, networks, small, networks.polygons()[:2])
    assert not scenes.findings(part, "TP15")
    (found,) = scenes.findings(scenes.scene(polygons=networks.polygons()), "TP15")
    assert found.severity is Severity.INFO


@pytest.mark.parametrize(
    ("end", "hits"),
    [
        ((100, 0), 0),
        ((-100, 0), 1),
        ((0, -100), 0),
        ((0, 100), 1),
        ((100, 90), 0),
        ((-90, -100), 0),
        ((-100, -90), 1),
        ((90, 100), 1),
        ((99.5, 100), 0),
        ((-100, -97), 0),
        ((-100, 97), 1),
        ((97, -100), 0),
    ],
)
def test_tp16_west_to_east_and_north_to_south(scenes, end, hits):
    scene = scenes.scene(lines=[(shapely.LineString([(0, 0), (10, 30), end]), {"code": "L"})])
    found = scenes.findings(scene, "TP16")
    assert [f.severity for f in found] == [Severity.WARNING] * hits
    generic = scenes.scene(lines=["LINESTRING (0 0, -100 0)"], profile=Profile.GENERIC)
    assert not scenes.findings(generic, "TP16")


@pytest.mark.parametrize("crs", [4544, 4524, 4490])
def test_tp16_in_any_zone(scenes, crs):
    # Nearly diagonal: the grids of two zones are turned by 1.5 degrees against each other.
    ends = [(-1000, -985), (-985, -1000), (1000, 985), (1000, 1000), (-1000, -900), (900, 1000)]
    lines = [(shapely.LineString([(0, 0), end]), {}) for end in ends]
    want = [f.features for f in scenes.findings(scenes.scene(lines=lines), "TP16")]
    assert [f.features for f in scenes.findings(scenes.scene(lines=lines, crs=crs), "TP16")] == want
    assert want == [(4,), (5,)]


def test_tp14_pieces_of_a_polygon_that_is_not_valid_are_no_enclaves(scenes):
    bow = shapely.Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    scene = scenes.scene(polygons=[(bow, {"code": "500112101"})])
    assert scenes.findings(scene, "GE02") and not scenes.findings(scene, "TP14")


@pytest.mark.parametrize(("lift", "word"), [(-50, "缺口旁"), (50, "超出处")])
def test_tp15_names_the_units_beside(scenes, networks, lift, word):
    (a, one), *rest = networks.polygons()
    moved = shapely.transform(a, lambda c: c - ((c == (0, 0)).all(axis=1)[:, None] * (lift, 0)))
    around = scenes.published(polygons=rest, district=networks.district())
    units = scenes.units(*((p["code"], p["name"]) for _, p in networks.polygons()))
    (found,) = scenes.findings(scenes.scene(polygons=[(moved, one)], published=around, units=units), "TP15")
    assert (
        found.ids == (networks.A,) and found.layer and word in found.text.zh and networks.A in found.text.zh
    )
