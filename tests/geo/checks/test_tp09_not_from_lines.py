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


def county_border(networks):
    """The district's border as county lines are named: by the county as a whole."""
    made = []
    for line, values in networks.border():
        sides = {s: "500112" if values[s].startswith("500112") else "500105" for s in ("left", "right")}
        made.append((line, {"code": "500105-500112", "level": "县级", **sides}))
    return made


@pytest.mark.parametrize(("move", "hits"), [(0.0, 0), (0.002, 1)])
def test_a_county_line_says_of_no_township_whose_ground_it_is(scenes, networks, move, hits):
    lines = [*networks.lines(), *county_border(networks)]
    found = scenes.findings(scenes.scene(lines=lines, polygons=with_corner(networks, move)), "TP09")
    assert [(f.severity, f.ids) for f in found] == [(Severity.ERROR, (networks.A,))] * hits


def enclave(networks):
    """A ring in C that is A's, with the polygons of both and its line."""
    ring = shapely.box(600, 700, 700, 800)
    (a, one), b, (c, three) = networks.polygons()
    line = (ring.exterior, {"code": f"{networks.AC}-2", "left": networks.A, "right": networks.C})
    return line, [(shapely.MultiPolygon([a, ring]), one), b, (shapely.difference(c, ring), three)]


def test_an_enclave_alone_is_not_the_unit(scenes, networks):
    """Its line is a ring, so it closes long before the lines around the unit itself do."""
    (line, values), polygons = enclave(networks)
    around = scenes.published(lines=[(line, {**values, "state": "settled"})], polygons=polygons)
    for mine in (polygons[:1], polygons):
        found = scenes.findings(scenes.scene(polygons=mine, published=around), "TP09")
        assert [f.severity for f in found] == [Severity.INFO] and "围合" in found[0].text.zh
    found = scenes.findings(scenes.scene(lines=[(line, values)], polygons=polygons), "TP09")
    assert [f.severity for f in found] == [Severity.INFO]


def test_a_unit_without_its_enclave_is_not_the_unit(scenes, networks):
    line, polygons = enclave(networks)
    lines = [*networks.lines(), *networks.border()]
    scene = scenes.scene(lines=lines, polygons=polygons, published=scenes.published(polygons=polygons))
    (found,) = scenes.findings(scene, "TP09")
    assert found.severity is Severity.INFO and set(found.ids) == {networks.A, networks.C}
    plain = scenes.published(polygons=networks.polygons())
    scene = scenes.scene(lines=lines, polygons=polygons, published=plain)
    assert [f.severity for f in scenes.findings(scene, "TP09")] == [Severity.ERROR] * 2
    scene = scenes.scene(lines=[*lines, line], polygons=polygons, published=plain)
    assert not scenes.findings(scene, "TP09")


def test_units_in_each_others_place_are_compared(scenes, networks):
    (a, one), (b, two), c = networks.polygons()
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()], polygons=[(a, two), (b, one), c])
    assert [f.severity for f in scenes.findings(scene, "TP09")] == [Severity.ERROR] * 2


def test_what_is_left_of_a_polygon_that_is_not_valid_is_not_compared(scenes, networks):
    (shape, values), *rest = networks.polygons()
    xy = list(shape.exterior.coords)
    xy[1], xy[2] = xy[2], xy[1]
    scene = scenes.scene(
        lines=[*networks.lines(), *networks.border()], polygons=[(shapely.Polygon(xy), values), *rest]
    )
    assert not shapely.Polygon(xy).is_valid and not scenes.findings(scene, "TP09")


@pytest.mark.parametrize(("move", "hits"), [(0.0, 0), (-2.0, 1)])
def test_ends_that_miss_each_other_by_little_do_not_hide_the_rest(scenes, networks, move, hits):
    """TP11 speaks of the place itself."""
    (shape, values), *rest = networks.polygons()
    moved = shapely.transform(shape, lambda c: c + ((c == (500.0, 250.0)).all(axis=1)[:, None] * (move, 0.0)))
    lines = [*networks.lines(ab_end=(500, 499.92)), *networks.border()]
    scene = scenes.scene(lines=lines, polygons=[(moved, values), *rest])
    assert [f.ids for f in scenes.findings(scene, "TP09")] == [(networks.A,)] * hits
