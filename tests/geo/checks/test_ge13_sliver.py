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
