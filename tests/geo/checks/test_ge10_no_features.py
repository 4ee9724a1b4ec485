"""GE10: a layer with nothing in it."""

from __future__ import annotations

from dataclasses import replace

from geo.terms import Profile, Role, Severity


def test_empty_layers_are_errors_in_both_profiles(scenes):
    for profile in Profile:
        scene = scenes.scene(layers=[scenes.layer(Role.LINES, [])], profile=profile)
        (found,) = scenes.findings(scene, "GE10")
        assert found.severity is Severity.ERROR and found.layer == "lines"


def test_all_deleted_says_so(scenes):
    made = replace(scenes.layer(Role.LINES, []), features=3, deleted=(0, 1, 2))
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE10")
    assert "删除" in found.text.zh and found.measure["count"] == 3


def test_one_feature_is_enough(scenes):
    assert not scenes.findings(scenes.scene(lines=["LINESTRING (0 0, 9 0)"]), "GE10")
