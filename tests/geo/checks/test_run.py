"""Running all rules: found by itself, in a safe order, and nothing swallowed."""

from __future__ import annotations

from dataclasses import replace

import pyproj
import pytest

from geo.checks.catalogue import CHECKS
from geo.checks.needs import needs
from geo.checks.run import GATE, discover, ordered, run
from geo.findings import Hit, Rule, verdict
from geo.inspection import Surroundings, said_once, scenes_of
from geo.terms import Profile, Role, Severity, Verdict
from geo.text import Text

SAID = Text("甲", "a")


def rule(check, code="XX01", generic=Severity.WARNING):
    return Rule(code, Severity.ERROR, generic, SAID, SAID, "", check)


def test_every_check_of_the_catalogue_is_found_with_its_severities():
    found = {r.code: r for r in discover()}
    for code in [f"GE{n:02d}" for n in range(1, 15)] + [f"TP{n:02d}" for n in range(1, 17)]:
        assert found[code].check is not None, code
        assert found[code].source and found[code].message.en and found[code].remedy.zh
        for tool in ("ArcGIS", "QGIS", "CASS"):
            assert tool in found[code].remedy.zh and tool in found[code].remedy.en, code
    error = Severity.ERROR
    assert {c for c in found if c[:2] == "GE" and found[c].severity is error} == {
        "GE01", "GE02", "GE06", "GE07", "GE08", "GE09", "GE10"
    }  # fmt: skip
    assert {c for c in found if c[:2] == "TP" and found[c].severity is not error} == {"TP14", "TP16"}
    for code in found:
        if code[:2] == "TP":
            off = code in ("TP09", "TP10", "TP12", "TP13", "TP15", "TP16")
            assert found[code].generic is (None if off else Severity.WARNING), code


def test_the_gate_comes_first():
    codes = [r.code for r in ordered(CHECKS)]
    assert tuple(codes[: len(GATE)]) == GATE


def test_a_clean_district_has_no_error_and_says_what_was_left_out(scenes, networks):
    scene = scenes.scene(lines=[*networks.lines(), *networks.border()], polygons=networks.polygons())
    found = [f for f in run(scene, strict=True) if f.code[:2] in ("GE", "TP")]
    assert verdict(f for f in found if f.code != "TP16") is Verdict.ACCEPT
    left_out = {f.code for f in found if f.severity is Severity.INFO}
    assert {"TP12", "TP13", "TP15"} <= left_out


def test_findings_come_in_the_contract_order(scenes):
    rows = [(scenes.square(i * 990, 0), {"code": f"50011210{i}"}) for i in range(4)]
    found = run(scenes.scene(polygons=rows[::-1]), strict=True)
    assert found == sorted(found, key=lambda f: f.order)


def test_a_check_that_fails_blocks_without_taking_the_others_along(scenes):
    def fails(scene):
        yield Hit(says=("x",))
        raise ValueError("wrong")

    def works(scene):
        yield Hit(says=("y",))

    scene = scenes.scene(polygons=[scenes.square(0, 0)])
    found = run(scene, rules=[rule(fails), rule(works, "XX02")])
    assert [(f.code, f.severity) for f in found] == [("XX01", Severity.ERROR)] * 2 + [
        ("XX02", Severity.ERROR)
    ]
    assert any("没有完成" in f.text.zh and "XX01" in f.remedy.zh for f in found)
    generic = scenes.scene(polygons=[scenes.square(0, 0)], profile=Profile.GENERIC)
    assert {f.severity for f in run(generic, rules=[rule(fails)])} == {Severity.WARNING}
    with pytest.raises(ValueError, match="wrong"):
        run(scene, rules=[rule(fails)], strict=True)


def test_running_out_of_memory_is_never_a_finding(scenes):
    def hungry(scene):
        raise MemoryError
        yield

    with pytest.raises(MemoryError):
        run(scenes.scene(polygons=[scenes.square(0, 0)]), rules=[rule(hungry)])


def test_needs_says_what_is_absent_only_in_township_and_only_for_its_roles(scenes):
    @needs("published", of=(Role.LINES,))
    def check(scene):
        yield Hit(says=("ran",))

    lines = ["LINESTRING (0 0, 90 0)"]
    (found,) = run(scenes.scene(lines=lines), rules=[rule(check)])
    assert found.severity is Severity.INFO and "已公布" in found.text.zh
    assert found.text.en == "Not checked for want of published lines and units"
    assert not run(scenes.scene(polygons=[scenes.square(0, 0)]), rules=[rule(check)])
    assert not run(scenes.scene(lines=lines, profile=Profile.GENERIC), rules=[rule(check)])
    around = scenes.published()
    (found,) = run(scenes.scene(lines=lines, published=around), rules=[rule(check)])
    assert found.severity is Severity.ERROR


def test_a_rule_that_is_off_in_a_profile_does_not_run(scenes):
    def check(scene):
        raise AssertionError("ran")
        yield

    scene = scenes.scene(polygons=[scenes.square(0, 0)], profile=Profile.GENERIC)
    assert run(scene, rules=[rule(check, generic=None)], strict=True) == []


@pytest.mark.parametrize("system", [2381, 4610, None])
def test_layers_of_one_system_without_a_way_to_the_zone_are_checked_together(scenes, networks, system):
    """Nothing that the file holds is called absent, and what is left out is said once."""
    made = []
    for role, features in ((Role.LINES, networks.lines()), (Role.POLYGONS, networks.polygons())):
        layer = scenes.layer(role, features, crs=4490 if system == 4610 else 4545)
        crs = None if system is None else pyproj.CRS.from_epsg(system)
        made.append(replace(layer, crs=replace(layer.crs, crs=crs, authorised=False)))
    around = Surroundings(scenes.district())
    (scene,) = scenes_of(tuple(made), Profile.TOWNSHIP, around)
    assert (len(scene.lines), len(scene.polygons)) == (3, 3) and scene.published is None
    assert not [f for f in scenes.findings(scene, "TP10", "AT04") if f.severity is Severity.INFO]
    other = replace(made[1].crs, crs=pyproj.CRS.from_epsg(2382))
    apart = scenes_of((made[0], replace(made[1], crs=other)), Profile.TOWNSHIP, around)
    assert len(apart) == 2
    said = said_once([f for scene in apart for f in scenes.findings(scene, "TP13")])
    assert [f.code for f in said] == ["TP13"]
    assert len(scenes_of(tuple(made), Profile.GENERIC, around)) == 2
