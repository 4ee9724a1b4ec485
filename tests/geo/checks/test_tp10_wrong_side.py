"""TP10: left and right units against the polygons."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Profile, Severity


def ask(scenes, networks, change, **more):
    (line, values), *rest = networks.lines()
    changed = [(line, {**values, **change}), *rest]
    return scenes.findings(scenes.scene(lines=changed, polygons=networks.polygons(), **more), "TP10")


def test_right_sides_pass_and_either_direction_of_drawing(scenes, networks):
    assert not ask(scenes, networks, {})
    turned = [(line.reverse(), {**v, "left": v["right"], "right": v["left"]}) for line, v in networks.lines()]
    assert not scenes.findings(scenes.scene(lines=turned, polygons=networks.polygons()), "TP10")


def test_swapped_wrong_and_missing(scenes, networks):
    (found,) = ask(scenes, networks, {"left": networks.A, "right": networks.B})
    assert found.severity is Severity.ERROR and "写反" in found.text.zh
    (found,) = ask(scenes, networks, {"left": networks.C})
    assert networks.C in found.text.zh and networks.B in found.text.zh and "左侧" in found.text.zh
    (found,) = ask(scenes, networks, {"right": None})
    assert "没有写右侧" in found.text.zh and found.ids == (networks.AB,)


@pytest.mark.parametrize(("name", "hits"), [("500105101", 0), (None, 0), ("500112103", 1)])
def test_beyond_the_polygons_any_other_unit_may_lie(scenes, networks, name, hits):
    (line, values), *rest = networks.border()
    lines = [(line, {**values, "right": name}), *rest]
    scene = scenes.scene(lines=lines, polygons=networks.polygons())
    assert len(scenes.findings(scene, "TP10")) == hits


@pytest.mark.parametrize(("reach", "hits"), [(490, 0), (510, 1)])
def test_a_unit_lies_beside_a_line_along_most_of_it(scenes, networks, reach, hits):
    beside = [(shapely.box(0, 0, reach, 400), {"code": networks.A})]
    scene = scenes.scene(lines=["LINESTRING (0 0, 1000 0)"], polygons=beside)
    found = scenes.findings(scene, "TP10")
    assert len(found) == hits and all("没有写左侧" in f.text.zh for f in found)


def test_published_polygons_are_the_reference_without_own_ones(scenes, networks):
    around = scenes.published(polygons=networks.polygons())
    swapped = [(line, {**v, "left": v["right"], "right": v["left"]}) for line, v in networks.lines()[:1]]
    (found,) = scenes.findings(scenes.scene(lines=swapped, published=around), "TP10")
    assert found.severity is Severity.ERROR


def test_without_polygons_it_is_left_out_with_a_word(scenes, networks):
    (found,) = scenes.findings(scenes.scene(lines=networks.lines()), "TP10")
    assert found.severity is Severity.INFO and found.geometry is None
    assert not scenes.findings(scenes.scene(lines=networks.lines(), profile=Profile.GENERIC), "TP10")


def county_line(networks, left="500112", right="500105"):
    """All round the district, which lies on its left."""
    ring = networks.district().exterior
    values = {"code": "500105-500112", "left": left, "right": right, "level": "县级"}
    return shapely.orient_polygons(shapely.Polygon(ring)).exterior, values


def test_a_county_stands_for_its_townships(scenes, networks):
    for more in (
        {"polygons": networks.polygons()},
        {"published": scenes.published(polygons=networks.polygons())},
    ):
        assert not scenes.findings(scenes.scene(lines=[county_line(networks)], **more), "TP10")
        turned = scenes.scene(lines=[county_line(networks, "500105", "500112")], **more)
        (found,) = scenes.findings(turned, "TP10")
        assert found.severity is Severity.ERROR and "写反" in found.text.zh
    one = scenes.scene(lines=[county_line(networks)], polygons=networks.polygons()[:1])
    assert not scenes.findings(one, "TP10")


def test_a_code_of_no_unit_is_left_to_the_check_of_codes(scenes, networks):
    units = scenes.units(*((p["code"], p["name"]) for _, p in networks.polygons()))
    assert not ask(scenes, networks, {"left": "50011210"}, units=units)
    assert len(ask(scenes, networks, {"left": "50011210"})) == 1
    assert len(ask(scenes, networks, {"left": networks.C}, units=units)) == 1
