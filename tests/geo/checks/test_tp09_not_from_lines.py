"""TP09: uploaded polygons against what the lines close up to."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Profile, Severity


def with_corner(networks, move):
    """The polygon of A with its middle corner moved; the others as they are."""
    shapes = networks.polygons()
    moved = shapely.transform(
        shapes[0][0], lambda c: c + ((c == (500.0, 500.0)).all(axis=1)[:, None] * (move, 0.0))
    )
    return [(moved, shapes[0][1]), *shapes[1:]]


def test_polygons_made_of_the_lines_are_in_order(scenes, networks):
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()], polygons=networks.polygons())
    assert not scenes.findings(scene, "TP09", "TP10")


@pytest.mark.parametrize(("move", "hits"), [(0.00002, 0), (0.003, 1), (-2.0, 1)])
def test_a_moved_corner(scenes, networks, move, hits):
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()], polygons=with_corner(networks, move))
    found = [f for f in scenes.findings(scene, "TP09") if f.severity is Severity.ERROR]
    assert len(found) == hits
    if hits:
        assert found[0].ids == (networks.A,) and abs(found[0].measure["distance_m"] - abs(move)) < 0.1
        assert found[0].geometry is not None


def test_a_small_area_is_inside_but_a_far_vertex_is_not(scenes, networks):
    """0.01 m2 or 1 mm: each alone is enough."""
    lines = [*networks.lines(), *networks.border()]
    near = scenes.scene(lines=lines, polygons=with_corner(networks, 0.00099))
    far = scenes.scene(lines=lines, polygons=with_corner(networks, 0.0013))
    area = 250 * 0.00099 / 2
    assert area > 0.01 and len([f for f in scenes.findings(near, "TP09")]) == 1
    assert len(scenes.findings(far, "TP09")) == 1


@pytest.mark.parametrize(
    ("wide", "deep", "hits"),
    [
        (10, 0.0008, 0),  # 0.004 m2
        (20, 0.0009, 0),  # 0.009 m2
        (24, 0.0009, 1),  # 0.0108 m2 and under a millimetre
        (10, 0.0012, 1),  # 0.006 m2, but over a millimetre
    ],
)
def test_a_notch_inside_or_outside_either_limit(scenes, networks, wide, deep, hits):
    (shape, values), *rest = networks.polygons()
    notch = [(500, 250 - wide / 2), (500 - deep, 250), (500, 250 + wide / 2)]
    xy = list(shape.exterior.coords)
    at = xy.index((500.0, 250.0))
    mine = [(shapely.Polygon([*xy[:at], *notch, *xy[at + 1 :]]), values), *rest]
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()], polygons=mine)
    assert len(scenes.findings(scene, "TP09")) == hits


def test_open_lines_and_lines_that_disagree_are_an_information(scenes, networks):
    scene = scenes.scene(lines=networks.lines(), polygons=networks.polygons())
    (found,) = scenes.findings(scene, "TP09")
    assert found.severity is Severity.INFO and found.measure["count"] == 3
    swapped = [(line, {**v, "left": v["right"], "right": v["left"]}) for line, v in networks.lines()[:1]]
    scene = scenes.scene(
        lines=[*swapped, *networks.lines()[1:], *networks.border()], polygons=networks.polygons()
    )
    assert {f.severity for f in scenes.findings(scene, "TP09")} == {Severity.INFO}


def test_without_lines_it_is_left_out_with_a_word(scenes, networks):
    (found,) = scenes.findings(scenes.scene(polygons=networks.polygons()), "TP09")
    assert found.severity is Severity.INFO and "缺少" in found.text.zh
    assert not scenes.findings(scenes.scene(polygons=networks.polygons(), profile=Profile.GENERIC), "TP09")


def test_published_lines_close_what_is_left(scenes, networks):
    around = scenes.published(
        lines=[(line, {**v, "state": "settled"}) for line, v in [*networks.lines()[1:], *networks.border()]]
    )
    scene = scenes.scene(lines=networks.lines()[:1], polygons=networks.polygons(), published=around)
    assert not scenes.findings(scene, "TP09")
