"""GE14: how many decimals a layer is written with, in metres' terms."""

from __future__ import annotations

import pytest

from geo.terms import Profile, Role, Severity


@pytest.mark.parametrize(
    ("crs", "xy", "has"),
    [
        (4545, [(370000.12, 3300000.5), (370100.25, 3300100.0)], 2),
        (4545, [(370000.123, 3300000.5), (370100.25, 3300100.0)], None),
        (4545, [(370000.0, 3300000.0), (370100.0, 3300100.0)], 0),
        (4490, [(106.5123456, 29.7), (106.6, 29.8)], 7),
        (4490, [(106.51234567, 29.7), (106.6, 29.8)], None),
    ],
)
def test_the_most_decimals_of_any_coordinate_count(scenes, crs, xy, has):
    made = scenes.layer(
        Role.LINES, [f"LINESTRING ({xy[0][0]} {xy[0][1]}, {xy[1][0]} {xy[1][1]})"], crs=crs, moved=False
    )
    found = scenes.findings(scenes.scene(layers=[made]), "GE14")
    assert [f.measure["count"] for f in found] == ([] if has is None else [has])
    assert all(f.severity is Severity.INFO for f in found)


@pytest.mark.parametrize(
    ("xy", "has"),
    [
        ((106.5123456, 29.7), 7),
        ((106.51234567, 29.7), None),
        ((359.1234567, 0.0), 7),
        ((361.123, 0.0), None),
        ((361.12, 0.0), 2),
    ],
)
def test_an_unknown_system_is_one_of_degrees_where_the_numbers_can_be(scenes, xy, has):
    made = scenes.layer(Role.MARKERS, [(xy, {"number": "1"})], crs=None, moved=False)
    found = scenes.findings(scenes.scene(layers=[made], profile=Profile.GENERIC), "GE14")
    assert [f.measure["count"] for f in found] == ([] if has is None else [has])


def test_one_exact_vertex_far_down_the_layer_is_enough(scenes):
    rows = [((370000.0 + i, 3300000.0), {"number": str(i)}) for i in range(60)]
    rounded = scenes.layer(Role.MARKERS, rows, moved=False)
    assert len(scenes.findings(scenes.scene(layers=[rounded]), "GE14")) == 1
    exact = scenes.layer(Role.MARKERS, [*rows, ((370000.123, 3300000.0), {"number": "60"})], moved=False)
    assert not scenes.findings(scenes.scene(layers=[exact]), "GE14")
