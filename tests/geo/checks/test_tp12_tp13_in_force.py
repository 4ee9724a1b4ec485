"""TP12, TP13: what is in force, and how far an upload is from it."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Profile, Severity

CODE = "500112101-500112102"


def line(off=0.0):
    return shapely.LineString([(0, 0), (500, off), (1000, 0)])


def ask(scenes, off, state="settled", crs=4545):
    around = scenes.published(lines=[(line(), {"code": CODE, "state": state})])
    return scenes.findings(
        scenes.scene(lines=[(line(off), {"code": CODE})], published=around, crs=crs), "TP12"
    )


@pytest.mark.parametrize(
    ("off", "state", "severity", "word"),
    [
        (0.0009, "settled", None, None),
        (0.0012, "settled", Severity.WARNING, "测量误差"),
        (0.149, "settled", Severity.WARNING, "测量误差"),
        (0.152, "settled", Severity.ERROR, "双方签字"),
        (0.152, "results_checked", Severity.WARNING, "双方签字"),
        (0.99, "agreement_signed", Severity.ERROR, "双方签字"),
        (1.01, "submitted", Severity.ERROR, "两条不同"),
        (1.01, "results_checked", Severity.WARNING, "两条不同"),
        (40.0, "field_survey", None, None),
        (40.0, "changing", None, None),
    ],
)
def test_tp12_ladder(scenes, off, state, severity, word):
    found = ask(scenes, off, state)
    assert [f.severity for f in found] == ([severity] if severity else [])
    for f in found:
        assert word in f.text.zh and abs(f.measure["distance_m"] - off) < 1e-3
        assert abs(f.measure["area_m2"] - 500 * off) < 0.2
        assert f.geometry is not None


def test_tp12_a_line_in_two_records_is_one(scenes):
    around = scenes.published(lines=[(line(), {"code": CODE, "state": "settled"})])
    halves = [(shapely.LineString(xy), {"code": CODE}) for xy in ([(0, 0), (500, 0)], [(500, 0), (1000, 0)])]
    assert not scenes.findings(scenes.scene(lines=halves, published=around), "TP12")
    (found,) = scenes.findings(scenes.scene(lines=halves[:1], published=around), "TP12")
    assert found.severity is Severity.ERROR and found.measure["distance_m"] == pytest.approx(500)


def test_tp12_a_ribbon_is_a_polygon(scenes):
    (found,) = ask(scenes, 20.0)
    assert found.geometry.geom_type == "MultiPolygon"


@pytest.mark.parametrize("crs", [4544, 4524, 4490])
def test_tp12_another_zone_or_direction_is_no_change(scenes, crs):
    assert not ask(scenes, 0.0, crs=crs)
    around = scenes.published(lines=[(line().reverse(), {"code": CODE, "state": "settled"})])
    assert not scenes.findings(scenes.scene(lines=[(line(), {"code": CODE})], published=around), "TP12")


def test_both_are_left_out_with_a_word_where_the_reference_is_absent(scenes):
    scene = scenes.scene(lines=[(line(), {"code": CODE})])
    found = scenes.findings(scene, "TP12", "TP13")
    assert [(f.code, f.severity) for f in found] == [("TP12", Severity.INFO), ("TP13", Severity.INFO)]
    generic = scenes.scene(lines=[(line(), {"code": CODE})], profile=Profile.GENERIC)
    assert not scenes.findings(generic, "TP12", "TP13")


def unit(off=0.0):
    return shapely.Polygon([(0, 0), (500, off), (1000, 0), (1000, -800), (0, -800)])


@pytest.mark.parametrize(
    ("off", "hits"), [(0.0, 0), (0.0009, 0), (0.0012, 1), (0.99, 1), (1.02, 1), (-1.02, 1), (25, 1), (-25, 1)]
)
def test_tp13_a_polygon_beside_the_county_line(scenes, off, hits):
    around = scenes.published(county_line=line())
    scene = scenes.scene(polygons=[(unit(off), {"code": "500112101"})], published=around)
    found = scenes.findings(scene, "TP13")
    assert [f.severity for f in found] == [Severity.ERROR] * hits
    for f in found:
        assert abs(f.measure["distance_m"] - abs(off)) < 1e-2 and f.ids == ("500112101",)
        assert ("两条不同" in f.text.zh) is (abs(off) > 1)
        assert f.geometry.geom_type == ("MultiPolygon" if abs(off) > 1 else "MultiPoint")


@pytest.mark.parametrize(("off", "hits"), [(0.0009, 0), (0.0012, 1), (30.0, 1)])
def test_tp13_a_line_with_an_outside_unit_is_the_county_line(scenes, off, hits):
    around = scenes.published(county_line=line())
    values = {"code": "500105101-500112101", "left": "500105101", "right": "500112101"}
    found = scenes.findings(scenes.scene(lines=[(line(off), values)], published=around), "TP13")
    assert len(found) == hits


def test_tp13_a_bend_of_the_county_line_that_the_polygon_has_not(scenes):
    straight = shapely.Polygon([(0, 0), (1000, 0), (1000, -800), (0, -800)])
    scene = scenes.scene(
        polygons=[(straight, {"code": "500112101"})], published=scenes.published(county_line=line(0.5))
    )
    (found,) = scenes.findings(scene, "TP13")
    assert found.measure == {"count": 1, "distance_m": pytest.approx(0.5)}


@pytest.mark.parametrize(("along", "hits"), [(440, 0), (560, 1)])
def test_tp13_a_line_that_runs_mostly_on_the_county_line_is_meant(scenes, along, hits):
    """Whatever its units are called; within a metre of it."""
    inner = shapely.LineString([(0, -0.05), (along, -0.05), (along, along - 1000)])
    values = {"code": CODE, "left": "500112101", "right": "500112102"}
    scene = scenes.scene(lines=[(inner, values)], published=scenes.published(county_line=line()))
    assert len(scenes.findings(scene, "TP13")) == hits
    away = shapely.transform(inner, lambda c: c - (0, 1.0))
    scene = scenes.scene(lines=[(away, values)], published=scenes.published(county_line=line()))
    assert not scenes.findings(scene, "TP13")


def test_tp13_an_inner_line_that_only_reaches_the_county_line_is_not_meant(scenes):
    around = scenes.published(county_line=line())
    inner = shapely.LineString([(500, -0.05), (500, -400), (480, -800)])
    values = {"code": CODE, "left": "500112101", "right": "500112102"}
    assert not scenes.findings(scenes.scene(lines=[(inner, values)], published=around), "TP13")


def test_tp13_a_whole_bend_left_out(scenes):
    straight = shapely.Polygon([(0, 0), (1000, 0), (1000, -800), (0, -800)])
    around = scenes.published(county_line=line(25))
    (found,) = scenes.findings(
        scenes.scene(polygons=[(straight, {"code": "500112101"})], published=around), "TP13"
    )
    assert found.measure["distance_m"] == pytest.approx(25, abs=0.1)
    assert found.measure["area_m2"] == pytest.approx(12_500, rel=1e-6)


@pytest.mark.parametrize(("off", "hits"), [(0, 0), (1.5, 1), (300, 1), (-300, 0)])
def test_tp13_beyond_the_district_is_certain_and_a_wide_retreat_may_be_another_unit(scenes, off, hits):
    around = scenes.published(county_line=line(), district=shapely.box(-2000, -2000, 3000, 0))
    scene = scenes.scene(polygons=[(unit(off), {"code": "500112101"})], published=around)
    found = scenes.findings(scene, "TP13")
    assert len(found) == hits
    assert all(f.measure["distance_m"] == pytest.approx(off, abs=0.01) for f in found)


def test_tp13_a_neighbour_in_force_strays_on_its_own(scenes):
    theirs = shapely.Polygon([(1000, 0), (1500, 20), (2000, 0), (2000, -800), (1000, -800)])
    both = shapely.LineString([(0, 0), (500, 0), (1000, 0), (1500, 0), (2000, 0)])
    around = scenes.published(county_line=both, polygons=[(theirs, {"code": "500112102"})])
    scene = scenes.scene(polygons=[(unit(), {"code": "500112101"})], published=around)
    assert not scenes.findings(scene, "TP13")


@pytest.mark.parametrize("left", ["50012101", "510112101", "甲镇", "500105101", None])
def test_tp13_a_slip_in_a_code_makes_no_county_line(scenes, left):
    """Neither the level nor the number of the line says that it is one."""
    inner = shapely.LineString([(500, -0.05), (500, -400), (480, -800)])
    values = {"code": CODE, "left": left, "right": "500112102", "level": "乡镇级"}
    around = scenes.published(county_line=line())
    assert not scenes.findings(scenes.scene(lines=[(inner, values)], published=around), "TP13")
