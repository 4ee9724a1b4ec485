"""TP11: three lines, one point."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import LineState, Profile, Severity


@pytest.mark.parametrize(("off", "hits"), [(0.0, 0), (0.0009, 0), (0.0012, 1), (0.149, 1), (0.152, 0)])
def test_ends_apart(scenes, networks, off, hits):
    lines = [*networks.lines(ab_end=(500, 500 - off)), *networks.border()]
    found = scenes.findings(scenes.scene(lines=lines), "TP11")
    assert len([f for f in found if f.severity is Severity.ERROR]) == hits
    assert len(found) == (1 if off > 0.001 else 0)
    if hits:
        assert set(found[0].ids) == {networks.AB, networks.AC, networks.BC}
        assert (
            abs(found[0].measure["distance_m"] - off) < 1e-6 and found[0].geometry.geom_type == "MultiPoint"
        )
    # Farther apart than a snap may bridge it is a dangle.
    dangles = scenes.findings(scenes.scene(lines=lines), "TP05")
    errors = [f for f in dangles if f.severity is Severity.ERROR]
    assert len(errors) == (1 if off > 0.15 else 0)


def test_a_tripoint_beside_the_ends(scenes, networks):
    for off, hits in ((0.0005, 0), (0.05, 1), (0.2, 0)):
        points = [((500 + off, 500), {"number": "T1"})]
        scene = scenes.scene(lines=[*networks.lines(), *networks.border()], tripoints=points)
        assert len(scenes.findings(scene, "TP11")) == hits


def test_one_end_beside_a_tripoint_is_said_as_one(scenes, networks):
    mine = [(shapely.LineString([(0, 0), (500, 499.95)]), {"code": networks.AB})]
    points = [((500, 500), {"number": "T1"})]
    (found,) = scenes.findings(scenes.scene(lines=mine, tripoints=points), "TP11")
    assert found.text.zh == f"{networks.AB} 的端点没有落在三交点上，相距 0.0500 米"
    assert found.text.en.startswith(f"The end of {networks.AB} is 0.0500 m") and "1 ends" not in found.text.en


def test_two_lines_between_three_units_want_the_third(scenes, networks):
    mine = [networks.lines()[0], networks.lines()[2]]
    (found,) = scenes.findings(scenes.scene(lines=mine), "TP11")
    assert found.severity is Severity.WARNING and "第三条" in found.text.zh
    waiting = [(line, {**v, "state": LineState.UNDEMARCATED}) for line, v in networks.lines()[1:2]]
    scene = scenes.scene(lines=mine, published=scenes.published(lines=waiting))
    assert [f.severity for f in scenes.findings(scene, "TP11")] == [Severity.WARNING]
    elsewhere = [(line, {**v, "state": "settled"}) for line, v in networks.lines(middle=(400, 600))[1:2]]
    scene = scenes.scene(lines=mine, published=scenes.published(lines=elsewhere))
    assert [f.severity for f in scenes.findings(scene, "TP11")] == [Severity.ERROR]
    there = [(line, {**v, "state": "settled"}) for line, v in networks.lines()[1:2]]
    scene = scenes.scene(lines=mine, published=scenes.published(lines=there))
    assert not scenes.findings(scene, "TP11")
    known = scenes.published(tripoints=[((500, 500), {})])
    assert not scenes.findings(scenes.scene(lines=mine, published=known), "TP11")


def test_lines_whose_units_are_not_known_want_no_third(scenes, networks):
    (one, values), (other, others) = networks.lines()[0], networks.lines()[2]
    mine = [(one, values), (other, others | {"left": None})]
    assert not scenes.findings(scenes.scene(lines=mine), "TP11")


def test_generic_warns(scenes):
    lines = ["LINESTRING (0 0, 100 0)", "LINESTRING (100.05 0, 200 0)", "LINESTRING (100 0.05, 100 90)"]
    (found,) = scenes.findings(scenes.scene(lines=lines, profile=Profile.GENERIC), "TP11")
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("known", [True, False])
def test_where_three_counties_meet_the_third_line_is_not_the_districts(scenes, known):
    def county(xy, other):
        values = {"code": f"500112-{other}", "left": "500112", "right": other, "level": "县级"}
        return shapely.LineString(xy), values

    mine = county([(0, 0), (0, 500)], "500109")
    line, values = county([(0, 500), (0, 1000)], "500117")
    lines = [mine] if known else [mine, (line, values)]
    around = scenes.published(lines=[(line, {**values, "state": "settled"})]) if known else None
    assert not scenes.findings(scenes.scene(lines=lines, published=around), "TP11")
