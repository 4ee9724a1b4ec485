"""GE03: heights and measures by an explicit rule."""

from __future__ import annotations

import numpy as np

from geo.terms import Profile, Role, Severity

POINTS = [((0, 0, 100.0), {"number": "1"}), ((5, 5, 1600.0), {"number": "2"})]
OUT = [((0, 0, 99.99), {"number": "1"}), ((5, 5, 1600.01), {"number": "2"}), ((9, 9, 400.0), {"number": "3"})]


def test_heights_within_the_relief_are_kept_without_a_word(scenes):
    assert not scenes.findings(scenes.scene(markers=POINTS), "GE03")


def test_heights_outside_are_named_one_by_one(scenes):
    found = scenes.findings(scenes.scene(markers=OUT), "GE03")
    assert [f.ids for f in found] == [("1",), ("2",)]
    assert all(f.severity is Severity.WARNING and f.geometry is not None for f in found)


def test_generic_counts_them_a_layer(scenes):
    (found,) = scenes.findings(scenes.scene(markers=OUT, profile=Profile.GENERIC), "GE03")
    assert found.measure["count"] == 2


def test_lines_drop_z_and_anything_drops_m(scenes):
    line = scenes.layer(Role.LINES, [("LINESTRING (0 0, 500 0)", {"code": "L", "z": 5.0})])
    (found,) = scenes.findings(scenes.scene(layers=[line]), "GE03")
    assert "Z" in found.text.zh and found.layer == "lines"
    measured = scenes.layer(Role.MARKERS, [((0, 0), {"number": "1"})], has_m=True)
    (found,) = scenes.findings(scenes.scene(layers=[measured]), "GE03")
    assert "M" in found.text.en
    flat = scenes.layer(Role.LINES, [("LINESTRING (0 0, 500 0)", {"code": "L"})])
    assert flat.z is None and not scenes.findings(scenes.scene(layers=[flat]), "GE03")


def test_a_marker_without_height_is_no_marker_at_zero(scenes):
    made = scenes.layer(Role.MARKERS, OUT)
    made.z[:] = np.nan
    assert not scenes.findings(scenes.scene(layers=[made]), "GE03")
