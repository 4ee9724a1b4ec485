"""TP02: ground that nobody claims, as polygons of any width."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.settings import tolerances
from geo.terms import Profile, Severity


def around(width, length=100.0):
    """Two units that close round a slit of this width in the middle."""
    slit = shapely.box(500 - width / 2, 500 - length / 2, 500 + width / 2, 500 + length / 2)
    west = shapely.box(0, 0, 500, 1000).difference(slit)
    east = shapely.box(500, 0, 1000, 1000).difference(slit)
    return [(west, {"code": "500112101"}), (east, {"code": "500112102"})]


@pytest.mark.parametrize(
    ("width", "word"),
    [
        (0.0004, "细缝"),
        (0.0008, "细缝"),
        (0.0012, "狭长缝隙"),
        (0.98, "狭长缝隙"),
        (1.02, "属于谁"),
        (80, "属于谁"),
    ],
)
def test_every_width_is_found_and_named(scenes, width, word):
    (found,) = scenes.findings(scenes.scene(polygons=around(width)), "TP02")
    assert found.severity is Severity.ERROR and word in found.text.zh
    assert abs(found.measure["width_m"] - width) < 0.02 * width + 2e-4
    assert found.ids == ("500112101", "500112102")
    assert found.geometry is not None and found.geometry.geom_type == "Polygon"


@pytest.mark.parametrize(("length", "hits"), [(0.004, 0), (0.006, 1)])
def test_less_than_a_square_millimetre_is_rounding(scenes, length, hits):
    assert len(scenes.findings(scenes.scene(polygons=around(0.0002, length)), "TP02")) == hits


@pytest.mark.parametrize(
    ("width", "severity"), [(0.0008, Severity.ERROR), (0.98, Severity.ERROR), (1.02, Severity.WARNING)]
)
def test_a_sliver_within_one_unit_was_not_drawn_as_a_hole(scenes, width, severity):
    slit = shapely.box(500, 450, 500 + width, 550)
    (found,) = scenes.findings(
        scenes.scene(polygons=[(scenes.square(0, 0).difference(slit), {"code": "500112101"})]), "TP02"
    )
    assert found.severity is severity


def test_of_many_neighbours_six_are_named(scenes):
    ring = [shapely.Point(0, 0).buffer(400, quad_segs=2), shapely.Point(0, 0).buffer(1000, quad_segs=2)]
    wedges = [
        shapely.Polygon([a.exterior.coords[i], b.exterior.coords[i], b.exterior.coords[i + 1], a.exterior.coords[i + 1]])
        for i in range(8) for a, b in [ring]
    ]  # fmt: skip
    for count, more in ((8, True), (6, False)):
        closed = [*wedges[: count - 1], shapely.union_all(wedges[count - 1 :])]
        made = [(shapely.set_precision(w, 0.01), {"code": f"50011210{i}"}) for i, w in enumerate(closed)]
        (found,) = scenes.findings(scenes.scene(polygons=made), "TP02")
        assert len(found.ids) == count and ("…" in found.text.zh) is more
        assert found.text.zh.count("50011210") == 6 and found.text.zh.count("、") == 5 + more


def test_no_gap_no_finding_and_an_open_bay_is_none(scenes):
    assert not scenes.findings(scenes.scene(polygons=around(0.00002)), "TP02")
    bay = shapely.box(490, 900, 510, 1001)
    open_ = [(shape.difference(bay), values) for shape, values in around(0)]
    assert not scenes.findings(scenes.scene(polygons=open_), "TP02")


def test_generic_warns(scenes):
    (found,) = scenes.findings(scenes.scene(polygons=around(3), profile=Profile.GENERIC), "TP02")
    assert found.severity is Severity.WARNING


@settings(max_examples=12, deadline=None)
@given(
    width=st.floats(0.0005, 40),
    smaller=st.floats(0.0005, 50),
    factor=st.floats(1, 100),
)
def test_once_found_found_at_every_larger_tolerance(scenes, width, smaller, factor):
    """docs/checks.md: `coverage_is_valid(gap_width=w)` is not monotonic."""
    for limit in (smaller, smaller * factor):
        scene = scenes.scene(polygons=around(width), tolerances=replace(tolerances(), sliver_gap_width=limit))
        assert len(scenes.findings(scene, "TP02")) == 1


def test_a_hole_of_one_unit_is_a_question_and_a_filled_one_is_none(scenes):
    outer = scenes.square(0, 0).difference(scenes.square(400, 400, 100))
    alone = [(outer, {"code": "500112101"})]
    (found,) = scenes.findings(scenes.scene(polygons=alone), "TP02")
    assert found.severity is Severity.WARNING
    (found,) = scenes.findings(scenes.scene(polygons=alone, profile=Profile.GENERIC), "TP02")
    assert found.severity is Severity.INFO
    filled = [*alone, (scenes.square(400, 400, 100), {"code": "500112102"})]
    assert not scenes.findings(scenes.scene(polygons=filled), "TP02")
    by_published = scenes.published(polygons=[(scenes.square(400, 400, 100), {"code": "500112102"})])
    assert not scenes.findings(scenes.scene(polygons=alone, published=by_published), "TP02")


def test_the_published_district_says_whether_a_hole_lacks(scenes):
    outer = scenes.square(0, 0).difference(scenes.square(400, 400, 100))
    alone = [(outer, {"code": "500112101"})]
    whole = scenes.published(district=scenes.square(0, 0))
    (found,) = scenes.findings(scenes.scene(polygons=alone, published=whole), "TP02")
    assert found.severity is Severity.ERROR
    pierced = scenes.published(district=outer)
    assert not scenes.findings(scenes.scene(polygons=alone, published=pierced), "TP02")


def test_open_inlets_only_where_all_units_are_there(scenes):
    mine = [(shapely.box(0, 0, 500, 1000), {"code": "500112101"})]
    theirs = [(shapely.box(500, 0, 1000, 990), {"code": "500112102"})]
    both = scenes.units(("500112101", "甲镇"), ("500112102", "乙镇"))
    around_ = scenes.published(polygons=theirs, district=scenes.square(0, 0))
    # The inlet lies along the published unit, and touches the uploaded one at its corner.
    (found,) = scenes.findings(scenes.scene(polygons=mine, published=around_, units=both), "TP02")
    assert abs(found.measure["area_m2"] - 5000) < 1e-2 and "区县界" in found.text.zh
    # A hole in the middle beside it is told once, as a hole.
    holed = [(mine[0][0].difference(scenes.square(100, 100, 50)), mine[0][1])]
    found = scenes.findings(scenes.scene(polygons=holed, published=around_, units=both), "TP02")
    assert sorted(round(f.measure["area_m2"]) for f in found) == [2500, 5000]
    more = scenes.units(("500112101", "甲镇"), ("500112102", "乙镇"), ("500112103", "丙镇"))
    assert not scenes.findings(scenes.scene(polygons=mine, published=around_, units=more), "TP02")


@pytest.mark.parametrize("size", [0.0005, 0.5, 100])
def test_a_gap_with_one_neighbour_lies_in_it(scenes, size):
    """There is nothing "between" one unit."""
    hole = shapely.box(400, 400, 400 + size, 500)
    polygons = [(scenes.square(0, 0).difference(hole), {"code": "500112101"})]
    around = scenes.published(district=scenes.square(-10, -10, 2000))
    found = scenes.findings(scenes.scene(polygons=polygons, published=around), "TP02")
    assert all("500112101 内部有" in f.text.zh and "between" not in f.text.en for f in found)
    assert found or size < 0.001
