"""TP05: ends that nothing meets."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import LineState, Profile, Severity


def test_a_whole_network_has_none(scenes, networks):
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()])
    assert not scenes.findings(scene, *(f"TP{n:02d}" for n in range(4, 9)), "TP11")


@pytest.mark.parametrize(
    ("end", "severity", "word"),
    [
        ((500, 499.9991), None, None),
        ((500, 498), Severity.ERROR, "悬空"),
        ((500, 499.84), Severity.ERROR, "悬空"),
        ((500, 499.86), Severity.WARNING, "只差"),  # TP11 carries the error
    ],
)
def test_an_end_that_falls_short(scenes, networks, end, severity, word):
    scene = scenes.scene(lines=[*networks.lines(ab_end=end), *networks.border()])
    found = scenes.findings(scene, "TP05")
    assert [f.severity for f in found] == ([severity] if severity else [])
    if found:
        assert word in found[0].text.zh and found[0].ids[0] == networks.AB
        assert found[0].geometry.geom_type == "Point"


def test_a_near_miss_between_two_lines_proposes_a_snap(scenes):
    lines = [("LINESTRING (0 0, 100 0)", {"code": "1"}), ("LINESTRING (100.1 0, 200 0)", {"code": "2"})]
    found = scenes.findings(scenes.scene(lines=lines), "TP05")
    near = [f for f in found if "只差" in f.text.zh]
    assert len(near) == 2 and len(found) == 4
    assert all(abs(f.measure["distance_m"] - 0.1) < 1e-6 and f.severity is Severity.ERROR for f in near)
    assert "不会自动移动" in near[0].remedy.zh


def test_an_end_on_the_middle_of_another_asks_for_a_split(scenes):
    lines = [("LINESTRING (0 0, 100 0)", {"code": "1"}), ("LINESTRING (50 0, 50 80)", {"code": "2"})]
    found = scenes.findings(scenes.scene(lines=lines), "TP05")
    assert [f.ids for f in found if "没有断开" in f.text.zh] == [("2", "1")]


@pytest.mark.parametrize(
    ("off", "word"), [(0.001, "没有断开"), (0.0012, "只差"), (0.149, "只差"), (0.152, "悬空")]
)
def test_how_far_from_the_middle(scenes, off, word):
    lines = [("LINESTRING (0 0, 100 0)", {"code": "1"}), (f"LINESTRING (50 {off}, 50 80)", {"code": "2"})]
    found = scenes.findings(scenes.scene(lines=lines), "TP05")
    said = [f.text.zh for f in found if f.ids[0] == "2"]
    assert len(said) == 2 and [word in text for text in said if "悬空" not in text] == [True] * (
        word != "悬空"
    )


def test_the_nearer_of_two_lines_is_proposed(scenes):
    for order in (1, -1):
        lines = [
            ("LINESTRING (0 0, 100 0)", {"code": "1"}),
            ("LINESTRING (0 -0.06, 100 -0.06)", {"code": "2"}),
            ("LINESTRING (50 0.04, 50 80)", {"code": "3"}),
        ][::order]
        near = [
            f
            for f in scenes.findings(scenes.scene(lines=lines), "TP05")
            if f.ids[0] == "3" and len(f.ids) > 1
        ]
        assert [(f.ids, round(f.measure["distance_m"], 4)) for f in near] == [(("3", "1"), 0.04)]


def test_published_tripoint_outline_and_border_meet_an_end(scenes, networks):
    mine = networks.lines()[:1]
    assert len(scenes.findings(scenes.scene(lines=mine), "TP05")) == 2
    tripoint = scenes.published(tripoints=[((500, 500), {})], district=networks.district())
    assert not scenes.findings(scenes.scene(lines=mine, published=tripoint), "TP05")
    outlines = scenes.published(polygons=networks.polygons())
    assert not scenes.findings(scenes.scene(lines=mine, published=outlines), "TP05")


def test_the_own_two_outlines_do_not_hide_a_line_that_stops_short(scenes, networks):
    outlines = scenes.published(polygons=networks.polygons())
    short = networks.lines(ab_end=(500, 300))[:1]
    (found,) = scenes.findings(scenes.scene(lines=short, published=outlines), "TP05")
    assert found.severity is Severity.ERROR


def test_an_undemarcated_neighbour_makes_it_a_warning(scenes, networks):
    mine = networks.lines(middle=(510, 510))[:1]
    waiting = [
        (line, {**values, "state": LineState.UNDEMARCATED})
        for line, values in networks.lines(middle=(510, 510))[1:]
    ]
    around = scenes.published(lines=waiting, district=networks.district())
    (found,) = scenes.findings(scenes.scene(lines=mine, published=around), "TP05")
    assert found.severity is Severity.WARNING and "尚未勘定" in found.text.zh
    settled = [(line, {**values, "state": LineState.SETTLED}) for line, values in waiting]
    around = scenes.published(lines=settled, district=networks.district())
    assert not scenes.findings(scenes.scene(lines=mine, published=around), "TP05")


def test_generic_warns(scenes):
    scene = scenes.scene(lines=["LINESTRING (0 0, 100 0)"], profile=Profile.GENERIC)
    assert [f.severity for f in scenes.findings(scene, "TP05")] == [Severity.WARNING] * 2


def test_a_closed_line_has_no_end(scenes):
    assert not scenes.findings(scenes.scene(lines=["LINESTRING (0 0, 9 0, 9 9, 0 0)"]), "TP05")


@pytest.mark.parametrize("crs", [4544, 4524, 4490])
def test_another_zone_gives_the_same(scenes, networks, crs):
    clean = [*networks.lines(), *networks.border()]
    assert not scenes.findings(scenes.scene(lines=clean, crs=crs), "TP05", "TP06", "TP07", "TP08", "TP11")
    short = [*networks.lines(ab_end=(500, 480)), *networks.border()]
    assert len(scenes.findings(scenes.scene(lines=short[::-1], crs=crs), "TP05")) == 1


def test_without_a_border_nothing_tells_whether_an_end_is_on_it(scenes, networks):
    (line, values), *_ = networks.lines()
    found = scenes.findings(scenes.scene(lines=[(line, values)]), "TP05")
    assert [f.severity for f in found] == [Severity.WARNING] * 2 and "无法判断" in found[0].text.zh
    polygons = scenes.scene(lines=networks.lines(ab_end=(500, 300))[:1], polygons=networks.polygons())
    assert [f.severity for f in scenes.findings(polygons, "TP05")] == [Severity.ERROR]


def test_an_uploaded_county_line_is_the_border(scenes, networks):
    """It is one line along the district, not cut where townships meet it."""
    values = {"code": "500105-500112", "left": "500112", "right": "500105", "level": "县级"}
    county = (networks.district().exterior.normalize(), values)
    assert not scenes.findings(scenes.scene(lines=[*networks.lines(), county]), "TP05")
    short = [(networks.lines()[0][0], networks.lines()[0][1]), *networks.lines()[2:], county]
    cut = [(shapely.LineString([(500, 500), (500, 1)]), short[0][1]), *short[1:]]
    found = scenes.findings(scenes.scene(lines=cut), "TP05")
    assert [f.severity for f in found] == [Severity.ERROR]
    named = {**values, "level": None, "code": "500112101-500112102"}
    loose = scenes.scene(lines=[networks.lines()[0], (county[0], named)])
    assert any("没有断开" in f.text.zh for f in scenes.findings(loose, "TP05"))


def test_a_county_line_ends_on_the_border_in_force(scenes, networks):
    values = {"code": "500105-500112", "left": "500105", "right": "500112", "level": "县级"}
    stretch = shapely.LineString([(0, 0), (0, 500), (0, 1000)])
    around = scenes.published(district=networks.district())
    assert not scenes.findings(scenes.scene(lines=[(stretch, values)], published=around), "TP05")
