"""GE08: what a role can hold."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Role, Severity

POINT, LINE, AREA = "POINT (0 0)", "LINESTRING (0 0, 50 50)", "POLYGON ((0 0, 50 0, 50 50, 0 0))"
BUNCH = "MULTIPOINT (0 0, 5 5)"
MIXED = f"GEOMETRYCOLLECTION ({POINT}, {LINE})"


@pytest.mark.parametrize(
    ("role", "wkt", "hits"),
    [
        (Role.LINES, LINE, 0),
        (Role.LINES, "MULTILINESTRING ((0 0, 9 9), (20 20, 30 30))", 0),
        (Role.LINES, AREA, 1),
        (Role.LINES, POINT, 1),
        (Role.MARKERS, POINT, 0),
        (Role.MARKERS, "MULTIPOINT (0 0)", 1),
        (Role.MARKERS, BUNCH, 1),
        (Role.TRIPOINTS, LINE, 1),
        (Role.POLYGONS, AREA, 0),
        (Role.POLYGONS, LINE, 1),
        (Role.POLYGONS, MIXED, 1),
        (None, MIXED, 1),
        (None, BUNCH, 0),
    ],
)
def test_types_by_role(scenes, role, wkt, hits):
    found = scenes.findings(scenes.scene(layers=[scenes.layer(role, [wkt], name="x")]), "GE08")
    assert [f.severity for f in found] == [Severity.ERROR] * hits
    if hits:
        assert found[0].geometry is not None and found[0].features == (0,)


@pytest.mark.parametrize(
    "kind", ["MultiPatch", "CurvePolygon", "CompoundCurve", "TIN Z", "PolyhedralSurface"]
)
def test_types_that_are_not_straight_are_named_once_a_layer(scenes, kind):
    made = scenes.layer(Role.POLYGONS, [AREA, AREA], geometry_type=kind)
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE08")
    assert kind in found.text.zh


def test_a_mixed_layer_names_what_is_not_like_the_most(scenes):
    made = scenes.layer(None, [AREA, AREA, LINE], name="mixed")
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE08")
    assert found.features == (2,)


def test_a_wrong_type_never_reaches_the_frames(scenes):
    made = scenes.layer(Role.POLYGONS, [AREA, LINE, MIXED])
    scene = scenes.scene(layers=[made])
    assert len(scene.polygons) == 1 and scene.polygons.geometry.iloc[0].equals(
        scenes.there(shapely.from_wkt(AREA))
    )


@pytest.mark.parametrize("few", [POINT, LINE])
def test_a_mixed_layer_names_points_and_lines_alike(scenes, few):
    made = scenes.layer(None, [AREA, few, AREA, None], name="mixed")
    (found,) = scenes.findings(scenes.scene(layers=[made]), "GE08")
    assert found.features == (1,)
