"""GE13: narrow and small."""

from __future__ import annotations

import pytest
import shapely

from geo.terms import Severity


@pytest.mark.parametrize(
    ("width", "length", "hits"),
    [(0.99, 100, 1), (1.0, 90, 0), (0.5, 199, 1), (0.5, 200, 0), (0.9, 1.5, 1), (1.5, 2, 0)],
)
def test_width_and_area_both_count(scenes, width, length, hits):
    found = scenes.findings(
        scenes.scene(polygons=[(shapely.box(0, 0, length, width), {"code": "A"})]), "GE13"
    )
    assert [f.severity for f in found] == [Severity.WARNING] * hits
    if hits:
        assert abs(found[0].measure["width_m"] - min(width, length)) < 0.02 * width


@pytest.mark.parametrize(("length", "code"), [(3.3, "GE06"), (3.4, "GE13")])
def test_a_whole_record_under_a_square_metre_is_no_sliver(scenes, length, code):
    """0.99 m² is no polygon (GE06), 1.02 m² is one, and a sliver; of several parts likewise."""
    strip = shapely.box(0, 0, length, 0.3)
    half = shapely.MultiPolygon([shapely.box(0, 0, length / 2, 0.3), shapely.box(9, 0, 9 + length / 2, 0.3)])
    for shape in (strip, half):
        found = scenes.findings(scenes.scene(polygons=[(shape, {"code": "A"})]), "GE06", "GE13")
        assert {f.code for f in found} == {code}
