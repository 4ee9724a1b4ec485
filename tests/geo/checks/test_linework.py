"""TP06, TP07, TP08: how lines may meet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.terms import Profile, Severity

A, B, C = "500112101", "500112102", "500112103"


def two(first, second, **values):
    return [
        (shapely.LineString(first), {"code": "1", **values.get("a", {})}),
        (shapely.LineString(second), {"code": "2", **values.get("b", {})}),
    ]


@pytest.mark.parametrize(
    ("a", "b", "hits"),
    [
        ((A, B), (A, B), 1),
        ((A, B), (B, A), 1),  # the same pair, drawn the other way round
        ((A, B), (A, C), 0),
        ((None, None), (None, None), 1),
    ],
)
def test_tp06_pseudo_node_by_pair_of_units(scenes, a, b, hits):
    sides = {k: {"left": v[0], "right": v[1]} for k, v in (("a", a), ("b", b))}
    lines = two([(0, 0), (100, 0)], [(100, 0), (200, 0)], **sides)
    found = scenes.findings(scenes.scene(lines=lines), "TP06")
    assert [f.severity for f in found] == [Severity.ERROR] * hits
    assert all(f.ids == ("1", "2") and f.geometry.geom_type == "Point" for f in found)


@pytest.mark.parametrize(("gap", "hits"), [(0.001, 1), (0.0012, 0)])
def test_tp06_within_equality(scenes, gap, hits):
    lines = two([(0, 0), (100, 0)], [(100 + gap, 0), (200, 0)])
    assert len(scenes.findings(scenes.scene(lines=lines), "TP06")) == hits


def test_tp06_not_where_three_lines_meet_and_not_for_one_closed_line(scenes, networks):
    three = [*two([(0, 0), (100, 0)], [(100, 0), (200, 0)]), (shapely.LineString([(100, 0), (100, 90)]), {})]
    assert not scenes.findings(scenes.scene(lines=three), "TP06")
    assert not scenes.findings(scenes.scene(lines=["LINESTRING (0 0, 9 0, 9 9, 0 0)"]), "TP06")
    assert not scenes.findings(scenes.scene(lines=[*networks.lines(), *networks.border()]), "TP06")


def test_tp07_crossing_is_placed_and_counted(scenes):
    lines = two([(0, 0), (100, 0)], [(10, -10), (10, 10), (20, 10), (20, -10)])
    (found,) = scenes.findings(scenes.scene(lines=lines), "TP07")
    assert found.severity is Severity.ERROR and found.measure["count"] == 2
    assert found.geometry.geom_type == "MultiPoint" and found.ids == ("1", "2")


def test_tp07_a_shared_vertex_is_no_node_unless_both_end_there(scenes):
    through = two([(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)])
    assert len(scenes.findings(scenes.scene(lines=through), "TP07")) == 1
    ends = two([(0, 0), (50, 0)], [(50, 0), (50, 50)])
    assert not scenes.findings(scenes.scene(lines=ends), "TP07")


@pytest.mark.parametrize(("over", "hits"), [(0.0009, 0), (0.0012, 1)])
def test_tp07_an_overshoot_beyond_equality_crosses(scenes, over, hits):
    lines = two([(0, 0), (100, 0)], [(50, -over), (50, 80)])
    assert len(scenes.findings(scenes.scene(lines=lines), "TP07")) == hits


def test_tp08_same_geometry_whatever_its_direction_or_start(scenes):
    xy = [(0, 0), (100, 0), (100, 50)]
    (found,) = scenes.findings(scenes.scene(lines=two(xy, xy[::-1])), "TP08")
    assert found.severity is Severity.ERROR and "完全相同" in found.text.zh
    ring = [(0, 0), (100, 0), (100, 50), (0, 0)]
    other = [(100, 0), (100, 50), (0, 0), (100, 0)]
    assert len(scenes.findings(scenes.scene(lines=two(ring, other)), "TP08")) == 1
    twice = [(scenes.square(0, 0), {"code": "A"}), (scenes.square(0, 0), {"code": "B"})]
    assert len(scenes.findings(scenes.scene(polygons=twice), "TP08")) == 1


@pytest.mark.parametrize(("length", "hits"), [(0.0009, 0), (0.001, 0), (0.0015, 1), (30, 1)])
def test_tp08_collinear_stretch(scenes, length, hits):
    lines = two([(0, 0), (100, 0)], [(100 - length, 0), (100, 0), (200, 70)])
    found = scenes.findings(scenes.scene(lines=lines), "TP08")
    assert len(found) == hits
    for f in found:
        assert abs(f.measure["length_m"] - length) < 1e-6 and "重合" in f.text.zh


def test_a_published_line_counts_as_the_other(scenes):
    around = scenes.published(lines=[("LINESTRING (50 -50, 50 50)", {"code": "9", "state": "settled"})])
    mine = [("LINESTRING (0 0, 100 0)", {"code": "1"})]
    (found,) = scenes.findings(scenes.scene(lines=mine, published=around), "TP07")
    assert found.ids == ("1", "9") and found.features == (0,)
    waiting = scenes.published(lines=[("LINESTRING (50 -50, 50 50)", {"code": "9", "state": "field_survey"})])
    assert not scenes.findings(scenes.scene(lines=mine, published=waiting), "TP07")


def test_tp06_an_accepted_line_may_be_the_other_but_not_both(scenes):
    sides = {"left": A, "right": B}
    ends = [
        ("LINESTRING (0 0, 100 0)", sides | {"code": "7"}),
        ("LINESTRING (100 0, 200 0)", sides | {"code": "8"}),
    ]
    lying = [(line, values | {"state": "settled"}) for line, values in ends]
    (found,) = scenes.findings(
        scenes.scene(lines=ends[:1], published=scenes.published(lines=lying[1:])), "TP06"
    )
    assert found.ids == ("7", "8") and found.features == (0,)
    elsewhere = [("LINESTRING (0 500, 100 500)", {"code": "9"})]
    assert not scenes.findings(scenes.scene(lines=elsewhere, published=scenes.published(lines=lying)), "TP06")


def test_what_is_wrong_in_the_accepted_state_alone_is_not_the_uploads(scenes, networks):
    """Of lines: crossing, over each other, three ends apart."""
    lying = [
        ("LINESTRING (0 2000, 100 2000)", {"code": "5", "state": "settled"}),
        ("LINESTRING (50 1950, 50 2050)", {"code": "6", "state": "settled"}),
        ("LINESTRING (20 2000, 80 2000)", {"code": "7", "state": "settled"}),
        *((shapely.transform(line, lambda c: c + np.array([0, 3000])), values | {"state": "settled"})
          for line, values in networks.lines(ab_end=(500, 499.95))),
    ]  # fmt: skip
    scene = scenes.scene(
        lines=[("LINESTRING (0 0, 100 0)", {"code": "1"})], published=scenes.published(lines=lying)
    )
    assert {f.ids for f in scenes.findings(scene, "TP05", "TP06", "TP07", "TP08", "TP11")} == {("1",)}


def test_and_of_polygons(scenes):
    """Overlapping, gaping, with other vertices, lying in each other."""
    lying = [
        (shapely.box(0, 3000, 1000, 4000).difference(shapely.box(400, 3400, 500, 3500)), {"code": "500112101"}),
        (shapely.box(999, 3000, 2000, 4000), {"code": "500112102"}),
        (shapely.Polygon([(2000, 3000), (3000, 3000), (3000, 4000), (2000, 4000), (2000, 3300)]), {"code": "500112103"}),
        (shapely.MultiPolygon([shapely.box(410, 3410, 420, 3420), shapely.box(5000, 3000, 6000, 4000)]), {"code": "500112104"}),
    ]  # fmt: skip
    mine = [(scenes.square(0, 0), {"code": "500112105"})]
    codes = ("TP01", "TP02", "TP03", "TP08", "TP14")
    assert not scenes.findings(
        scenes.scene(polygons=mine, published=scenes.published(polygons=lying)), *codes
    )
    assert {f.code for f in scenes.findings(scenes.scene(polygons=lying), *codes)} == {
        "TP01",
        "TP02",
        "TP03",
        "TP14",
    }


def test_generic_warns_of_all_three(scenes):
    lines = [
        "LINESTRING (0 0, 100 0)",
        "LINESTRING (100 0, 200 0)",
        "LINESTRING (50 -50, 50 50)",
        "LINESTRING (0 0, 100 0)",
    ]
    found = scenes.findings(scenes.scene(lines=lines, profile=Profile.GENERIC), "TP06", "TP07", "TP08")
    assert {f.code for f in found} == {"TP07", "TP08"}
    assert {f.severity for f in found} == {Severity.WARNING}
    found = scenes.findings(scenes.scene(lines=lines[:2], profile=Profile.GENERIC), "TP06")
    assert [f.severity for f in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("a", "b", "hits"),
    [
        ({"left": A, "right": B}, {"left": A, "right": C}, 0),
        ({"left": A, "right": B}, {"left": B, "right": A}, 1),
        ({"code": f"{A}-{B}"}, {"code": f"{A}-{C}"}, 0),
        ({}, {}, 1),
    ],
)
def test_tp06_in_generic_keeps_apart_what_the_file_does(scenes, a, b, hits):
    lines = [("LINESTRING (0 0, 100 0)", a), ("LINESTRING (100 0, 200 0)", b)]
    assert len(scenes.findings(scenes.scene(lines=lines, profile=Profile.GENERIC), "TP06")) == hits
